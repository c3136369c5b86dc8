//! A budget: what is spent and left, and each project with its votes and its effective support.

use super::text::short;
use super::{Picture, Table, escape, key, open};
use crate::outcome::{Fate, Line, Outcome};
use crate::sentence::{Words, say};

const WIDTH: f64 = 400.0;
const ROW: f64 = 54.0;

/// Projects drawn; the table has all.
const MOST_LINES: usize = 60;

pub(super) fn picture(outcome: &Outcome, names: &[String], words: &Words) -> Option<Picture> {
    let account = outcome.account.as_ref()?;
    let name = |o: usize| names.get(o).map_or("?", String::as_str);
    let caption = format!(
        "{} {} {} {}",
        account.spent.amount(2),
        words.text("picture.of"),
        account.budget.amount(2),
        words.text("picture.spent")
    );
    let drawn: Vec<&Line> = account.lines.iter().take(MOST_LINES).collect();
    let height = 52.0 + drawn.len() as f64 * ROW;
    let mut svg = open(WIDTH, height, &caption);
    let part = (account.spent.to_f64() / account.budget.to_f64().max(f64::MIN_POSITIVE)).clamp(0.0, 1.0);
    svg.push_str(&format!(
        "<text x=\"2\" y=\"14\">{}</text><rect x=\"2\" y=\"20\" width=\"{:.1}\" height=\"12\" fill-opacity=\"0.85\"/>\
         <rect x=\"2\" y=\"20\" width=\"{:.1}\" height=\"12\" fill=\"none\" stroke=\"currentColor\"/>",
        escape(&caption),
        (WIDTH - 4.0) * part,
        WIDTH - 4.0
    ));
    let most = drawn.iter().map(|l| l.votes).max().unwrap_or(1).max(1) as f64;
    for (i, line) in drawn.iter().enumerate() {
        let y = 46.0 + i as f64 * ROW;
        let won = funded(line.fate);
        let (mark, opacity) = if won { ("✓ ", 0.45) } else { ("", 0.2) };
        let long = line.votes as f64 / most * (WIDTH - 4.0);
        svg.push_str(&format!(
            "<text x=\"2\" y=\"{:.1}\">{mark}{}</text><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\" font-size=\"12\">{}</text>\
             <rect x=\"2\" y=\"{:.1}\" width=\"{long:.1}\" height=\"10\" fill-opacity=\"{opacity}\"/>",
            y + 12.0,
            short(name(line.option), 36),
            WIDTH - 2.0,
            y + 12.0,
            escape(&line.cost.amount(2)),
            y + 18.0,
        ));
        let mut label = format!("{} {}", line.votes, words.text("picture.people"));
        if let Some(support) = &line.effective_support {
            let x = 2.0 + support.to_f64() / most * (WIDTH - 4.0);
            svg.push_str(&format!(
                "<rect x=\"2\" y=\"{:.1}\" width=\"{:.1}\" height=\"10\" fill-opacity=\"0.6\"/>",
                y + 18.0,
                (x - 2.0).max(0.5)
            ));
            label = format!("{label}, {} {}", support.plain(1), words.text("picture.effective"));
        }
        svg.push_str(&format!(
            "<text x=\"2\" y=\"{:.1}\" font-size=\"11\">{}</text>",
            y + 39.0,
            escape(&label)
        ));
    }
    svg.push_str("</svg>");
    let shares = account.share.is_some().then(|| words.text("picture.budget_key"));
    let all = account.lines.len();
    let part = say!("picture.projects_drawn", projects = all, drawn = drawn.len());
    let key = key([shares, (drawn.len() < all).then(|| words.say(&part, &[]))]);
    Some(Picture { caption, svg, key, tables: vec![table(&account.lines, name, words)] })
}

fn funded(fate: Fate) -> bool {
    matches!(fate, Fate::Funded | Fate::Completed | Fate::ToppedUp)
}

fn table<'n>(lines: &[Line], name: impl Fn(usize) -> &'n str, words: &Words) -> Table {
    let shares = lines.iter().any(|l| l.payment.is_some() || l.held.is_some());
    let points = lines.iter().any(|l| l.points.is_some());
    let mut keys = vec!["picture.project", "picture.cost", "picture.people_for"];
    if points {
        keys.push("picture.points");
    }
    keys.push("picture.result");
    if shares {
        keys.extend(["picture.payment", "picture.effective_support", "picture.held"]);
    }
    let rows = lines
        .iter()
        .map(|line| {
            let cell = |n: &Option<crate::Number>| n.as_ref().map_or("–".to_owned(), |n| n.plain(2));
            let money = |n: &Option<crate::Number>| n.as_ref().map_or("–".to_owned(), |n| n.amount(2));
            let mut row = vec![name(line.option).to_owned(), line.cost.amount(2), line.votes.to_string()];
            if points {
                row.push(cell(&line.points));
            }
            row.push(words.text(fate_key(line.fate)));
            if shares {
                row.extend([money(&line.payment), cell(&line.effective_support), money(&line.held)]);
            }
            row
        })
        .collect();
    Table { head: keys.into_iter().map(|k| words.text(k)).collect(), rows }
}

fn fate_key(fate: Fate) -> &'static str {
    match fate {
        Fate::Funded => "fate.funded",
        Fate::Completed => "fate.completed",
        Fate::ToppedUp => "fate.topped_up",
        Fate::Withdrawn => "fate.withdrawn",
        Fate::BelowThreshold => "fate.below_threshold",
        Fate::NoVotes => "fate.no_votes",
        Fate::GroupTaken => "fate.group_taken",
        Fate::TooExpensive => "fate.too_expensive",
        Fate::AfterStop => "fate.after_stop",
        Fate::TooLittleSupport => "fate.too_little_support",
    }
}
