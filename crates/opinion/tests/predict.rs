//! Predictions: laws for any responses, and the bars on real conversations.

#![allow(clippy::unwrap_used, reason = "a test stops where its data is not what it should be")]

mod common;

use opinion::evaluate::{self, Score};
use opinion::simulate::Plan;
use opinion::{Flags, Responses, ResponsesBuilder, Value, predict};
use proptest::prelude::*;

type Step = (u32, u32, Value);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let value = prop_oneof![Just(Value::Agree), Just(Value::Disagree), Just(Value::Pass)];
    prop::collection::btree_map((0u32..40, 0u32..14), value, 0..200).prop_map(|all| {
        all.into_iter().map(|((participant, statement), value)| (participant, statement, value)).collect()
    })
}

fn build(steps: &[Step]) -> Responses {
    let mut builder = ResponsesBuilder::new();
    steps.iter().for_each(|&(participant, statement, value)| builder.respond(participant, statement, value));
    builder.build()
}

proptest! {
    #[test]
    fn any_order_gives_the_same_bytes(steps in steps(), order in any::<u64>()) {
        let pairs: Vec<(u32, u32)> = (0..42).flat_map(|p| (0..16).map(move |s| (p, s))).collect();
        let mut shuffled = steps.clone();
        shuffled.sort_by_key(|&(p, s, _)| (u64::from(p) * 77 + u64::from(s) * 1_009 + 1).wrapping_mul(order | 1));
        let found = predict(&build(&steps), &pairs);
        let again = predict(&build(&shuffled), &pairs);
        prop_assert_eq!(found.iter().map(|p| p.to_bits()).collect::<Vec<_>>(), again.iter().map(|p| p.to_bits()).collect::<Vec<_>>());
        prop_assert!(found.iter().all(|&p| p > 0.0 && p < 1.0));
    }
}

#[test]
fn nothing_known_is_even_and_everybody_agreeing_is_not() {
    assert_eq!(predict(&build(&[]), &[(1, 1)]), [0.5]);
    let all: Vec<Step> = (0..20).flat_map(|p| (0..10).map(move |s| (p, s, Value::Agree))).collect();
    let found = predict(&build(&all), &[(0, 0), (99, 0), (0, 99), (99, 99)]);
    assert!(found.iter().all(|&p| p > 0.8), "{found:?}");
    assert!(found[0] > found[3]);
}

/// Where there is nothing to find but how agreeable statements are, and where there is next to nothing at all. What is
/// noise can only be told from hidden responses, so that luck remains: a few thousandths in the mean.
#[test]
fn not_worse_than_statement_means_on_noise_and_tiny_conversations() {
    for groups in [1, 3] {
        for (participants, statements, responses_each) in
            [(8, 10, 8), (15, 8, 8), (25, 30, 10), (60, 12, 9), (60, 40, 30), (300, 40, 20)]
        {
            let (mut ours, mut means) = (0.0, 0.0);
            for seed in 1..=6 {
                let plan = Plan { participants, statements, responses_each, groups, seed };
                ours += evaluate::judge(&plan.responses(), &Flags::new(), predict).log_loss;
                means +=
                    evaluate::judge(&plan.responses(), &Flags::new(), evaluate::statement_means).log_loss;
            }
            println!("{groups} groups, {participants} × {statements}: {:.4} {:.4}", ours / 6.0, means / 6.0);
            assert!(
                ours / 6.0 <= means / 6.0 + 0.005,
                "{groups} groups, {participants} × {statements}: {ours} {means}"
            );
        }
    }
}

#[test]
#[cfg_attr(not(veche_data), ignore = "the real data is not here")]
fn the_bars_of_the_protocol() {
    let mut mean = Score::default();
    for name in common::POLIS {
        let conversation = common::conversation(&common::folder(&format!("polis/{name}"))).unwrap();
        let (responses, flags) = (conversation.responses(), conversation.flags());
        let ours = evaluate::judge(&responses, &flags, predict);
        let means = evaluate::judge(&responses, &flags, evaluate::statement_means);
        println!("{name}: {ours:?}; statement means {:.4}", means.log_loss);
        assert!(ours.log_loss < means.log_loss, "{name}");
        mean.log_loss += ours.log_loss / common::POLIS.len() as f64;
        mean.calibration += ours.calibration / common::POLIS.len() as f64;
    }
    assert!(mean.log_loss <= 0.353 && mean.calibration <= 0.025, "{mean:?}");
}
