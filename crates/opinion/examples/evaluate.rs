//! Prints how well each method predicts hidden responses, how stable its groups are, and who was asked what.
//!
//! `cargo run --release -p opinion --example evaluate -- FOLDER…`: folders as Polis exports them, or a
//! folder of such folders. Log-loss, calibration error and accuracy as in [`opinion::evaluate`].

use opinion::evaluate::{self, Pair, Score};
use opinion::export::{Conversation, Files, read};
use opinion::{Flags, Map, Responses, classic, map};
use std::path::{Path, PathBuf};

type Predictor = fn(&Responses, &[Pair]) -> Vec<f64>;

const PREDICTORS: [(&str, Predictor); 4] = [
    ("means", evaluate::statement_means),
    ("classic groups", evaluate::classic_groups),
    ("classic 2-D", evaluate::classic_positions),
    ("map", opinion::predict),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut folders = Vec::new();
    for argument in std::env::args().skip(1).map(PathBuf::from) {
        let mut inside: Vec<PathBuf> =
            std::fs::read_dir(&argument)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
        inside.retain(|path| path.is_dir());
        inside.sort();
        folders.extend(if inside.is_empty() { vec![argument] } else { inside });
    }
    let mut sums = [Score::default(); PREDICTORS.len()];
    println!("conversation: log-loss / calibration / accuracy of each predictor");
    for folder in &folders {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let conversation = conversation(folder)?;
        let (responses, flags) = (conversation.responses(), conversation.flags());
        println!("{name}: {} participants, {} responses", responses.participants().len(), responses.len());
        for ((label, predictor), sum) in PREDICTORS.iter().zip(&mut sums) {
            let score = evaluate::judge(&responses, &flags, predictor);
            println!("  {label:14} {}", figures(score));
            sum.log_loss += score.log_loss / folders.len() as f64;
            sum.calibration += score.calibration / folders.len() as f64;
            sum.accuracy += score.accuracy / folders.len() as f64;
        }
        for (label, method) in [("classic", classic::map as fn(&Responses, &Flags) -> Map), ("map", map::map)]
        {
            let found = method(&responses, &flags);
            let sizes: Vec<u32> = found.groups.iter().map(|group| group.size).collect();
            let stability = evaluate::stability(&responses, |responses| {
                let map = method(responses, &flags);
                map.participants.iter().map(|participant| (participant.number, participant.group)).collect()
            });
            println!("  {label:14} groups {sizes:?}, stability {stability:.3}");
            for choice in found.findings.iter().flat_map(|findings| &findings.choice) {
                println!(
                    "    {} groups: gain {:.3} ± {:.3}, stability {:.3}, clear {:.2}, smallest {}{}",
                    choice.groups,
                    choice.gain,
                    choice.error,
                    choice.stability,
                    choice.clear,
                    choice.smallest,
                    if choice.holds { ", holds" } else { "" }
                );
            }
            if let Some(findings) = &found.findings {
                println!(
                    "    common ground {}, differences {}, dissent {}, slate {:?} {:?} {:?}, flagged {}, without {:?}",
                    findings.common_ground.len(),
                    findings.differences.len(),
                    findings.dissent.len(),
                    findings.slate.statements,
                    findings.slate.all,
                    findings.slate.groups,
                    findings.care.len(),
                    findings.without_flagged.as_ref().map(|without| (without.groups, without.agreement)),
                );
            }
        }
        let exposure = evaluate::exposure(&responses, &flags);
        println!(
            "  exposure       {:.0} % of {} statements under 20 responses, middle {}, age and responses {:.2}",
            100.0 * exposure.under_20,
            exposure.statements,
            exposure.median,
            exposure.age_correlation
        );
    }
    println!("mean of {}", folders.len());
    for ((label, _), sum) in PREDICTORS.iter().zip(sums) {
        println!("  {label:14} {}", figures(sum));
    }
    Ok(())
}

fn figures(score: Score) -> String {
    format!("{:.4} / {:.4} / {:.1} %", score.log_loss, score.calibration, 100.0 * score.accuracy)
}

fn conversation(folder: &Path) -> Result<Conversation, Box<dyn std::error::Error>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        files.push((name, std::fs::read(&path)?));
    }
    Ok(read(&files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect::<Files<'_>>())?)
}
