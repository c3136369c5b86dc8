//! What is written down when a server signs a head that does not continue the copy's: enough for anybody
//! to see it for themselves, without this program.

use super::files::Folder;
use crate::check::thousands;
use crate::fail::Failed;
use record::Hash;
use record::checkpoint::SignedCheckpoint;

/// Two heads signed by one key that are not heads of one growing record.
#[derive(Debug)]
pub struct Evidence {
    /// What does not fit.
    pub kind: Kind,
    /// The head of the copy.
    pub ours: SignedCheckpoint,
    /// The head that the server gave.
    pub theirs: SignedCheckpoint,
    /// For a longer head: the proof that its own tree gives from the copy's size to its own. It leads to
    /// that head and not to the copy's.
    pub proof: Vec<Hash>,
}

/// How a head fails to continue another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Another past: the same entries cannot lead to both heads.
    Fork,
    /// The same past, but fewer entries than were shown before.
    Shrunken,
}

impl Evidence {
    /// What was seen and what it means.
    pub fn sentence(&self) -> String {
        let (ours, theirs) = (self.ours.checkpoint(), self.theirs.checkpoint());
        let (had, has) = (thousands(ours.size()), thousands(theirs.size()));
        match self.kind {
            Kind::Fork => format!(
                "The server signed two records that part: one with {had} entries, which this copy holds, and now one \
                 with {has} entries that does not continue it. Entries were changed after they were published, or \
                 different people are shown different records. Nothing was taken over; the copy is as it was. Show \
                 the evidence to others who have a copy, and to the assembly."
            ),
            Kind::Shrunken => format!(
                "The record has become shorter: the server signed {had} entries before and shows {has} now. Either it \
                 was put back to an older state (an old backup), or what people did since was taken out. Nothing was \
                 taken over; the copy keeps all {had} entries. Show the evidence to the assembly before anybody acts on \
                 that server again."
            ),
        }
    }

    /// Writes both heads and the failing proof into the folder; answers where. The same evidence twice is
    /// one folder.
    ///
    /// # Errors
    ///
    /// A sentence, if it cannot be written.
    pub fn keep(&self, folder: &Folder) -> Result<String, Failed> {
        let (ours, theirs) = (self.ours.checkpoint(), self.theirs.checkpoint());
        let mark: String = theirs.root().0.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        let name = format!("evidence/{}-{}-{mark}", ours.size(), theirs.size());
        folder.write_now(&format!("{name}/remembered.checkpoint"), self.ours.to_string().as_bytes())?;
        folder.write_now(&format!("{name}/served.checkpoint"), self.theirs.to_string().as_bytes())?;
        folder.write_now(&format!("{name}/what-this-means.txt"), self.explained().as_bytes())?;
        Ok(folder.root().join(name).display().to_string())
    }

    fn explained(&self) -> String {
        let (ours, theirs) = (self.ours.checkpoint(), self.theirs.checkpoint());
        let why = match self.kind {
            Kind::Shrunken => format!(
                "The first {} entries of the copy lead to the root in served.checkpoint; the entries after them are \
                 missing in it.",
                theirs.size()
            ),
            Kind::Fork if theirs.size() == ours.size() => {
                "Both heads have the same size and different roots.".into()
            }
            Kind::Fork if theirs.size() < ours.size() => format!(
                "The first {} entries of the copy do not lead to the root in served.checkpoint.",
                theirs.size()
            ),
            Kind::Fork => {
                let lines: String = self.proof.iter().map(|hash| format!("{hash}\n")).collect();
                format!(
                    "The consistency proof (RFC 6962, 2.1.2) from {} to {} entries that the server's own tree gives \
                     does not lead to the root in remembered.checkpoint:\n\n{lines}",
                    ours.size(),
                    theirs.size()
                )
            }
        };
        format!(
            "{}\n\nremembered.checkpoint is the head that this copy was checked against, served.checkpoint the one that \
             the server gave later. Both carry the signature of {}.\n\n{why}\n",
            self.sentence(),
            ours.origin()
        )
    }
}
