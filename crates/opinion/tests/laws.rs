//! Laws that hold for any responses.

use opinion::{Flags, Map, Responses, ResponsesBuilder, Value, classic, simulate::Plan};
use proptest::prelude::*;

#[derive(Clone, Debug)]
struct Step {
    participant: u32,
    statement: u32,
    value: Option<Value>,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let value = prop_oneof![
        3 => Just(Some(Value::Agree)),
        3 => Just(Some(Value::Disagree)),
        2 => Just(Some(Value::Pass)),
        1 => Just(None)
    ];
    (1u32..40, 1u32..14).prop_flat_map(move |(participants, statements)| {
        let step = (0..participants, 0..statements, value.clone());
        let step = step.prop_map(|(participant, statement, value)| Step { participant, statement, value });
        prop::collection::vec(step, 0..300)
    })
}

fn flags() -> impl Strategy<Value = Flags> {
    prop::collection::vec((0u32..14, any::<bool>()), 0..5).prop_map(|marks| {
        let mut flags = Flags::new();
        for (statement, rejected) in marks {
            if rejected {
                flags.reject(statement)
            } else {
                flags.mark_meta(statement)
            };
        }
        flags
    })
}

fn build(steps: &[Step]) -> Responses {
    let mut builder = ResponsesBuilder::new();
    for step in steps {
        match step.value {
            Some(value) => builder.respond(step.participant, step.statement, value),
            None => builder.retract(step.participant, step.statement),
        }
    }
    builder.build()
}

fn bytes(map: &Map) -> String {
    // JSON has no word for "not a number": it would be null.
    let Ok(text) = serde_json::to_string(map) else { panic!("a map can always be written") };
    text
}

proptest! {
    #[test]
    fn every_number_is_finite_and_tallies_add_up(steps in steps(), flags in flags()) {
        let responses = build(&steps);
        let map = classic::map(&responses, &flags);
        prop_assert!(!bytes(&map).replace("\"group\":null", "").replace("\"agree\":null", "").contains("null"));
        prop_assert_eq!(map.groups.is_empty(), responses.is_empty());
        let grouped = map.participants.iter().filter(|participant| participant.group.is_some()).count();
        prop_assert_eq!(map.groups.iter().map(|group| group.size as usize).sum::<usize>(), grouped);
        prop_assert_eq!(map.bases.iter().map(|base| base.size as usize).sum::<usize>(), grouped);
        for statement in &map.statements {
            let tally = statement.tally;
            prop_assert_eq!(tally.agree + tally.disagree + tally.pass, tally.seen);
            prop_assert!(statement.groups.iter().map(|tally| tally.seen).sum::<u32>() <= tally.seen);
            prop_assert!((0.0..=1.0).contains(&statement.gac) && statement.priority >= 0.0);
        }
        let total: u32 = map.statements.iter().map(|statement| statement.tally.seen).sum();
        prop_assert_eq!(total as usize, responses.len());
        for group in &map.groups {
            prop_assert!(group.representative.len() <= 5);
            let left_out = group.representative.iter().any(|entry| flags.left_out(entry.statement));
            prop_assert!(!left_out);
        }
    }

    #[test]
    fn only_the_latest_response_and_the_order_of_first_responses_count(steps in steps(), flags in flags()) {
        let responses = build(&steps);
        let mut latest = ResponsesBuilder::new();
        for (row, &participant) in responses.participants().iter().enumerate() {
            // Within a row any order will do.
            let row: Vec<_> = responses.row(row).collect();
            for &(statement, value) in row.iter().rev() {
                latest.respond(participant, statement, value);
            }
        }
        let latest = latest.build();
        prop_assert_eq!(responses.digest(), latest.digest());
        prop_assert_eq!(bytes(&classic::map(&responses, &flags)), bytes(&classic::map(&latest, &flags)));
        prop_assert_eq!(responses, latest);
    }

    #[test]
    fn given_the_groups_it_found_it_finds_the_same_lists(steps in steps(), flags in flags()) {
        let responses = build(&steps);
        let map = classic::map(&responses, &flags);
        let groups: Vec<Option<u32>> = map.participants.iter().map(|participant| participant.group).collect();
        let again = classic::map_with_groups(&responses, &flags, &groups);
        prop_assert_eq!(&map.statements, &again.statements);
        for (one, other) in map.groups.iter().zip(&again.groups) {
            prop_assert_eq!(&one.representative, &other.representative);
        }
        prop_assert_eq!(map.consensus, again.consensus);
    }

    #[test]
    fn swapping_agree_and_disagree_mirrors_the_map(steps in steps()) {
        let mirrored: Vec<Step> = steps
            .iter()
            .map(|step| Step { value: step.value.and_then(|value| Value::from_sign(-i64::from(value.sign()))), ..step.clone() })
            .collect();
        let one = classic::map(&build(&steps), &Flags::new());
        let other = classic::map(&build(&mirrored), &Flags::new());
        prop_assert_eq!(one.consensus.agree, other.consensus.disagree);
        for (one, other) in one.statements.iter().zip(&other.statements) {
            prop_assert_eq!((one.tally.agree, one.tally.pass), (other.tally.disagree, other.tally.pass));
            prop_assert_eq!(one.mean, -other.mean);
        }
    }
}

/// Twice as many of the same people: shares, axes and extremities stay what they are.
#[test]
fn twins_do_not_move_the_map() {
    let plan = Plan { participants: 200, statements: 30, responses_each: 20, groups: 3, seed: 21 };
    let (mut once, mut twice) = (ResponsesBuilder::new(), ResponsesBuilder::new());
    for participant in 0..200 {
        for (statement, value) in plan.row(participant) {
            once.respond(participant, statement, value);
            twice.respond(participant, statement, value);
            twice.respond(participant + 1_000, statement, value);
        }
    }
    let once = classic::positions(&once.build(), &Flags::new());
    let twice = classic::positions(&twice.build(), &Flags::new());
    assert_eq!(once.means, twice.means);
    for axis in 0..2 {
        assert!((twice.spread[axis] / once.spread[axis] - 2.0).abs() < 1e-12);
    }
    for (one, other) in once.loadings.iter().zip(&twice.loadings) {
        assert!((one[0] - other[0]).abs() < 1e-9 && (one[1] - other[1]).abs() < 1e-9);
    }
    for (one, pair) in once.participants.iter().zip(twice.participants.chunks(2)) {
        assert!(pair[0] == pair[1] && (one[0] - pair[0][0]).abs() < 1e-8);
    }
}

/// More statements than narrow words reach.
#[test]
fn twenty_thousand_statements() {
    let plan = Plan { participants: 60, statements: 20_000, responses_each: 1_000, groups: 2, seed: 2 };
    let responses = plan.responses();
    let map = classic::map(&responses, &Flags::new());
    assert_eq!(map.statements.len(), responses.statements().len());
    assert!(map.statements.len() > 16_384 && map.groups.len() >= 2);
}

#[test]
fn the_digest_changes_with_every_part_it_covers() {
    let of = |steps: &[(u32, u32, Value)]| {
        let mut builder = ResponsesBuilder::new();
        steps
            .iter()
            .for_each(|&(participant, statement, value)| builder.respond(participant, statement, value));
        builder.build().digest()
    };
    use Value::{Agree, Disagree};
    let base = of(&[(1, 1, Agree), (2, 1, Disagree), (2, 3, Agree)]);
    assert_eq!(base, of(&[(1, 1, Agree), (2, 3, Agree), (2, 1, Disagree)]));
    for other in [
        of(&[(2, 1, Disagree), (2, 3, Agree), (1, 1, Agree)]),
        of(&[(1, 1, Agree), (2, 1, Disagree), (2, 4, Agree)]),
        of(&[(1, 1, Agree), (3, 1, Disagree), (3, 3, Agree)]),
        of(&[(1, 1, Agree), (2, 1, Agree), (2, 3, Agree)]),
        of(&[(1, 1, Agree), (1, 3, Agree), (2, 1, Disagree)]),
        of(&[]),
    ] {
        assert_ne!(base, other);
    }
}

/// Enough rows for several chunks, blocks and subtrees.
#[test]
fn threads_make_no_difference() {
    let plan = Plan { participants: 150_000, statements: 60, responses_each: 12, groups: 4, seed: 9 };
    let responses = plan.responses();
    let mut flags = Flags::new();
    flags.reject(3).mark_meta(11);
    let with = |threads| {
        let Ok(pool) = rayon::ThreadPoolBuilder::new().num_threads(threads).build() else { panic!("a pool") };
        pool.install(|| bytes(&classic::map(&responses, &flags)))
    };
    let one = with(1);
    assert!(one == with(2) && one == with(3));
}

#[test]
fn nobody_one_participant_one_statement_and_all_alike() {
    use Value::{Agree, Pass};
    let map = |steps: &[(u32, u32, Value)]| {
        let mut builder = ResponsesBuilder::new();
        steps
            .iter()
            .for_each(|&(participant, statement, value)| builder.respond(participant, statement, value));
        classic::map(&builder.build(), &Flags::new())
    };
    let nobody = map(&[]);
    assert!(nobody.participants.is_empty() && nobody.statements.is_empty() && nobody.groups.is_empty());
    for (map, participants) in [
        (map(&[(5, 5, Agree)]), 1),
        (map(&[(5, 5, Agree), (5, 6, Pass)]), 1),
        (map(&[(1, 5, Agree), (2, 5, Value::Disagree)]), 2),
        (map(&[(1, 1, Agree), (2, 1, Agree), (1, 2, Agree), (2, 2, Agree)]), 2),
        (map(&[(1, 1, Pass), (2, 1, Pass), (1, 2, Pass), (2, 2, Pass)]), 2),
    ] {
        assert_eq!(map.participants.len(), participants);
        assert!(
            map.participants.iter().all(|place| (place.x, place.y) == (0.0, 0.0) && place.group == Some(0))
        );
        assert_eq!(map.groups.len(), 1);
    }
}
