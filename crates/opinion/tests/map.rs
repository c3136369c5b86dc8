//! Laws of the method `map`: the same responses give the same bytes, and what it shows holds.

#![allow(clippy::unwrap_used, reason = "a test stops where its data is not what it should be")]

mod common;

use opinion::next::{Shown, Tallies, next_statement};
use opinion::simulate::Plan;
use opinion::{Flags, Live, Map, Reason, Responses, ResponsesBuilder, Value, classic, evaluate, map};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

type Step = (u32, u32, Value);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let value = prop_oneof![Just(Value::Agree), Just(Value::Disagree), Just(Value::Pass)];
    prop::collection::btree_map((0u32..40, 0u32..14), value, 0..300).prop_map(|all| {
        all.into_iter().map(|((participant, statement), value)| (participant, statement, value)).collect()
    })
}

fn build(steps: &[Step]) -> Responses {
    let mut builder = ResponsesBuilder::new();
    steps.iter().for_each(|&(participant, statement, value)| builder.respond(participant, statement, value));
    builder.build()
}

fn flags() -> Flags {
    let mut flags = Flags::new();
    flags.reject(3).mark_meta(5);
    flags
}

fn bytes(map: &Map) -> String {
    serde_json::to_string(map).unwrap()
}

fn shuffled(steps: &[Step], by: u64) -> Vec<Step> {
    let mut shuffled = steps.to_vec();
    shuffled.sort_by_key(|&(p, s, _)| (u64::from(p) * 77 + u64::from(s) * 1_009 + 1).wrapping_mul(by | 1));
    shuffled
}

/// Every response of a plan.
fn planned(plan: Plan) -> Vec<Step> {
    (0..plan.participants)
        .flat_map(|participant| {
            plan.row(participant).into_iter().map(move |(statement, value)| (participant, statement, value))
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whoever_said_nothing_since_stands_where_the_map_puts_them(steps in steps()) {
        let (map, ground) = map::map_and_ground(&build(&steps), &flags(), &BTreeSet::new());
        let places = map.findings.as_ref().map_or(&[][..], |findings| &findings.places[..]);
        prop_assert_eq!(places.len(), map.participants.len());
        for (participant, place) in map.participants.iter().zip(places) {
            let said = steps.iter().filter(|(number, ..)| *number == participant.number);
            let placed = ground.place(said.map(|&(_, statement, value)| (statement, value))).unwrap();
            prop_assert_eq!(placed.position, [participant.x, participant.y]);
            prop_assert_eq!(&placed.place, place);
            prop_assert_eq!(placed.group.map(u32::from), participant.group);
        }
        prop_assert!(ground.place([]).is_none());
        prop_assert!(ground.place([(99, Value::Agree)]).is_some(), "a statement that came after the map");
    }

    #[test]
    fn any_order_and_any_batches_give_the_same_bytes(steps in steps(), by in any::<u64>(), batch in 1usize..50) {
        let found = bytes(&map::map(&build(&steps), &flags()));
        let other = shuffled(&steps, by);
        prop_assert_eq!(&found, &bytes(&map::map(&build(&other), &flags())));
        let mut live = Live::new();
        for batch in other.chunks(batch) {
            for &(participant, statement, value) in batch {
                // What is replaced or withdrawn leaves no trace.
                live.respond(participant, statement, Some(Value::Pass));
                live.respond(participant, 99, Some(Value::Agree));
                live.respond(participant, 99, None);
                live.respond(participant, statement, Some(value));
            }
            if batch.len().is_multiple_of(7) {
                live.refresh(&flags(), &BTreeSet::new());
            }
        }
        prop_assert_eq!(live.len(), steps.len());
        prop_assert_eq!(&found, &bytes(&live.refresh(&flags(), &BTreeSet::new())));
    }

    #[test]
    fn what_it_says_is_in_range(steps in steps()) {
        let responses = build(&steps);
        let map = map::map(&responses, &flags());
        let text = bytes(&map);
        let known = ["\"group\":null", "\"agree\":null", "\"like\":null", "\"without_flagged\":null"];
        let rest = known.iter().fold(text, |text, null| text.replace(null, ""));
        prop_assert!(!rest.contains("null"), "JSON has no word for what is not a number");
        let findings = map.findings.as_ref().unwrap();
        prop_assert_eq!(findings.distinct, !map.groups.is_empty());
        prop_assert_eq!(findings.places.len(), map.participants.len());
        prop_assert!(map.participants.is_sorted_by_key(|participant| participant.number));
        for (participant, place) in map.participants.iter().zip(&findings.places) {
            prop_assert!(participant.x.is_finite() && participant.y.is_finite());
            prop_assert!(place.uncertainty[0] >= 0.0 && place.uncertainty[2] >= 0.0);
            let memberships = place.memberships.as_slice();
            prop_assert_eq!(memberships.len(), map.groups.len());
            prop_assert!(memberships.is_empty() || (memberships.iter().sum::<f32>() - 1.0).abs() < 1e-4);
        }
        for common in &findings.common_ground {
            prop_assert!(common.least > 0.5 && !flags().left_out(common.statement));
        }
        for statement in &findings.slate.statements {
            prop_assert!(!flags().left_out(*statement));
        }
    }
}

type Event = (u32, u32, Option<Value>);

fn events() -> impl Strategy<Value = Vec<Event>> {
    let value = prop_oneof![
        4 => Just(Some(Value::Agree)),
        4 => Just(Some(Value::Disagree)),
        2 => Just(Some(Value::Pass)),
        2 => Just(None)
    ];
    // Two camps among them, so that there are groups to move between.
    let camps = (0u32..40, 0u32..14).prop_map(|(participant, statement)| {
        let side = if (participant + statement) % 2 == 0 { Value::Agree } else { Value::Disagree };
        (participant, statement, Some(side))
    });
    let any = (0u32..42, 0u32..16, value);
    prop::collection::vec(prop_oneof![5 => camps, 1 => any], 0..700)
}

/// What counts in the end.
fn last(events: &[Event]) -> BTreeMap<(u32, u32), Value> {
    let mut last = BTreeMap::new();
    for &(participant, statement, value) in events {
        match value {
            Some(value) => last.insert((participant, statement), value),
            None => last.remove(&(participant, statement)),
        };
    }
    last
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The published map follows from the responses that count alone; the shown one from them and the last published
    /// one, whatever was replaced, withdrawn or looked at in between.
    #[test]
    fn live_maps_follow_from_what_counts(events in events(), at in 0usize..700, by in any::<u64>(), look in 1usize..40) {
        let (before, after) = events.split_at(at.min(events.len()));
        let mut live = Live::new();
        for &(p, s, value) in before {
            live.respond(p, s, value);
        }
        prop_assert!(live.shown(&flags()).is_none());
        let published = bytes(&live.refresh(&flags(), &BTreeSet::new()));
        prop_assert_eq!(&published, &bytes(&live.shown(&flags()).unwrap()), "nothing happened since");
        for (at, &(p, s, value)) in after.iter().enumerate() {
            live.respond(p, s, value);
            if at % look == 0 {
                live.shown(&if at % 3 == 0 { Flags::new() } else { flags() });
            }
        }
        let shown = live.shown(&flags()).unwrap();

        // Somebody else, who heard only what counted then and what counts now, in another order.
        let (then, now) = (last(before), last(&events));
        let step = |(&(p, s), &value): (&(u32, u32), &Value)| (p, s, value);
        let mut other = Live::new();
        for (p, s, value) in shuffled(&then.iter().map(step).collect::<Vec<_>>(), by) {
            other.respond(p, s, Some(value));
        }
        prop_assert_eq!(&published, &bytes(&other.refresh(&flags(), &BTreeSet::new())));
        for (&(p, s), _) in then.iter().filter(|(pair, _)| !now.contains_key(pair)) {
            other.respond(p, s, None);
        }
        let now: Vec<Step> = now.iter().map(step).collect();
        for (p, s, value) in shuffled(&now, !by) {
            if then.get(&(p, s)) != Some(&value) {
                other.respond(p, s, Some(value));
            }
        }
        prop_assert_eq!(bytes(&shown), bytes(&other.shown(&flags()).unwrap()));

        // Its tallies are those of its groups, counted one by one, and its lists those of a map of all.
        let group: BTreeMap<u32, Option<u32>> = shown.participants.iter().map(|p| (p.number, p.group)).collect();
        for statement in &shown.statements {
            for (at, tally) in statement.groups.iter().enumerate() {
                let here = now.iter().filter(|(p, s, _)| *s == statement.number && group[p] == Some(at as u32));
                let agree = here.clone().filter(|(.., value)| *value == Value::Agree).count();
                prop_assert_eq!((agree as u32, here.count() as u32), (tally.agree, tally.seen));
            }
        }
        let all = map::map(&build(&now), &flags());
        let of = |map: &Map| map.statements.iter().map(|s| (s.number, s.tally)).collect::<Vec<_>>();
        prop_assert_eq!(of(&shown), of(&all));
        prop_assert_eq!(&shown.digest, &all.digest);
        prop_assert_eq!(bytes(&live.refresh(&flags(), &BTreeSet::new())), bytes(&all));
    }
}

#[test]
fn the_digest_is_of_the_canonical_bytes() {
    use sha2::{Digest, Sha256};
    let plan = Plan { participants: 60, statements: 12, responses_each: 10, groups: 2, seed: 3 };
    for map in [map::map(&plan.responses(), &flags()), classic::map(&plan.responses(), &flags())] {
        assert_eq!(map.canonical_bytes(), bytes(&map).into_bytes());
        let hash: String = Sha256::digest(map.canonical_bytes()).iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(map.own_digest(), hash);
    }
}

#[test]
fn threads_make_no_difference() {
    // More rows than one thread takes at a time, and some that are flagged.
    let plan = Plan { participants: 20_000, statements: 40, responses_each: 12, groups: 3, seed: 9 };
    let mut steps = planned(plan);
    for clone in 100_000..100_040 {
        steps.extend((0..40).map(|statement| (clone, statement, Value::Agree)));
    }
    let responses = build(&steps);
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| map::map(&responses, &flags()))
    };
    let one = with(1);
    assert!(one.findings.as_ref().unwrap().without_flagged.is_some());
    let one = bytes(&one);
    assert!(one == bytes(&with(2)) && one == bytes(&with(3)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn what_is_shown_next_does_not_depend_on_any_order(steps in steps(), by in any::<u64>(), seed in any::<u64>()) {
        let map = map::map(&build(&steps), &flags());
        let statements: Vec<_> = map.statements.iter().map(|statement| (statement.number, statement.tally)).collect();
        let answers: Vec<_> = steps.iter().filter(|step| step.0 < 2).map(|&(_, s, value)| (s, value)).collect();
        let answers: Vec<_> = answers.into_iter().collect::<BTreeMap<_, _>>().into_iter().collect();
        let tallies = Tallies { active: 40, statements };
        let mut other = (tallies.clone(), answers.clone());
        other.0.statements.sort_by_key(|&(number, _)| u64::from(number + 1).wrapping_mul(by | 1));
        other.1.sort_by_key(|&(number, _)| u64::from(number + 1).wrapping_mul(!by | 1));
        let bits = |shown: Option<Shown>| shown.map(|shown| (shown.statement, shown.probability.to_bits()));
        let shown = next_statement(&tallies, Some(&map), &answers, seed);
        prop_assert_eq!(bits(shown), bits(next_statement(&other.0, Some(&map), &other.1, seed)));
        prop_assert_eq!(shown.is_some(), answers.len() < map.statements.len());
    }
}

#[test]
fn no_size_or_shape_is_too_much() {
    let all = |people: u32, statements: u32, value: fn(u32, u32) -> Value| -> Vec<Step> {
        (0..people).flat_map(|p| (0..statements).map(move |s| (p, s, value(p, s)))).collect()
    };
    let sides = |p: u32, s: u32| if (p + s).is_multiple_of(2) { Value::Agree } else { Value::Disagree };
    let shapes: [(&str, Vec<Step>); 9] = [
        ("nobody", vec![]),
        ("one response", vec![(5, 5, Value::Agree)]),
        ("one statement", all(50, 1, sides)),
        ("one person with all", all(1, 500, sides)),
        ("all pass", all(30, 10, |_, _| Value::Pass)),
        ("all agree", all(30, 10, |_, _| Value::Agree)),
        (
            "only statements left out",
            all(20, 6, sides).into_iter().filter(|step| [3, 5].contains(&step.1)).collect(),
        ),
        (
            "the highest numbers",
            all(20, 9, sides).into_iter().map(|(p, s, v)| (u32::MAX - p, u32::MAX - s, v)).collect(),
        ),
        ("more statements than two bytes hold", all(3, 16_385, sides)),
    ];
    for (name, steps) in shapes {
        let responses = build(&steps);
        let mut live = Live::new();
        for &(p, s, value) in &steps {
            live.respond(p, s, Some(value));
        }
        let ours = live.refresh(&flags(), &BTreeSet::new());
        assert_eq!(bytes(&ours), bytes(&live.shown(&flags()).unwrap()), "{name}");
        for map in [ours, classic::map(&responses, &flags())] {
            let again: Map = serde_json::from_slice(&map.canonical_bytes()).unwrap();
            assert_eq!(again, map, "{name}: all numbers are numbers");
            assert!(opinion::compare::compare(&map, &again).same_map, "{name}");
            assert!(!opinion::report::text(&map, "", &[], |_| None).is_empty(), "{name}");
            let statements =
                map.statements.iter().map(|statement| (statement.number, statement.tally)).collect();
            let shown = next_statement(&Tallies { active: 0, statements }, Some(&map), &[], 7);
            assert_eq!(shown.is_some(), !steps.is_empty(), "{name}");
        }
        let pairs = [(0, 0), (5, 5), (u32::MAX, u32::MAX), (7, 16_384)];
        assert!(
            opinion::predict(&responses, &pairs).iter().all(|&chance| chance > 0.0 && chance < 1.0),
            "{name}"
        );
    }
}

#[test]
fn planted_groups_are_found_and_lists_have_intervals() {
    let plan = Plan { participants: 900, statements: 60, responses_each: 40, groups: 3, seed: 5 };
    let map = map::map(&plan.responses(), &Flags::new());
    let planted = map.participants.iter().filter_map(|p| Some((plan.group_of(p.number), p.group?)));
    let index = opinion::agreement::adjusted_rand(planted);
    println!("{index}");
    // Responses are drawn: with 40 of them not everybody can be told apart.
    assert!(index > 0.8, "{index}");
    assert_eq!(map.groups.len(), 3);
    let findings = map.findings.unwrap();
    assert!(findings.differences.len() > 20 && findings.slate.all.two >= 0.9);
    assert!(
        findings
            .differences
            .iter()
            .all(|difference| difference.false_discovery <= 0.05 && difference.effect != 0.0)
    );
}

#[test]
fn where_nobody_differs_there_are_no_groups() {
    let plan = Plan { participants: 600, statements: 40, responses_each: 25, groups: 1, seed: 8 };
    let map = map::map(&plan.responses(), &Flags::new());
    assert!(map.groups.is_empty() && map.participants.iter().all(|participant| participant.group.is_none()));
    assert!(!map.findings.unwrap().common_ground.is_empty());
}

#[test]
fn nobody_one_person_and_one_statement() {
    for steps in [vec![], vec![(5, 5, Value::Agree)], vec![(1, 5, Value::Agree), (2, 5, Value::Disagree)]] {
        let map = map::map(&build(&steps), &Flags::new());
        assert_eq!(map.participants.len(), steps.len());
        assert!(map.groups.is_empty());
    }
}

#[test]
fn straight_lines_and_copies_are_flagged() {
    let plan = Plan { participants: 200, statements: 60, responses_each: 40, groups: 2, seed: 3 };
    let mut steps = planned(plan);
    for clone in 1_000..1_020 {
        steps.extend(plan.row(7).into_iter().map(|(statement, value)| (clone, statement, value)));
    }
    for flood in 2_000..2_010 {
        steps.extend((0..50).map(|statement| (flood, statement, Value::Agree)));
    }
    let map = map::map_with_care(&build(&steps), &Flags::new(), &BTreeSet::from([3]));
    let findings = map.findings.unwrap();
    let flagged = |reason| -> BTreeSet<u32> {
        findings.care.iter().filter(|care| care.reason == reason).map(|care| care.participant).collect()
    };
    assert_eq!(flagged(Reason::StraightLining), (2_000..2_010).collect());
    assert_eq!(flagged(Reason::ImpossibleSpeed), BTreeSet::from([3]));
    assert!((1_000..1_020).all(|clone| flagged(Reason::NearlyIdentical).contains(&clone)));
    assert!(!flagged(Reason::NearlyIdentical).contains(&7), "the first is not the copy");
    let without = findings.without_flagged.unwrap();
    assert_eq!(without.participants, 199);
}

#[test]
fn a_live_position_is_where_the_next_map_puts_it() {
    let plan = Plan { participants: 400, statements: 50, responses_each: 30, groups: 2, seed: 6 };
    let steps = planned(plan);
    let mut live = Live::new();
    let (before, after) = steps.split_at(steps.len() - 20);
    for &(participant, statement, value) in before {
        live.respond(participant, statement, Some(value));
    }
    assert_eq!(live.respond(7_777, 0, Some(Value::Agree)).position, None);
    live.respond(7_777, 0, None);
    live.refresh(&Flags::new(), &BTreeSet::new());
    let now: Vec<_> = after.iter().map(|&(p, s, value)| live.respond(p, s, Some(value))).collect();
    let map = live.refresh(&Flags::new(), &BTreeSet::new());
    let (place, last) = (map.participants.last().unwrap(), now.last().unwrap());
    let [x, y] = last.position.unwrap();
    assert!((place.x - x).abs() < 0.3 && (place.y - y).abs() < 0.3, "{place:?} {last:?}");
    assert_eq!(live.row(399).len(), 30);
    assert_eq!(live.tally(0), map.statements[0].tally);
}

/// Nor does it matter to the next response what somebody said before the map and what before the one before.
#[test]
fn who_takes_no_side_does_not_move() {
    let plan = Plan { participants: 200, statements: 40, responses_each: 20, groups: 2, seed: 4 };
    let steps = planned(plan);
    let lives = [0, steps.len() - 5].map(|first| {
        let mut live = Live::new();
        for (at, &(participant, statement, value)) in steps.iter().enumerate() {
            if at == first {
                live.refresh(&Flags::new(), &BTreeSet::new());
            }
            live.respond(participant, statement, Some(value));
        }
        live.refresh(&Flags::new(), &BTreeSet::new());
        live
    });
    let moved = lives.map(|mut live| {
        let open: Vec<u32> =
            (0..40).filter(|statement| live.row(199).iter().all(|(number, _)| number != statement)).collect();
        let took_side = live.respond(199, open[0], Some(Value::Agree));
        let passed = live.respond(199, open[1], Some(Value::Pass));
        let new = live.respond(199, 4_444, Some(Value::Disagree));
        assert_eq!((passed.position, new.position), (took_side.position, took_side.position));
        took_side
    });
    assert!(moved[0].position.is_some());
    assert_eq!(moved[0], moved[1]);
}

/// What people vote on stays what it was: a classic map has no new fields.
#[test]
fn classic_keeps_its_bytes() {
    let plan = Plan { participants: 60, statements: 12, responses_each: 10, groups: 2, seed: 3 };
    let text = bytes(&classic::map(&plan.responses(), &Flags::new()));
    assert!(text.ends_with("]}}") && !text.contains("findings"));
}

#[test]
#[cfg_attr(not(veche_data), ignore = "the real data is not here")]
fn groups_that_are_shown_are_found_again() {
    for name in common::POLIS {
        let conversation = common::conversation(&common::folder(&format!("polis/{name}"))).unwrap();
        let flags = conversation.flags();
        let index = evaluate::stability(&conversation.responses(), |responses| {
            let map = map::map(responses, &flags);
            map.participants.iter().map(|participant| (participant.number, participant.group)).collect()
        });
        println!("{name}: {index:.3}");
        assert!(index >= 0.85, "{name}: {index}");
    }
}

/// Groups of people who pass are apart, and said to be, though there is nothing that they say more often.
#[test]
fn a_group_that_passes_is_told_as_such() {
    let mut builder = ResponsesBuilder::new();
    for participant in 0..240u32 {
        for statement in 0..24u32 {
            let luck = (participant * 31 + statement * 17 + participant * statement) % 10;
            let value = match (participant % 3, luck) {
                (0, 0..8) => Value::Pass,
                (0, _) | (_, 0) => {
                    if luck % 2 == 0 {
                        Value::Agree
                    } else {
                        Value::Disagree
                    }
                }
                (camp, _) => {
                    if (camp == 1) == (statement % 2 == 0) {
                        Value::Agree
                    } else {
                        Value::Disagree
                    }
                }
            };
            builder.respond(participant, statement, value);
        }
    }
    let map = map::map(&builder.build(), &Flags::new());
    assert_eq!(map.groups.len(), 3);
    let silent = (0..3).find(|group| map::passes(&map, *group).is_some()).unwrap();
    let [here, rest] = map::passes(&map, silent).unwrap();
    assert!(here.share > 0.7 && rest.share < 0.1, "{here:?} {rest:?}");
    let findings = map.findings.as_ref().unwrap();
    let of_it: Vec<_> = findings.differences.iter().filter(|d| d.group == silent as u32).collect();
    assert!(!of_it.is_empty() && of_it.iter().all(|difference| difference.effect < 0.0), "{of_it:?}");
    assert!(map.groups[silent].representative.is_empty());
    // What the others say more often is not said once more as what they say less often.
    for difference in findings.differences.iter().filter(|d| d.group != silent as u32) {
        let more = findings.differences.iter().any(|other| {
            (other.group, other.statement) == (difference.group, difference.statement) && other.effect > 0.0
        });
        assert!(difference.effect > 0.0 || !more, "{difference:?}");
    }
    let report = opinion::report::text(&map, "", &[], |_| None);
    let line = report.lines().find(|line| line.contains("They pass on ")).unwrap();
    assert_eq!(line.matches(" %)").count(), 2, "shares have their intervals: {line}");
    // It has nothing that it says more often, and is told by what it says less often.
    assert!(report.contains("  They agree less often: Statement "), "{report}");
}

/// A pair may coincide; a crowd does not.
#[test]
fn a_crowd_of_equal_rows_is_flagged_though_a_pair_of_them_would_not_be() {
    let flagged = |copies: u32| {
        let plan = Plan { participants: 90, statements: 20, responses_each: 16, groups: 2, seed: 9 };
        let mut builder = ResponsesBuilder::new();
        for (participant, statement, value) in planned(plan) {
            builder.respond(participant, statement, value);
        }
        for participant in 1_000..1_000 + copies {
            for (statement, value) in plan.row(0).into_iter().take(13) {
                builder.respond(participant, statement, value);
            }
        }
        let map = map::map(&builder.build(), &Flags::new());
        let care = map.findings.unwrap().care;
        care.iter().filter(|care| care.participant >= 1_000 && care.reason == Reason::NearlyIdentical).count()
    };
    assert_eq!(flagged(26), 25);
    assert_eq!(flagged(0), 0);
}

/// Whoever joins the smaller group makes it the larger one; its letter stays.
#[test]
fn letters_stay_when_others_join() {
    let plan = Plan { participants: 300, statements: 80, responses_each: 60, groups: 2, seed: 1 };
    let with = |joining: u32| -> Map {
        let mut builder = ResponsesBuilder::new();
        for (participant, statement, value) in planned(plan) {
            builder.respond(participant, statement, value);
        }
        // As whoever joins the group that has fewer.
        let fewer = u32::from((0..300).filter(|p| plan.group_of(*p) == 0).count() > 150);
        let like: Vec<u32> =
            (1_000..).filter(|p| plan.group_of(*p) == fewer).take(joining as usize).collect();
        for participant in like {
            for (statement, value) in plan.row(participant) {
                builder.respond(participant, statement, value);
            }
        }
        map::map(&builder.build(), &Flags::new())
    };
    let (before, after) = (with(0), with(60));
    assert_eq!((before.groups.len(), after.groups.len()), (2, 2));
    let larger = |map: &Map| u32::from(map.groups[1].size > map.groups[0].size);
    assert_ne!(larger(&before), larger(&after));
    let group = |map: &Map, number: u32| map.participants.iter().find(|p| p.number == number).unwrap().group;
    let kept = (0..300).filter(|number| group(&before, *number) == group(&after, *number)).count();
    assert!(kept > 270, "{kept}");
}
