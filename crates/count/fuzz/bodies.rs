//! What each fuzzer does with its bytes. The fuzzers and the ordinary test `tests/corpus.rs` both run these.

use count::files::{blt, pabulib as pb, preflib as orders};
use count::report::{Request, report};
use count::{BallotOption, Election, Form, Lot, Rule, count};

/// Pabulib files: read, counted by their own rule, shown, written and read again.
pub fn pabulib(data: &[u8]) {
    let request = Request { vote: Some(1), ..Request::default() };
    if let Ok(report) = report("x.pb", data, &[], &request) {
        assert!(!report.html().contains("<script"));
        assert!(pb::read(pb::write(report.election()).as_bytes()).is_ok());
    }
}

/// BLT files: the same.
pub fn ballots(data: &[u8]) {
    let request = Request { vote: Some(1), ..Request::default() };
    if let Ok(report) = report("x.blt", data, &[], &request) {
        assert!(!report.html().contains("<script"));
        if let Ok(text) = blt::write(report.election()) {
            assert!(blt::read(text.as_bytes()).is_ok());
        }
    }
}

/// PrefLib files, old and new; the first byte chooses the extension.
pub fn preflib(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else { return };
    let extension = ["soc", "soi", "toc", "toi", "cat"][usize::from(*first) % 5];
    let Ok(read) = orders::read(rest, extension) else { return };
    let lot = Lot::ballot_order(read.election.options.len());
    for name in ["irv", "borda", "approval", "meek"] {
        if let Ok(rule) = Rule::parse(name, None) {
            let _ = count(&read.election, &rule, &lot);
        }
    }
    if let Ok((extension, text)) = orders::write(&read.election) {
        assert!(orders::read(text.as_bytes(), extension).is_ok());
    }
}

/// RCTab's contests and ballots: a zero byte parts the one from the other.
pub fn rctab(data: &[u8]) {
    let mut parts = data.splitn(2, |b| *b == 0);
    let config = parts.next().unwrap_or_default();
    let ballots = parts.next().unwrap_or_default().to_vec();
    for name in ["ballots.csv", "ballots.json"] {
        let _ = report("contest.json", config, &[(name.to_owned(), ballots.clone())], &Request::default());
    }
}

/// Rules as JSON, with every absurd parameter, over a small election of each form.
pub fn rule(data: &[u8]) {
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
}
