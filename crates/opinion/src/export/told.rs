//! How files were read, in sentences.

use super::{Report, Times};
use crate::report::counted;

impl Report {
    /// Dialect, sign and unit of times in a line: `Polis export, +1 is agree, times in milliseconds`.
    pub fn format(&self) -> String {
        let dialect = serde_json::to_value(self.dialect).ok();
        let dialect = dialect.as_ref().and_then(|dialect| dialect.as_str()).unwrap_or("files");
        let assumed = if self.sign_assumed { " (assumed)" } else { "" };
        let times = match self.times {
            Times::Milliseconds => "times in milliseconds",
            Times::Seconds => "times in seconds",
            Times::Unknown => "no times",
        };
        format!("{dialect}, {:+} is agree{assumed}, {times}", self.agree_is)
    }

    /// Everything that was found out, repaired and counted, as sentences.
    pub fn sentences(&self) -> Vec<String> {
        let mut all = vec![format!("Read as: {}. {}", self.format(), self.sign_because)];
        let mut add = |holds: bool, sentence: String| all.extend(holds.then_some(sentence));
        let were = |count: usize| if count == 1 { "was" } else { "were" };
        let have = |count: usize| if count == 1 { "has" } else { "have" };
        add(
            self.replaced > 0,
            format!(
                "{} {} replaced by a later one of the same participant to the same statement ({} changed); the latest counts.",
                counted(self.replaced, "response"),
                were(self.replaced),
                self.changed
            ),
        );
        let rejected = self.rejected_with_responses;
        add(
            rejected > 0,
            format!(
                "{} {} {}; they stay out of the opinion map.",
                counted(rejected, "rejected statement"),
                have(rejected),
                counted(self.responses_to_rejected, "response")
            ),
        );
        let silent = self.without_responses;
        add(silent > 0, format!("{} {} no response.", counted(silent, "statement"), have(silent)));
        add(
            self.repaired > 0,
            format!(
                "{} written without quotes {} put together again.",
                counted(self.repaired, "row"),
                were(self.repaired)
            ),
        );
        all.extend(self.notes.iter().cloned());
        all
    }
}

#[cfg(test)]
mod tests {
    use crate::export::{Files, read};

    #[test]
    fn everything_that_was_found_out_is_told() {
        let votes =
            "timestamp,comment-id,voter-id,vote\n1730000000,1,1,1\n1730000001,1,1,-1\n1730000002,2,1,1\n";
        let files =
            |comments| Files::new().with("votes.csv", votes.as_bytes()).with("comments.csv", comments);
        let comments = b"timestamp,comment-id,author-id,agrees,disagrees,moderated,comment-body\n\
            1730000000,1,5,0,0,-1,one, two\n1730000000,2,5,0,0,1,x\n1730000000,3,5,0,0,1,x\n";
        let told = read(&files(comments)).unwrap().report.sentences();
        let expected = [
            "Read as: Polis report export, -1 is agree (assumed), times in seconds. Assumed: the exporter that leaves out quotes writes -1 for agree, and the data cannot decide.",
            "1 response was replaced by a later one of the same participant to the same statement (1 changed); the latest counts.",
            "1 rejected statement has 2 responses; they stay out of the opinion map.",
            "1 statement has no response.",
            "1 row written without quotes was put together again.",
        ];
        assert_eq!(told, expected);
    }
}
