//! The end of the report: who was asked, and what only the method `map` has, minorities, the slate and care.

use super::{SHOWN, Writer, counted, group_name, per_cent, share};
use crate::evaluate::exposure;
use crate::shape::{Certificate, Dissent, Findings, Reason, Side};
use std::collections::BTreeSet;

/// Fewer responses than this are few.
const FEW: u32 = 20;

impl Writer<'_, '_> {
    pub(super) fn minorities(&mut self, findings: &Findings) {
        self.dissent(findings);
        self.slate(findings);
    }

    fn dissent(&mut self, findings: &Findings) {
        self.heading("What a minority holds");
        if findings.dissent.is_empty() {
            self.line("No minority holds anything against the rest with certainty.");
        }
        let (of_groups, of_others): (Vec<&Dissent>, Vec<&Dissent>) =
            findings.dissent.iter().partition(|dissent| dissent.group.is_some());
        if !of_groups.is_empty() && !of_others.is_empty() {
            self.line("First what groups hold, then what no group holds but at least one in ten.");
        }
        for held in [of_groups, of_others] {
            for dissent in held.iter().take(SHOWN) {
                let Some(statement) = self.statement(dissent.statement) else { continue };
                let quoted = self.quoted(statement);
                self.line(&format!("  {quoted}"));
                let (side, opposite) = match dissent.side {
                    Side::Agree => ("agree", "disagree"),
                    Side::Disagree => ("disagree", "agree"),
                };
                let (here, against) = (share(dissent.here), share(dissent.against));
                self.line(&match dissent.group {
                    Some(group) => {
                        format!("      {}: {here} {side}; of the others {against}", group_name(group))
                    }
                    None => format!("      {here} {side}; {against} {opposite}"),
                });
            }
            self.more(held.len());
        }
    }

    fn slate(&mut self, findings: &Findings) {
        let slate = &findings.slate;
        if slate.statements.is_empty() {
            return;
        }
        self.heading("Statements that together represent everybody");
        for &number in &slate.statements {
            if let Some(statement) = self.statement(number) {
                let quoted = self.quoted(statement);
                self.line(&format!("  {quoted}"));
            }
        }
        let of = |of: &Certificate| {
            let [one, two] = [of.one, of.two].map(per_cent);
            let (said_one, said_two) = (share(of.said_one), share(of.said_two));
            if slate.statements.len() == 1 {
                return format!(
                    "{said_one} said that they agree with it; if all had been asked, about {one} %"
                );
            }
            format!(
                "{said_one} said that they agree with at least one of them, {said_two} with two; if all had been asked, about {one} % and {two} %"
            )
        };
        let (some, people) = (slate.participants as usize, self.map.participants.len());
        let sample = if some < people { format!("{some} of ") } else { String::new() };
        let people = counted(people, "participant");
        self.line(&format!("      Of {sample}{people}, {}.", of(&slate.all)));
        for (group, certificate) in self.map.groups.iter().zip(&slate.groups) {
            self.line(&format!("      Of {}, {}.", group_name(group.id), of(certificate)));
        }
        self.line("      Where somebody was not asked, it counts how likely they take a side, and which.");
    }

    pub(super) fn exposure(&mut self) {
        if self.shown.is_empty() {
            return;
        }
        self.heading("Who was asked");
        let asked: Vec<u32> = self.shown.iter().map(|&number| self.map.seen(number)).collect();
        let exposure = exposure(&asked);
        self.line(&format!(
            "Half of the statements have {} {} or more; {} % of {} {} fewer than {FEW}.",
            exposure.median,
            if exposure.median == 1.0 { "response" } else { "responses" },
            per_cent(exposure.under_20),
            counted(exposure.statements, "statement"),
            if exposure.statements == 1 { "has" } else { "have" }
        ));
        let mut few: Vec<(u32, u32)> = asked.into_iter().zip(self.shown.iter().copied()).collect();
        few.retain(|(seen, _)| *seen < FEW);
        few.sort_unstable();
        for &(seen, number) in few.iter().take(SHOWN) {
            let quoted = self.quoted_number(number);
            self.line(&format!("  {quoted}"));
            self.line(&format!("      {}", counted(seen as usize, "response")));
        }
        self.more(few.len());
    }

    pub(super) fn care(&mut self, findings: &Findings) {
        if findings.care.is_empty() {
            return;
        }
        self.heading("For a second look");
        let people: BTreeSet<u32> = findings.care.iter().map(|care| care.participant).collect();
        self.line(&format!(
            "{} flagged; nothing is removed for it, and nobody is judged.",
            counted(people.len(), "participant")
        ));
        for (reason, what) in [
            (Reason::StraightLining, "responded the same to everything"),
            (Reason::NearlyIdentical, "responded nearly as somebody else did"),
            (Reason::ImpossibleSpeed, "responded faster than anybody can read"),
        ] {
            let count = findings.care.iter().filter(|care| care.reason == reason).count();
            if count > 0 {
                self.line(&format!("  {count} {what}"));
            }
        }
        if let Some(without) = &findings.without_flagged {
            let groups = match without.groups {
                0 => "no distinct groups".to_owned(),
                groups => counted(groups as usize, "group"),
            };
            // Groups can only be compared with groups.
            let alike = match (self.map.groups.len(), without.groups) {
                (0, _) | (_, 0) => String::new(),
                _ => format!(", which agree with these by {:.2} (1 is the same)", without.agreement),
            };
            self.line(&format!(
                "Without them: {groups}{alike}; {} of common ground lost, {} gained.",
                counted(without.lost.len(), "statement"),
                without.gained.len()
            ));
        }
    }

    pub(super) fn more(&mut self, count: usize) {
        if count > SHOWN {
            self.line(&format!("  and {} more", count - SHOWN));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::report::text;
    use crate::simulate::mix;
    use crate::{Flags, ResponsesBuilder, Value, map};

    /// Two in three agree to even statements and disagree to odd ones, the rest the other way round; all agree to
    /// the last, few were asked about another, and some copy each other.
    #[test]
    fn a_map_is_told_with_minorities_slate_and_care() {
        let mut builder = ResponsesBuilder::new();
        for participant in 0..150u32 {
            for statement in 0..14 {
                let odd = (participant * 7 + statement * 5) % 11 == 0;
                let agree = (participant % 3 == 0) != (statement % 2 == 0) && !odd || statement == 13;
                builder.respond(participant, statement, if agree { Value::Agree } else { Value::Disagree });
            }
        }
        (0..9).for_each(|participant| builder.respond(participant, 77, Value::Pass));
        for participant in 1_000..1_004 {
            (0..14).for_each(|statement| builder.respond(participant, statement, Value::Agree));
        }
        let map = map::map(&builder.build(), &Flags::new());
        let shown: Vec<u32> = (0..14).chain([77, 88]).collect();
        let report = text(&map, "", &shown, |_| None);
        for part in [
            "What a minority holds\n---",
            "Group B: ",
            "Statements that together represent everybody\n---",
            "Of Group A, ",
            "      Of 154 participants, ",
            "Who was asked\n---",
            "; 13 % of 16 statements have fewer than 20.\n  Statement 88\n      0 responses\n  Statement 77\n      9 responses\n",
            "  They disagree: Statement 1\n      here ",
            " disagree here; of the other groups ",
            " %)\n  and 8 more\n",
            "For a second look\n---",
            " responded nearly as somebody else did",
            "Without them: 2 groups, which agree with these by ",
            " % agree in every group, with 95 % certainty",
        ] {
            assert!(report.contains(part), "{part}\n{report}");
        }
    }
    #[test]
    fn groups_are_compared_with_groups_only() {
        let mut builder = ResponsesBuilder::new();
        (0..150).for_each(|participant| {
            (0..40).for_each(|statement| {
                let agree = mix(u64::from(participant * 100 + statement)).is_multiple_of(2);
                builder.respond(participant, statement, if agree { Value::Agree } else { Value::Disagree });
            });
        });
        for participant in 1_000..1_004 {
            (0..40).for_each(|statement| builder.respond(participant, statement, Value::Agree));
        }
        let report = text(&map::map(&builder.build(), &Flags::new()), "", &[], |_| None);
        assert!(report.contains("Without them: no distinct groups; "), "{report}");
    }
}
