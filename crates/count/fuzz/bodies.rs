//! What each fuzzer does with its bytes. The fuzzers and the ordinary test `tests/all/corpus.rs` both run these.

use count::files::{preflib as orders, read, write};
use count::report::{Request, report};
use count::rules::irv::RankedChoice;
use count::{BallotOption, Election, Form, Lot, Rule, Vote, count};

/// Pabulib files: read, counted by their own rule, shown, written and read again.
pub fn pabulib(data: &[u8]) {
    let request = Request { vote: Some(1), ..Request::default() };
    if let Ok(report) = report("x.pb", data, &[], &request) {
        assert!(!report.html().contains("<script"));
        round_trip("x.pb", report.election());
    }
}

/// BLT files: the same.
pub fn ballots(data: &[u8]) {
    let request = Request { vote: Some(1), ..Request::default() };
    if let Ok(report) = report("x.blt", data, &[], &request) {
        assert!(!report.html().contains("<script"));
        round_trip("x.blt", report.election());
        round_trip("x.json", report.election());
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
    if let Ok((extension, _)) = orders::write(&read.election) {
        round_trip(&format!("x.{extension}"), &read.election);
    }
}

/// Options and votes made of the bytes, not of a file, written in every format: what is written is read back as it was.
pub fn written(data: &[u8]) {
    let Some((head, rest)) = data.split_first_chunk::<4>() else { return };
    let form = [Form::ChooseOne, Form::Approval, Form::Ranking, Form::Score][usize::from(head[0]) % 4];
    let n = usize::from(head[1]) % 6 + 1;
    let (names, marks) = rest.split_at(rest.len().min(usize::from(head[2])));
    let names = String::from_utf8_lossy(names);
    let name =
        |i: usize| names.split('\u{1}').nth(i).filter(|t| !t.trim().is_empty()).unwrap_or("x").to_owned();
    let option = |i: usize| BallotOption {
        id: name(i),
        cost: Some(u64::from(head[3]) + i as u64),
        ..BallotOption::named(name(i))
    };
    let mut election = Election::new(name(n), (0..n).map(option).collect(), form);
    (election.budget, election.seats) = (Some(100), Some(1));
    for vote in marks.split(|b| *b == 0) {
        let Some((weight, marks)) = vote.split_first() else { continue };
        let mut marks: Vec<(u32, i32)> =
            marks.iter().map(|b| (u32::from(b % 8) % n as u32, i32::from(b / 8 % 8) + 1)).collect();
        marks.sort_unstable();
        marks.dedup_by_key(|m| m.0);
        if matches!(form, Form::ChooseOne | Form::Approval) {
            marks.iter_mut().for_each(|m| m.1 = 1);
            marks.truncate(if form == Form::ChooseOne { 1 } else { n });
        }
        let _ = election.votes.push(u64::from(*weight), &mut marks);
    }
    for file in ["x.pb", "x.blt", "x.soc", "x.soi", "x.toc", "x.toi", "x.cat", "x.json"] {
        round_trip(file, &election);
    }
}

/// What can be written is read back with the same votes.
fn round_trip(name: &str, election: &Election) {
    let rule = Rule::RankedChoice(RankedChoice::usual());
    let Ok(mut files) = write(name, election, name.ends_with(".json").then_some(&rule)) else { return };
    let (name, text) = files.remove(0);
    let beside: Vec<_> = files.into_iter().map(|(name, text)| (name, text.into_bytes())).collect();
    let again = match read(&name, text.as_bytes(), &beside) {
        Ok(again) => again.election,
        Err(refusal) => panic!("{refusal}\n{text}\n{beside:?}"),
    };
    let marks = |e: &Election| {
        let votes = e.votes.canonical();
        // Points in units that any file has.
        let unit = 10i64.pow(6 - e.score_decimals.min(6));
        let levels = |v: Vote<'_>| v.levels.iter().map(|l| i64::from(*l) * unit).collect::<Vec<_>>();
        let list = votes.iter().filter(|v| v.weight > 0);
        list.map(|v| (v.weight, v.options.to_vec(), levels(v))).collect::<Vec<_>>()
    };
    assert_eq!(marks(&again), marks(election), "{text}");
    assert_eq!(again.options.len(), election.options.len());
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
