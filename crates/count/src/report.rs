//! Everything the command `veche count` needs: arguments that were parsed and files that were read go in, texts
//! come out. The command itself only reads, writes and prints.

use crate::counting::{count, difference};
use crate::election::{Election, Form};
use crate::files::{Repair, read};
use crate::html;
use crate::lot::Lot;
use crate::margin::{Margin, margin};
use crate::outcome::{By, Outcome, Refusal};
use crate::picture::{apart, harmless, quotes_apart};
use crate::rule::Rule;
use crate::sentence::{Sentence, Words, say};
use crate::way::{WayStep, way};
use crate::what_if::{Alternative, Survival, survival, what_if};
use serde::Serialize;
use std::fmt::Write;

/// Times votes are drawn again for the survival of winners.
pub const SAMPLES: u32 = 1_000;

/// Marks read in all samples together; above it fewer samples are drawn, and the report says how many.
const MOST_SAMPLE_WORK: u64 = 4_000_000_000;

/// What was asked for on the command line.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// `--rule`: a name of the catalogue or a rule as JSON. None: the rule the file names, else the usual one.
    pub rule: Option<String>,
    /// `--seats`: how many are elected. None: what the file says.
    pub seats: Option<u32>,
    /// `--lot`: options by their numbers on the ballot from 1, most favoured first, separated by commas.
    pub lot: Option<String>,
    /// `--what-if`: other rules, resampling and the margin.
    pub what_if: bool,
    /// `--vote`: follow the vote with this number, counted from 1 in the order of the file.
    pub vote: Option<usize>,
}

/// A counted file with everything that is said about it.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// What was counted.
    pub title: String,
    /// Name of the rule.
    pub rule_name: String,
    /// Names of the options, in the order of the ballot.
    pub options: Vec<String>,
    /// The result.
    pub outcome: Outcome,
    /// `outcome.explanation` in words.
    pub explanation: Vec<String>,
    /// How to count by hand.
    pub recipe: String,
    /// A lot had to decide, but none was given: the order of the ballot stood for it.
    pub no_lot: bool,
    /// What was put right in the file.
    pub repairs: Vec<Repair>,
    /// Winners the file publishes, if it does, and whether these are the same.
    pub published: Option<Published>,
    /// How close it was; only if asked for.
    pub margin: Option<Margin>,
    /// Results under other rules; only if asked for.
    pub what_if: Vec<Alternative>,
    /// Results when votes are drawn again; only if asked for.
    pub survival: Option<Survival>,
    /// What was asked for and could not be worked out, with why.
    pub not_said: Vec<String>,
    /// One vote's way; only if asked for.
    pub way: Vec<String>,
    /// Names as sentences say them: set apart.
    #[serde(skip)]
    said: Vec<String>,
    #[serde(skip)]
    election: Election,
    #[serde(skip)]
    words: Words,
}

/// Winners as a file publishes them.
#[derive(Clone, Debug, Serialize)]
pub struct Published {
    /// Options by their number on the ballot.
    pub winners: Vec<usize>,
    /// Does the count give the same?
    pub same: bool,
}

/// Reads and counts a file. `beside` are the further files that [`crate::files::wanted`] names.
///
/// # Errors
/// One sentence, with the line where there is one.
pub fn report(
    name: &str,
    bytes: &[u8],
    beside: &[(String, Vec<u8>)],
    request: &Request,
) -> Result<Report, Refusal> {
    let mut file = read(name, bytes, beside)?;
    if let Some(seats) = request.seats {
        file.election.seats = Some(seats);
    }
    let rule = match &request.rule {
        Some(text) => Rule::parse(text, file.election.seats)?,
        None => file.rule.clone().unwrap_or_else(|| usual_rule(name, &file.election)),
    };
    let rule = if request.seats.is_some() { rule.with_seats(request.seats) } else { rule };
    let elects = match rule.seats() {
        Some(1) => Some("elects one".to_owned()),
        Some(other) => Some(format!("elects {other}")),
        None => request.seats.map(|_| "is not for seats".to_owned()),
    };
    let other = file.election.seats.filter(|seats| rule.seats() != Some(*seats));
    if let (Some(seats), Some(elects)) = (other, elects) {
        if request.seats.is_some() {
            return Err(Refusal::new(format!(
                "The number of seats is {seats}, but this rule {elects}. `--rules` lists the rules for several seats."
            )));
        }
        file.repairs.push(Repair {
            line: None,
            what: format!(
                "The file says that the number of seats is {seats}; the rule it was counted by {elects}."
            ),
        });
    }
    if matches!(rule, Rule::Motion(_)) && file.election.votes.form() != Form::Motion {
        file.election = file.election.as_motion()?;
        file.repairs.push(Repair { line: None, what: read_as_motion(&file.election) });
    }
    let lot_given = request.lot.is_some() || file.election.lot.is_some();
    let lot = lot(request, &file.election)?;
    let outcome = count(&file.election, &rule, &lot)?;
    let words = Words::english();
    let names = file.election.names();
    let mut report = Report {
        title: if file.election.title.is_empty() { name.to_owned() } else { file.election.title.clone() },
        rule_name: words.text(&format!("rule.{}", rule.key())),
        explanation: outcome.explanation.iter().map(|s| words.say(s, &names)).collect(),
        recipe: rule.recipe().into_iter().map(|key| words.text(key)).collect::<Vec<_>>().join(" "),
        said: names.iter().map(|name| apart(name)).collect(),
        options: names,
        no_lot: !lot_given && outcome.ties.iter().any(|t| t.by == By::Lot),
        repairs: file.repairs,
        // The winners of a file are those of its own rule.
        published: file
            .published
            .filter(|_| file.rule.as_ref() == Some(&rule))
            .map(|p| published(p, &outcome)),
        margin: None,
        what_if: vec![],
        survival: None,
        not_said: vec![],
        way: vec![],
        election: file.election,
        words,
        outcome,
    };
    if request.what_if {
        report.margin = margin(&report.election, &report.outcome, &lot);
        report.what_if = what_if(&report.election, &report.outcome, &lot);
        if report.margin.is_none() {
            report.not_said.push(report.words.text("text.no_margin"));
        }
        match survival(&report.election, &rule, &lot, samples(&report)) {
            Ok(survival) => report.survival = Some(survival),
            Err(refusal) => report.not_said.push(refusal.to_string()),
        }
    }
    if let Some(number) = request.vote {
        let steps = way(&report.election, &report.outcome, number.wrapping_sub(1))?;
        report.way = steps.iter().map(|s: &WayStep| report.words.say(&s.sentence, &report.options)).collect();
    }
    Ok(report)
}

/// Which option was taken for what.
fn read_as_motion(motion: &Election) -> String {
    let meanings = ["is yes", "is no", "is an abstention"];
    let said: Vec<String> =
        motion.options.iter().zip(meanings).map(|(o, is)| format!("“{}” {is}", o.name)).collect();
    format!("Read as votes on a motion: {}.", said.join(", "))
}

/// Every rule with its source and parameters, for `--rules`.
pub fn rules() -> String {
    let mut out = String::new();
    for entry in Rule::catalogue() {
        let _ = writeln!(
            out,
            "{} ({})\n  {}\n  Source: {}",
            entry.name, entry.used_for, entry.about, entry.source
        );
        for (name, meaning) in entry.parameters {
            let _ = writeln!(out, "  {name}: {meaning}");
        }
        let json = serde_json::to_string(&entry.rule).unwrap_or_default();
        let _ = writeln!(out, "  {json}\n");
    }
    out
}

/// The catalogue as JSON, for `--rules --json`: a list of rules with name, used_for, about, source, parameters as
/// [name, meaning] and the complete rule with its usual parameters.
pub fn rules_json() -> String {
    serde_json::to_string_pretty(&Rule::catalogue()).unwrap_or_default()
}

/// The rule a file of this kind is usually counted by, where it names none.
fn usual_rule(name: &str, election: &Election) -> Rule {
    let seats = election.seats;
    let key = match (election.votes.form(), election.budget.is_some()) {
        (_, true) => "greedy",
        (Form::Motion, _) => "motion",
        (Form::ChooseOne, _) => "plurality",
        (Form::Approval, _) if seats.is_some_and(|s| s > 1) => "sequential-phragmen",
        (Form::Approval, _) => "approval",
        (Form::Score, _) => "score",
        (Form::Ranking, _) if seats.is_some_and(|s| s > 1) || name.to_lowercase().ends_with(".blt") => {
            "scottish-stv"
        }
        (Form::Ranking, _) if election.votes.iter().any(|v| v.levels.windows(2).any(|w| w[0] == w[1])) => {
            "schulze"
        }
        (Form::Ranking, _) => "irv",
    };
    Rule::parse(key, seats).unwrap_or(Rule::Approval(crate::rules::simple::Approval {}))
}

fn lot(request: &Request, election: &Election) -> Result<Lot, Refusal> {
    let n = election.options.len();
    let order = match &request.lot {
        None => election.lot.clone(),
        Some(text) => {
            let number = |t: &str| t.trim().parse::<usize>().ok().and_then(|n| n.checked_sub(1));
            let order: Option<Vec<usize>> = text.split(',').map(number).collect();
            Some(order.ok_or_else(|| {
                Refusal::new("A lot order is the numbers of all options from 1, separated by commas.")
            })?)
        }
    };
    order.map_or_else(|| Ok(Lot::ballot_order(n)), |order| Lot::from_order(&order, n))
}

fn published(mut winners: Vec<usize>, outcome: &Outcome) -> Published {
    let mut ours = outcome.winners.clone();
    ours.sort_unstable();
    winners.sort_unstable();
    Published { same: ours == winners, winners }
}

/// As many samples as can be counted in a reasonable time.
fn samples(report: &Report) -> u32 {
    let marks: u64 = report.election.votes.iter().map(|v| v.options.len() as u64 + 1).sum();
    let raises = report.outcome.account.as_ref().and_then(|a| a.raises).unwrap_or(0) + 1;
    let one = marks.saturating_mul(raises).max(1);
    u32::try_from(MOST_SAMPLE_WORK / one).unwrap_or(SAMPLES).clamp(20, SAMPLES)
}

impl Report {
    /// The result as text. `explain` adds every step, ties and the hand recipe.
    pub fn text(&self, explain: bool) -> String {
        let words = &self.words;
        let item = |sentence: &String| format!("- {sentence}");
        let mut lines = vec![self.title.clone(), self.rule_name.clone(), String::new()];
        lines.extend(self.repairs.iter().map(|repair| format!("{}: {repair}", words.text("text.repaired"))));
        let size = say!("text.size", voters = self.outcome.voters, options = self.options.len());
        lines.push(self.take_part().unwrap_or_else(|| self.say(&size)));
        let winners = &self.outcome.winners;
        if winners.is_empty() {
            lines.push(self.nobody());
        }
        lines.extend(winners.iter().enumerate().map(|(i, w)| format!("{:>3}. {}", i + 1, self.name(*w))));
        lines.extend(self.notices());
        if explain {
            lines.extend([String::new(), words.text("page.how")]);
            lines.extend(self.explanation.iter().map(item));
            lines.extend([String::new(), words.text("page.by_hand"), self.recipe.clone()]);
        }
        if !self.way.is_empty() {
            lines.extend([String::new(), words.text("text.way")]);
            lines.extend(self.way.iter().map(item));
        }
        lines.extend(self.close());
        lines.push(String::new());
        for (key, digest) in [
            ("page.rule_digest", &self.outcome.rule_digest),
            ("page.votes_digest", &self.outcome.votes_digest),
        ] {
            lines.push(format!("{}: {digest}", words.text(key)));
        }
        // Here, where no line can be forgotten: no name moves the cursor or begins a line of its own.
        lines.iter().map(|line| harmless(line) + "\n").collect()
    }

    /// How many take part, where nobody votes.
    pub(crate) fn take_part(&self) -> Option<String> {
        let Rule::Consent(rule) = &self.outcome.rule else { return None };
        Some(self.say(&say!("text.take_part", people = rule.participants)))
    }

    /// What is said where nothing is chosen: of a proposal, that it is blocked.
    pub(crate) fn nobody(&self) -> String {
        let blocked = self.explanation.last().filter(|_| matches!(self.outcome.rule, Rule::Consent(_)));
        blocked.cloned().unwrap_or_else(|| self.words.text("page.nobody"))
    }

    /// A sentence, with the names in it set apart.
    pub(crate) fn say(&self, sentence: &Sentence) -> String {
        self.words.say(sentence, &self.said)
    }

    /// What has to be said right beside the result, with the names in it set apart.
    pub(crate) fn notices(&self) -> Vec<String> {
        let mut out = vec![];
        if self.no_lot {
            out.push(self.words.text("text.no_lot"));
        }
        out.extend(self.published.as_ref().map(|published| {
            if published.same {
                return self.words.text("page.published_same");
            }
            let difference = self.difference(&published.winners);
            self.say(&say!("text.published_other", difference = difference.as_str()))
        }));
        out.extend(self.not_said.iter().map(|refusal| quotes_apart(refusal)));
        out
    }

    /// Margin, other rules, resampling: as far as asked for.
    fn close(&self) -> Vec<String> {
        let words = &self.words;
        let mut lines = vec![];
        if let Some(margin) = &self.margin {
            let said = self.say(&margin.sentence);
            lines.extend([String::new(), words.text(margin.heading()), format!("- {said}")]);
        }
        if !self.what_if.is_empty() {
            lines.extend([String::new(), words.text("page.what_if")]);
        }
        for other in &self.what_if {
            lines.push(format!("- {}: {}", words.text(&other.key), self.alternative(other)));
        }
        if let Some(survival) = &self.survival {
            let said = self.say(&survival.sentence());
            lines.extend([String::new(), words.text("page.survival"), format!("- {said}")]);
            for &(option, times) in survival.wins.iter().take(40) {
                let times = say!("survival.times", option = &[option][..], times = u64::from(times));
                lines.push(format!("- {}", self.say(&times)));
            }
        }
        lines
    }

    /// What another rule would change, in words, with the names in it set apart.
    pub(crate) fn alternative(&self, other: &Alternative) -> String {
        match &other.winners {
            Err(refusal) => quotes_apart(&refusal.to_string()),
            Ok(_) if other.same => self.words.text("what_if.same"),
            Ok(winners) => self.difference(winners),
        }
    }

    /// What is different where these win.
    fn difference(&self, winners: &[usize]) -> String {
        let (new, gone) = difference(&self.outcome.winners, winners);
        self.say(&match (new.is_empty(), gone.is_empty()) {
            (false, false) => say!("what_if.instead", new = &new, gone = &gone),
            (false, true) => say!("what_if.also", new = &new),
            _ => say!("what_if.without", gone = &gone),
        })
    }

    /// Name of an option.
    pub(crate) fn name(&self, option: usize) -> &str {
        self.options.get(option).map_or("?", String::as_str)
    }

    /// Everything as JSON. Options are numbers from 0 into `options`.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// A self-contained page; see [`crate::html`].
    pub fn html(&self) -> String {
        html::page(self, &self.election, &self.words)
    }

    /// The votes as files of the format that the end of the name says, each with its name and text, with the rule they
    /// were counted by where it has a name for it: what was repaired stays repaired, and what a file said about voters is
    /// not there. It is one file, but for a contest of RCTab, which has its ballots beside it.
    ///
    /// # Errors
    /// When the format cannot hold these votes.
    pub fn files(&self, name: &str) -> Result<Vec<(String, String)>, Refusal> {
        crate::files::write(name, &self.election, Some(&self.outcome.rule))
    }

    /// The options and votes that were counted.
    pub fn election(&self) -> &Election {
        &self.election
    }
}
