//! Rules as JSON, with every absurd parameter, over a small election of each form.
#![no_main]

use count::{BallotOption, Election, Form, Lot, Rule, count};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(rule) = Rule::parse(text, None) else { return };
    for form in [Form::ChooseOne, Form::Approval, Form::Ranking, Form::Score, Form::Motion] {
        let named = |name: &str| BallotOption { cost: Some(7), ..BallotOption::named(name) };
        let mut election = Election::new("fuzz", ["a", "b", "c"].map(named).to_vec(), form);
        election.budget = Some(20);
        for (weight, option) in [(5, 0), (3, 1), (1, 2)] {
            let _ = election.votes.push(weight, &mut [(option, 1)]);
        }
        let _ = count(&election, &rule, &Lot::ballot_order(3));
    }
});
