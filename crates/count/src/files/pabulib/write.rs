//! Writing `.pb` files.

use super::WITHDRAWN_COST;
use super::meta::fields_of;
use crate::election::{BallotOption, Election, Form};
use crate::files::text::quoted;
use crate::number::Number;
use crate::outcome::Refusal;
use crate::rule::Rule;
use std::collections::HashSet;
use std::fmt::Write;

/// Writes a `.pb` file: options, money and votes, nothing about voters. Equal votes are written one by one.
///
/// Pabulib has no column that says which projects exclude each other; `exclusive_group` is ours, and is written only
/// where it is needed.
///
/// # Errors
/// When rankings have equal or skipped ranks: a `.pb` file has one project at every place.
pub fn write(election: &Election) -> Result<String, Refusal> {
    write_counted(election, None)
}

/// The same with the `rule` they are counted by, if Pabulib has a name for it.
///
/// # Errors
/// As [`write()`].
pub fn write_counted(election: &Election, rule: Option<&Rule>) -> Result<String, Refusal> {
    let votes = &election.votes;
    let in_order = |levels: &[i32]| levels.iter().zip(1..).all(|(level, place)| *level == place);
    if votes.form() == Form::Ranking && !votes.iter().all(|v| in_order(v.levels)) {
        return Err(Refusal::new("A vote has equal or skipped ranks, which .pb cannot express."));
    }
    let ids = ids(&election.options);
    let kind = match votes.form() {
        Form::ChooseOne | Form::Motion => "choose-1",
        Form::Approval => "approval",
        Form::Ranking => "ordinal",
        Form::Score => "cumulative",
    };
    let money = |units: u64| Number::decimal(units, election.money_decimals).to_string();
    let mut out = String::from("META\nkey;value\n");
    let _ = writeln!(out, "description;{}", quoted(&election.title, ';'));
    let _ = writeln!(out, "unit;{}", quoted(&election.title, ';'));
    let _ = writeln!(out, "num_projects;{}\nnum_votes;{}", election.options.len(), votes.total());
    if let Some(budget) = election.budget {
        let _ = writeln!(out, "budget;{}", money(budget));
    }
    let groups = election.options.iter().any(|o| o.group.is_some());
    for (field, value) in rule.and_then(|rule| fields_of(rule, groups)).into_iter().flatten() {
        let _ = writeln!(out, "{field};{value}");
    }
    let column = if groups { ";exclusive_group" } else { "" };
    let _ = writeln!(out, "vote_type;{kind}\nPROJECTS\nproject_id;cost;name{column}");
    for (option, id) in election.options.iter().zip(&ids) {
        let cost =
            if option.withdrawn { WITHDRAWN_COST.to_string() } else { money(option.cost.unwrap_or(0)) };
        let _ = write!(out, "{};{cost};{}", quoted(id, ';'), quoted(&option.name, ';'));
        if groups {
            let _ = write!(out, ";{}", quoted(option.group.as_deref().unwrap_or(""), ';'));
        }
        out.push('\n');
    }
    let points = votes.form() == Form::Score;
    let _ = writeln!(out, "VOTES\nvoter_id;vote{}", if points { ";points" } else { "" });
    let mut number = 0u64;
    for vote in votes.iter() {
        let marked: Vec<&str> =
            vote.options.iter().filter_map(|o| ids.get(*o as usize)).map(String::as_str).collect();
        let levels: Vec<String> =
            vote.levels.iter().map(|l| Number::decimal(*l, election.score_decimals).to_string()).collect();
        for _ in 0..vote.weight {
            number += 1;
            let _ = write!(out, "{number};{}", quoted(&marked.join(","), ';'));
            if points {
                let _ = write!(out, ";{}", levels.join(","));
            }
            out.push('\n');
        }
    }
    Ok(out)
}

/// The identifiers of the options where a vote can list them, otherwise their numbers on the ballot.
fn ids(options: &[BallotOption]) -> Vec<String> {
    let mut seen = HashSet::new();
    let fit =
        |id: &str| !id.is_empty() && id.trim() == id && !id.contains(|c: char| c == ',' || c.is_control());
    if options.iter().all(|o| fit(&o.id) && seen.insert(o.id.as_str())) {
        return options.iter().map(|o| o.id.clone()).collect();
    }
    (1..=options.len()).map(|n| n.to_string()).collect()
}
