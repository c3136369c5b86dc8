//! What a map must not claim: camps in noise, copies in camps, sureness about people of whom nothing is known.

use opinion::simulate::{Spread, mix};
use opinion::{Flags, Map, Reason, Responses, ResponsesBuilder, Value, map};

/// A number from 0 up to 1.
fn luck(of: u64) -> f64 {
    (mix(of) >> 11) as f64 / (1u64 << 53) as f64
}

/// `people` who respond to `statements`, where `value` says so.
fn build(people: u32, statements: u32, value: impl Fn(u32, u32) -> Option<Value>) -> Responses {
    let mut responses = ResponsesBuilder::new();
    for person in 0..people {
        for statement in 0..statements {
            if let Some(value) = value(person, statement) {
                responses.respond(person, statement, value);
            }
        }
    }
    responses.build()
}

fn found(responses: &Responses) -> Map {
    map::map(responses, &Flags::new())
}

fn side(agrees: bool) -> Value {
    if agrees { Value::Agree } else { Value::Disagree }
}

/// Many statements and few responses to each: whoever looks at all responses before some are hidden finds camps here.
#[test]
fn noise_has_no_groups() {
    for (participants, statements, responses_each) in [(40, 300, 60), (50, 200, 40), (100, 300, 40)] {
        for seed in 0..4 {
            let noise = Spread { participants, statements, responses_each, directions: 0, seed };
            let map = found(&noise.responses());
            assert!(map.groups.is_empty(), "{noise:?}: {:?}", map.findings.map(|found| found.choice));
        }
    }
}

/// Two camps that nearly always hold together: many respond exactly alike, and honestly.
fn camps(people: u32, statements: u32, loyalty: f64, seed: u64) -> impl Fn(u32, u32) -> Option<Value> {
    move |person, statement| {
        (statement < statements && person < people).then(|| {
            let line = luck(seed << 40 | u64::from(statement) << 1 | u64::from(person % 2)) < 0.5;
            let loyal = luck(seed << 40 | u64::from(person) << 20 | u64::from(statement) << 8 | 5) < loyalty;
            side(line == loyal)
        })
    }
}

fn copies(map: &Map) -> Vec<u32> {
    let care = map.findings.iter().flat_map(|findings| &findings.care);
    care.filter(|care| care.reason == Reason::NearlyIdentical).map(|care| care.participant).collect()
}

#[test]
fn who_holds_with_a_camp_is_nobodys_copy() {
    for (people, statements, loyalty) in
        [(500, 40, 0.97), (500, 40, 0.99), (60, 30, 0.95), (60, 30, 0.99), (300, 12, 0.97)]
    {
        let honest = camps(people, statements, loyalty, 3);
        assert_eq!(
            copies(&found(&build(people, statements, &honest))),
            [0; 0],
            "{people} × {statements}, {loyalty}"
        );
        // A tenth more who copy one row that is in no camp.
        let all = people + people / 10;
        let with_copies = found(&build(all, statements, |person, statement| {
            honest(person, statement).or_else(|| Some(side(luck(u64::from(statement) << 3 | 7) < 0.5)))
        }));
        let copied: Vec<u32> = (people + 1..all).collect();
        assert_eq!(copies(&with_copies), copied, "{people} × {statements}, {loyalty}");
    }
}

/// Four fifths hold with one camp; that alone puts nobody into it.
#[test]
fn of_whom_nothing_is_known_is_in_no_group() {
    let responses = build(600, 21, |person, statement| {
        let agrees = |share: f64| side(luck(u64::from(person) << 20 | u64::from(statement) << 4 | 9) < share);
        match (person < 500, statement) {
            (true, 0..20) => Some(agrees(if (person % 5 == 0) == (statement % 2 == 0) { 0.9 } else { 0.1 })),
            (false, 20) => Some(Value::Pass),
            (true, 20) if person < 100 => Some(Value::Pass),
            _ => None,
        }
    });
    let map = found(&responses);
    assert_eq!(map.groups.len(), 2);
    let strangers = map.participants.iter().filter(|participant| participant.number >= 500);
    assert!(strangers.clone().count() == 100 && strangers.clone().all(|stranger| stranger.group.is_none()));
    let sizes: u32 = map.groups.iter().map(|group| group.size).sum();
    assert!((480..=500).contains(&sizes), "{sizes}");
}

#[test]
fn who_responded_only_to_what_was_rejected_shapes_nothing() {
    let flags = Flags::new().reject(20).clone();
    let camp = camps(120, 20, 0.8, 5);
    let with = build(150, 21, |person, statement| match statement {
        20 => (person >= 110).then(|| side(person % 3 == 0)),
        _ => camp(person, statement),
    });
    let without = build(120, 20, camps(120, 20, 0.8, 5));
    let [with, without] = [with, without].map(|responses| map::map(&responses, &flags));
    assert_eq!(with.groups, without.groups);
    assert_eq!(with.participants[..110], without.participants[..110]);
    let [with, without] = [with, without].map(|map| map.findings.map(|found| (found.choice, found.slate)));
    assert_eq!(with, without);
}

/// One of a camp was asked, and it differs from all of the other camp as much as can be.
#[test]
fn what_one_person_said_sets_no_group_apart() {
    let camp = camps(400, 20, 0.9, 2);
    let responses = build(400, 21, |person, statement| match statement {
        20 => (person == 0 || person % 2 == 1).then(|| side(person == 0)),
        _ => camp(person, statement),
    });
    let map = found(&responses);
    assert_eq!(map.groups.len(), 2);
    let findings = map.findings.unwrap();
    assert!(
        findings.differences.len() > 10
            && findings.differences.iter().all(|difference| difference.statement != 20)
    );
}

/// Everybody's opinion of everything is known here, and a third of it is told.
#[test]
fn a_slate_promises_what_is_so_where_people_pass() {
    // A third of the people pass on nine of ten statements.
    let truth = |person: u32, statement: u32| {
        let draw = luck(u64::from(person) << 20 | u64::from(statement) << 4 | 3);
        let passes = if person.is_multiple_of(3) { 0.9 } else { 0.1 };
        let agrees = if person % 3 == 1 { 0.8 } else { 0.35 };
        if draw < passes { Value::Pass } else { side(draw < passes + (1.0 - passes) * agrees) }
    };
    let asked =
        |person: u32, statement: u32| luck(u64::from(person) << 20 | u64::from(statement) << 4 | 11) < 0.33;
    let map = found(&build(300, 40, |person, statement| {
        asked(person, statement).then(|| truth(person, statement))
    }));
    let slate = map.findings.unwrap().slate;
    let share = |of: &dyn Fn(u32, u32) -> bool, least: usize| {
        let agree = |person: u32| slate.statements.iter().filter(|statement| of(person, **statement)).count();
        (0..300).filter(|person| agree(*person) >= least).count() as f64 / 300.0
    };
    let really = |person: u32, statement: u32| truth(person, statement) == Value::Agree;
    let said = |person: u32, statement: u32| asked(person, statement) && really(person, statement);
    assert_eq!([slate.all.said_one.share, slate.all.said_two.share], [share(&said, 1), share(&said, 2)]);
    for (expected, least) in [(slate.all.one, 1), (slate.all.two, 2)] {
        let real = share(&really, least);
        assert!((expected - real).abs() < 0.06, "{least}: {expected} instead of {real}");
        assert!(real < 0.95, "who passes agrees with nothing: {real}");
    }
}
