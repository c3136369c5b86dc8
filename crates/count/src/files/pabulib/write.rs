//! Writing `.pb` files.

use super::WITHDRAWN_COST;
use crate::election::{Election, Form};
use crate::files::text::quoted;
use crate::number::Number;
use std::fmt::Write;

/// Writes a `.pb` file: options, money and votes, nothing about voters. Equal votes are written one by one.
pub fn write(election: &Election) -> String {
    let votes = &election.votes;
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
    let _ = writeln!(out, "vote_type;{kind}\nPROJECTS\nproject_id;cost;name;exclusive_group");
    for option in &election.options {
        let cost =
            if option.withdrawn { WITHDRAWN_COST.to_string() } else { money(option.cost.unwrap_or(0)) };
        let group = quoted(option.group.as_deref().unwrap_or(""), ';');
        let _ = writeln!(out, "{};{cost};{};{group}", quoted(&option.id, ';'), quoted(&option.name, ';'));
    }
    let points = votes.form() == Form::Score;
    let _ = writeln!(out, "VOTES\nvoter_id;vote{}", if points { ";points" } else { "" });
    let mut number = 0u64;
    for vote in votes.iter() {
        let ids: Vec<&str> = vote
            .options
            .iter()
            .filter_map(|o| election.options.get(*o as usize))
            .map(|o| o.id.as_str())
            .collect();
        let levels: Vec<String> =
            vote.levels.iter().map(|l| Number::decimal(*l, election.score_decimals).to_string()).collect();
        for _ in 0..vote.weight {
            number += 1;
            let _ = write!(out, "{number};{}", quoted(&ids.join(","), ';'));
            if points {
                let _ = write!(out, ";{}", levels.join(","));
            }
            out.push('\n');
        }
    }
    out
}
