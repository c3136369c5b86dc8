//! Participatory budgets against their published winners.

use crate::common::{elections, files, open};
use count::rules::shares::{Completion, EqualShares};
use count::{Lot, Rule, count};
use std::collections::BTreeMap;

fn expected() -> BTreeMap<String, Vec<String>> {
    let text = std::fs::read_to_string(elections().join("pb/expected.csv")).unwrap();
    text.lines()
        .skip(1)
        .map(|l| l.split(',').map(str::to_owned).collect::<Vec<_>>())
        .map(|f| (f[0].clone(), f))
        .collect()
}

#[test]
#[cfg_attr(not(veche_data), ignore = "the real elections are not here")]
fn published_winners_come_out_wherever_an_exact_recount_gives_them() {
    let expected = expected();
    let mut wrong = vec![];
    let mut checked = 0;
    for path in files("pb", "pb") {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let read = open(&path);
        let row = &expected[&name];
        assert_eq!(read.election.votes.total().to_string(), row[3], "{name}");
        assert_eq!(read.election.options.len().to_string(), row[4], "{name}");
        let (Some(rule), Some(published)) = (&read.rule, &read.published) else { continue };
        let lot = Lot::ballot_order(read.election.options.len());
        let outcome = count(&read.election, rule, &lot).unwrap();
        let mut winners = outcome.winners.clone();
        winners.sort_unstable();
        let same = winners == *published;
        let must = row[6] == "True" || row[1].starts_with("equalshares");
        checked += usize::from(must);
        if must && !same {
            wrong.push(format!("{name}: {} of {}", winners.len(), published.len()));
        }
        if row[6] == "True" && row[7] == "True" {
            assert!(!outcome.ties.is_empty(), "{name}: a tie decides, but none is in the result");
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(checked >= 30, "only {checked} files were compared");
}

#[test]
#[cfg_attr(not(veche_data), ignore = "the real elections are not here")]
fn filter_and_integers_give_the_same_everywhere() {
    for path in files("pb", "pb") {
        let read = open(&path);
        if read.election.budget.is_none() {
            continue;
        }
        let lot = Lot::ballot_order(read.election.options.len());
        let voters = read.election.votes.total();
        // Where shares grow, the filter meets many that nearly decide otherwise; without it each takes its time.
        let units = 10u64.pow(read.election.money_decimals);
        let step = (read.election.budget.unwrap_or(0) / units / voters / 8).max(1);
        let raised = (voters < 1_700).then_some(Completion::StepGreedy(step));
        for completion in [Some(Completion::None), raised].into_iter().flatten() {
            let rule = EqualShares { completion, ..EqualShares::usual() };
            let fast = count(&read.election, &Rule::EqualShares(rule.clone()), &lot).unwrap();
            let exact = count::reference::equal_shares_without_filter(&read.election, &rule, &lot).unwrap();
            assert_eq!(fast.winners, exact.winners, "{}", path.display());
            assert_eq!(fast.rounds, exact.rounds, "{}", path.display());
            assert_eq!(fast.account, exact.account, "{}", path.display());
        }
    }
}
