//! An opinion map in words for people.
//!
//! Plain text in the house's words, every statement with the numbers behind it. It decides nothing: all
//! numbers are in the [`Map`].

mod choice;
mod findings;

pub use choice::{Outside, cut, fails, nearest, tried};

use crate::evaluate::LEAST_RESPONSES;
use crate::shape::{CommonGround, Group, Map, Method, Participant, Share, Side, Statement, Tally};

/// Statements shown in a list that the map itself does not limit.
const SHOWN: usize = 5;

/// The report. `topic` may be empty; `shown` are the numbers of all statements that may be shown, those that nobody
/// responded to among them; `text_of` gives the text of a statement, where it is known.
///
/// Texts are what people wrote: line ends and other control characters become spaces.
pub fn text<'a>(map: &Map, topic: &str, shown: &[u32], text_of: impl Fn(u32) -> Option<&'a str>) -> String {
    let report = Writer { map, shown, text_of: &|number| text_of(number), out: String::new() };
    report.write(topic)
}

/// `62 agree · 18 disagree · 9 pass of 89`.
pub fn numbers(tally: Tally) -> String {
    let Tally { agree, disagree, pass, seen } = tally;
    format!("{agree} agree · {disagree} disagree · {pass} pass of {seen}")
}

/// A share in whole per cent, rounded; 0 and 100 are said of nobody and of all, and of nothing else.
pub fn per_cent(share: f64) -> u32 {
    let rounded = (100.0 * share).round();
    match share {
        ..=0.0 => 0,
        1.0.. => 100,
        _ => rounded.clamp(1.0, 99.0) as u32,
    }
}

/// A lower bound of a share in whole per cent: cut down, so that it stays one.
pub fn at_least(share: f64) -> u32 {
    // 0.29 × 100 is a little below 29.
    (100.0 * share + 1e-9).floor().clamp(0.0, 100.0) as u32
}

/// An upper bound of a share in whole per cent.
pub fn at_most(share: f64) -> u32 {
    (100.0 * share - 1e-9).ceil().clamp(0.0, 100.0) as u32
}

/// `61 % (52–69 %)`: the share and its interval, or that there is none.
pub fn share(share: Share) -> String {
    let Share { share: middle, low, high, seen, .. } = share;
    if seen == 0 {
        return "nobody asked".to_owned();
    }
    format!("{} % ({}–{} %)", per_cent(middle), at_least(low), at_most(high))
}

/// Participants who are needed, with so many responses each, before it means anything that no groups were found.
const ENOUGH: usize = 20;

/// Whether there are too few responses to tell if people form groups. A number of groups is judged by those who
/// responded to seven statements or more: with hardly any of them, groups are not found whether they are there or not.
pub fn too_few_for_groups(map: &Map) -> bool {
    let told = |participant: &&Participant| participant.responses as usize >= LEAST_RESPONSES;
    map.groups.is_empty() && map.participants.iter().filter(told).take(ENOUGH).count() < ENOUGH
}

/// What a group is called: A, B, C …; with its number where letters run out.
pub fn group_name(id: u32) -> String {
    match u8::try_from(id) {
        Ok(id) if id < 26 => format!("Group {}", char::from(b'A' + id)),
        _ => format!("Group {id}"),
    }
}

struct Writer<'a, 't> {
    map: &'a Map,
    shown: &'a [u32],
    text_of: &'a dyn Fn(u32) -> Option<&'t str>,
    out: String,
}

impl<'a, 't> Writer<'a, 't> {
    fn write(mut self, topic: &str) -> String {
        let topic = one_line(topic);
        if !topic.is_empty() {
            self.line(&topic);
            self.line(&"=".repeat(topic.chars().count().min(100)));
        }
        self.overview();
        self.groups();
        self.common_ground();
        self.shared();
        self.divided();
        let map: &'a Map = self.map;
        if let Some(findings) = &map.findings {
            self.minorities(findings);
        }
        self.exposure();
        if let Some(findings) = &map.findings {
            self.care(findings);
        }
        self.origin();
        self.out
    }

    fn line(&mut self, line: &str) {
        self.out.push_str(line.trim_end());
        self.out.push('\n');
    }

    fn heading(&mut self, heading: &str) {
        self.line("");
        self.line(heading);
        self.line(&"-".repeat(heading.chars().count()));
    }

    fn overview(&mut self) {
        let map = self.map;
        let responses: u64 =
            map.participants.iter().map(|participant| u64::from(participant.responses)).sum();
        self.line(&format!(
            "{} gave {} to {}.",
            counted(map.participants.len(), "participant"),
            counted(responses as usize, "response"),
            counted(map.statements.len(), "statement")
        ));
        let rejected = map.statements.iter().filter(|statement| statement.rejected).count();
        if rejected > 0 {
            self.line(&format!(
                "{} rejected by moderation did not shape the map.",
                counted(rejected, "statement")
            ));
        }
        let meta = map.statements.iter().filter(|statement| statement.meta && !statement.rejected).count();
        if meta > 0 {
            self.line(&format!(
                "{} about the participants themselves did not shape the map.",
                counted(meta, "statement")
            ));
        }
    }

    fn groups(&mut self) {
        let map = self.map;
        self.heading("Opinion groups");
        if map.participants.is_empty() {
            self.line("Nobody has responded yet.");
            return;
        }
        if map.method == Method::Map && too_few_for_groups(map) {
            self.line("Too few responses to tell whether there are opinion groups.");
            return;
        }
        if map.groups.is_empty() {
            self.line(
                "No distinct opinion groups: no division of the participants is sure enough to be shown.",
            );
            if let Some((groups, why)) = map.findings.as_ref().and_then(|findings| nearest(findings)) {
                self.line(&format!("Nearest to it came {groups} groups: {why}."));
            }
            return;
        }
        self.line(&format!("{} of participants who respond alike.", counted(map.groups.len(), "group")));
        let Outside { between, untold } = Outside::of(map);
        if between > 0 {
            let stand = if between == 1 { "stands" } else { "stand" };
            self.line(&format!("{} {stand} between groups.", counted(between, "participant")));
        }
        if untold > 0 {
            self.line(&format!("{} responded to too little to tell.", counted(untold, "participant")));
        }
        for (index, group) in map.groups.iter().enumerate() {
            self.line("");
            self.line(&format!("{}: {}", group_name(group.id), counted(group.size as usize, "participant")));
            let apart = self.apart(index, group);
            if let Some([passed, others]) = crate::map::passes(map, index) {
                self.line(&format!(
                    "  They pass on {} of what they responded to, the other groups on {}.",
                    share(passed),
                    share(others)
                ));
            } else if apart.is_empty() {
                self.line("  No statement alone sets this group apart with certainty.");
            }
            for apart in apart.iter().take(SHOWN) {
                let Some(statement) = self.statement(apart.statement) else { continue };
                let tally = statement.groups.get(index).copied().unwrap_or_default();
                let (side, less) = (verb(apart.side), if apart.less { " less often" } else { "" });
                let quoted = self.quoted(statement);
                self.line(&format!("  They {side}{less}: {quoted}"));
                self.line(&format!(
                    "      here {}; other groups {}",
                    numbers(tally),
                    numbers(rest(statement, index))
                ));
                self.line(&format!(
                    "      {} {side} here; of the other groups {}",
                    share(apart.here),
                    share(apart.rest)
                ));
            }
            self.more(apart.len());
        }
    }

    /// What sets a group apart, in the order of the map.
    fn apart(&self, index: usize, group: &Group) -> Vec<Apart> {
        if let Some(findings) = &self.map.findings {
            let of_it = findings.differences.iter().filter(|difference| difference.group == group.id);
            let apart = of_it.map(|difference| Apart {
                statement: difference.statement,
                side: difference.side,
                less: difference.effect < 0.0,
                here: difference.here,
                rest: difference.rest,
            });
            return apart.collect();
        }
        let apart = group.representative.iter().filter_map(|one| {
            let statement = self.statement(one.statement)?;
            let here = statement.groups.get(index).copied().unwrap_or_default();
            Some(Apart {
                statement: one.statement,
                side: one.side,
                less: false,
                here: taking(one.side, here),
                rest: taking(one.side, rest(statement, index)),
            })
        });
        apart.collect()
    }

    fn common_ground(&mut self) {
        self.heading("Common ground");
        let map: &'a Map = self.map;
        if let Some(findings) = &map.findings {
            self.seen_alike(&findings.common_ground);
            return;
        }
        let mut found: Vec<&Statement> = (self.listed())
            .filter(|statement| {
                // More than half of those in every group who responded.
                statement.groups.iter().all(|tally| 2 * u64::from(tally.agree) > u64::from(tally.seen))
            })
            .filter(|statement| !statement.groups.is_empty())
            .collect();
        found.sort_by(|a, b| b.gac.total_cmp(&a.gac));
        found.truncate(SHOWN);
        if found.is_empty() {
            self.line("No statement has the agreement of more than half of every group.");
        }
        for statement in found {
            self.with_groups(statement, Side::Agree);
        }
    }

    /// What more than half of every group see alike, by agreeing or by disagreeing, surest first.
    fn seen_alike(&mut self, found: &[CommonGround]) {
        let (of, at) = match self.map.groups.is_empty() {
            true => ("of all", ""),
            false => ("of every group", " in every group"),
        };
        if found.is_empty() {
            self.line(&format!("Of no statement is it certain that more than half {of} see it alike."));
        }
        for common in found.iter().take(SHOWN) {
            let Some(statement) = self.statement(common.statement) else { continue };
            self.with_groups(statement, common.side);
            let (least, side) = (at_least(common.least), verb(common.side));
            self.line(&format!("      at least {least} % {side}{at}, with 95 % certainty"));
        }
        self.more(found.len());
    }

    fn shared(&mut self) {
        let consensus = &self.map.consensus;
        // Of `map`, these are common ground, and are shown as such.
        if self.map.findings.is_some() {
            return;
        }
        for (heading, side, list) in [
            ("What most participants agree with", Side::Agree, &consensus.agree),
            ("What most participants disagree with", Side::Disagree, &consensus.disagree),
        ] {
            if list.is_empty() {
                continue;
            }
            self.heading(heading);
            for common in list {
                if let Some(statement) = self.statement(common.statement) {
                    self.with_groups(statement, side);
                }
            }
        }
    }

    fn divided(&mut self) {
        if self.map.groups.is_empty() {
            return;
        }
        self.heading("Most divided");
        let mut found: Vec<(f64, &Statement)> = self
            .listed()
            .map(|statement| (statement.division(), statement))
            .filter(|(by, _)| *by > 0.0)
            .collect();
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        found.truncate(SHOWN);
        if found.is_empty() {
            self.line("No statement divides the groups.");
        }
        for (_, statement) in found {
            self.with_groups(statement, Side::Agree);
        }
    }

    fn origin(&mut self) {
        let map = self.map;
        self.heading("How this was computed");
        let method = match map.method {
            Method::Classic => "classic: the method of Polis, so that numbers can be compared",
            Method::Map => "map: factors, latent classes and intervals, checked against hidden responses",
        };
        self.line(&format!("Method: {method}; version {}.", map.version));
        self.line(&format!("Fingerprint of the responses: {}", map.digest));
        if !map.deviations.is_empty() {
            self.line("It departs from the original where a result must follow from the responses alone:");
        }
        for deviation in &map.deviations {
            self.line(&format!("  * {deviation}"));
        }
    }

    /// A statement with everybody's responses, each group's, and the shares that take a side.
    fn with_groups(&mut self, statement: &Statement, side: Side) {
        let quoted = self.quoted(statement);
        self.line(&format!("  {quoted}"));
        self.line(&format!("      all {}", numbers(statement.tally)));
        let each = |what: &dyn Fn(Tally) -> String| -> Vec<String> {
            let groups = self.map.groups.iter().zip(&statement.groups);
            groups.map(|(group, &tally)| format!("{} {}", group_name(group.id), what(tally))).collect()
        };
        let (tallies, mut shares) = (each(&numbers), each(&|tally| share(taking(side, tally))));
        if !tallies.is_empty() {
            self.line(&format!("      {}", tallies.join("; ")));
        }
        shares.insert(0, format!("all {}", share(taking(side, statement.tally))));
        self.line(&format!("      {}: {}", verb(side), shares.join("; ")));
    }

    /// Statements that may be in lists.
    fn listed(&self) -> impl Iterator<Item = &'a Statement> + use<'a, 't> {
        let map: &'a Map = self.map;
        map.statements.iter().filter(|statement| !statement.rejected && !statement.meta)
    }

    fn statement(&self, number: u32) -> Option<&'a Statement> {
        let map: &'a Map = self.map;
        map.statement(number)
    }

    fn quoted(&self, statement: &Statement) -> String {
        self.quoted_number(statement.number)
    }

    fn quoted_number(&self, number: u32) -> String {
        match (self.text_of)(number).map(one_line) {
            Some(text) if !text.is_empty() => format!("{number}. \"{text}\""),
            _ => format!("Statement {number}"),
        }
    }
}

/// A statement that sets a group apart.
struct Apart {
    statement: u32,
    side: Side,
    /// Whether the group takes the side less often than the others, not more often.
    less: bool,
    here: Share,
    rest: Share,
}

/// The share that takes a side.
fn taking(side: Side, tally: Tally) -> Share {
    let count = match side {
        Side::Agree => tally.agree,
        Side::Disagree => tally.disagree,
    };
    Share::of(count, tally.seen)
}

/// Responses of all groups but one.
fn rest(statement: &Statement, group: usize) -> Tally {
    let mut sum = Tally::default();
    for (_, tally) in statement.groups.iter().enumerate().filter(|(other, _)| *other != group) {
        sum.agree += tally.agree;
        sum.disagree += tally.disagree;
        sum.pass += tally.pass;
        sum.seen += tally.seen;
    }
    sum
}

/// What those who take a side do.
fn verb(side: Side) -> &'static str {
    match side {
        Side::Agree => "agree",
        Side::Disagree => "disagree",
    }
}

/// `1 response`, `2 responses`.
pub fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// One line; what else may steer a terminal is for whoever writes to one.
fn one_line(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Flags, ResponsesBuilder, Value, classic, map, simulate::Plan};

    #[test]
    fn every_list_gives_numbers() {
        let plan = Plan { participants: 60, statements: 12, responses_each: 10, groups: 2, seed: 3 };
        let mut flags = Flags::new();
        flags.reject(2).mark_meta(4);
        let map = classic::map(&plan.responses(), &flags);
        let report = text(&map, "Sea\nand \u{1b}[31msky", &[0, 99], |number| {
            (number != 7).then_some("A statement\n\nof two \u{1b}lines")
        });
        assert!(report.starts_with("Sea and [31msky\n===============\n60 participants gave 600 responses to 12 statements.\n1 statement rejected"));
        for heading in ["Opinion groups", "Common ground", "Most divided", "How this was computed"] {
            assert!(report.contains(&format!("\n{heading}\n---")), "{heading}\n{report}");
        }
        assert!(report.contains(". \"A statement of two lines\"\n"));
        assert!(!report.contains("2. \"") && !report.contains("4. \""), "left out: in no list\n{report}");
        let lists = report.lines().filter(|line| line.contains(" agree · ")).count();
        assert!(lists > 10, "{report}");
        let tallies = report.lines().filter(|line| line.starts_with("      all ")).count();
        let shares = report.lines().filter(|line| {
            (line.starts_with("      agree: all ") || line.starts_with("      disagree: all "))
                && line.contains(" %); Group A ")
        });
        assert!(tallies > 5 && shares.count() == tallies, "every list has intervals\n{report}");
        let apart = report.lines().filter(|line| line.contains("; other groups ")).count();
        let intervals = report.lines().filter(|line| line.contains(" here; of the other groups ")).count();
        assert!(apart > 3 && apart == intervals, "{report}");
        assert!(
            report.contains("Who was asked\n-------------\nHalf of the statements have 26.5 responses"),
            "{report}"
        );
        assert!(report.contains("  99. \"A statement of two lines\"\n      0 responses\n"), "{report}");
        assert!(report.chars().all(|c| c == '\n' || !c.is_control()));
    }

    #[test]
    fn numbers_read_like_a_sentence() {
        let tally = Tally { agree: 62, disagree: 18, pass: 9, seen: 89 };
        assert_eq!(numbers(tally), "62 agree · 18 disagree · 9 pass of 89");
        assert_eq!(group_name(0), "Group A");
        assert_eq!(group_name(30), "Group 30");
    }

    #[test]
    fn a_share_is_never_rounded_to_none_or_all_and_bounds_are_not_rounded() {
        assert_eq!([0.0, 0.001, 0.335, 0.997, 1.0].map(per_cent), [0, 1, 34, 99, 100]);
        assert_eq!([0.0, 0.29, 0.637, 0.999, 1.0].map(at_least), [0, 29, 63, 99, 100]);
        assert_eq!([0.0, 0.29, 0.637, 0.999, 1.0].map(at_most), [0, 29, 64, 100, 100]);
    }

    /// Everybody agrees to the first statement and disagrees with the others.
    fn of_one_mind(participants: u32, statements: u32) -> String {
        let mut builder = ResponsesBuilder::new();
        for participant in 0..participants {
            for statement in 0..statements {
                builder.respond(
                    participant,
                    statement,
                    if statement == 0 { Value::Agree } else { Value::Disagree },
                );
            }
        }
        text(&map::map(&builder.build(), &Flags::new()), "", &[], |_| None)
    }

    #[test]
    fn common_ground_is_also_what_all_disagree_with() {
        let report = of_one_mind(30, 8);
        assert!(report.contains("No distinct opinion groups: "), "{report}");
        assert!(report.contains("  Statement 0\n      all 30 agree · 0 disagree · 0 pass of 30\n      agree: all 100 % (88–100 %)\n      at least 88 % agree, with"), "{report}");
        assert!(report.contains("      at least 88 % disagree, with 95 % certainty\n"), "{report}");
        assert!(report.contains("  and 3 more\n"), "{report}");
        assert!(!report.contains("every group"), "there is none\n{report}");
    }

    #[test]
    fn from_a_few_responses_nothing_is_said_about_groups() {
        for (participants, statements) in [(5, 8), (30, 6)] {
            let report = of_one_mind(participants, statements);
            assert!(
                report.contains("Too few responses to tell whether there are opinion groups."),
                "{report}"
            );
        }
    }

    #[test]
    fn nobody_and_one_statement() {
        let report = text(&classic::map(&ResponsesBuilder::new().build(), &Flags::new()), "", &[], |_| None);
        assert!(report.starts_with("0 participants gave 0 responses to 0 statements.\n"));
        assert!(report.contains("Nobody has responded yet."));
    }
}
