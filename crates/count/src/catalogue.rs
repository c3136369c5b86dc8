//! The catalogue of rules: names, sources, parameters.

use crate::rule::{Entry, Rule, Share};
use crate::rules::borda::Borda;
use crate::rules::committee::{Committee, Method, Rest};
use crate::rules::condorcet::{RankedPairs, Schulze};
use crate::rules::consent::{Block, Consent};
use crate::rules::greedy::{Greedy, Overflow};
use crate::rules::irv::{Mode, RankedChoice};
use crate::rules::meek::{EqualRanks, Meek};
use crate::rules::motion::{Base, Motion, TieRule};
use crate::rules::scottish::ScottishStv;
use crate::rules::shares::{Comparison, EqualShares, Start, Stop};
use crate::rules::simple::{Approval, Blank, BlockVote, Plurality, Score};
use crate::rules::star::Star;

const SEATS: (&str, &str) = ("seats", "how many are elected");

/// All entries.
pub(crate) fn entries() -> Vec<Entry> {
    let mut all = motions();
    all.extend(choosing());
    all.extend(ranking());
    all.extend(committees());
    all.extend(budgets());
    all
}

fn motions() -> Vec<Entry> {
    let motion = |name, about, numerator, denominator, strict| Entry {
        name,
        used_for: "motions",
        about,
        source: "Robert's Rules of Order Newly Revised (12th ed.), §44; the statutes of the assembly",
        parameters: &[
            (
                "base",
                "of what yes must be a share: yes_and_no, all_votes, present (with a number), eligible (with a number)",
            ),
            ("share", "the share as numerator and denominator; 2/3 is exactly two thirds"),
            ("strict", "more than the share rather than at least the share"),
            ("quorum", "null, or of (turnout or yes), share and eligible"),
            ("tie", "fails, or chair_decides with true, false or null"),
        ],
        rule: Rule::Motion(Motion {
            base: Base::YesAndNo,
            share: Share::of(numerator, denominator),
            strict,
            quorum: None,
            tie: TieRule::Fails,
        }),
    };
    vec![
        motion("motion", "More yes than no; a tie fails.", 1, 2, true),
        motion("motion-two-thirds", "At least two yes to one no.", 2, 3, false),
        Entry {
            name: "consent",
            used_for: "consent",
            about: "A proposal stands unless enough participants keep a reasoned objection.",
            source: "Sociocracy (G. Endenburg 1981); consent decision-making",
            parameters: &[
                (
                    "block",
                    "people (a number) or share (a fraction of participants) whose open objections block",
                ),
                ("participants", "how many take part"),
                ("objections", "participant, round, and fate: open, integrated or withdrawn in a round"),
            ],
            rule: Rule::Consent(Consent { block: Block::People(1), participants: 0, objections: vec![] }),
        },
    ]
}

fn choosing() -> Vec<Entry> {
    vec![
        Entry {
            name: "plurality",
            used_for: "choosing",
            about: "One mark each; most votes win.",
            source: "first past the post",
            parameters: &[],
            rule: Rule::Plurality(Plurality {}),
        },
        Entry {
            name: "approval",
            used_for: "choosing",
            about: "Any number of marks; most votes win.",
            source: "Brams and Fishburn, American Political Science Review 72 (1978)",
            parameters: &[],
            rule: Rule::Approval(Approval {}),
        },
        Entry {
            name: "block-vote",
            used_for: "choosing several",
            about: "As many marks as seats; most votes win.",
            source: "multiple non-transferable vote",
            parameters: &[
                SEATS,
                ("most_marks", "how many options one vote may mark; null: as many as seats"),
            ],
            rule: Rule::BlockVote(BlockVote { seats: 1, most_marks: None }),
        },
        Entry {
            name: "score",
            used_for: "choosing",
            about: "Points are added; the highest sum wins.",
            source: "W. D. Smith, Range voting (2000)",
            parameters: &[
                ("blank", "zero: sums; no_opinion: means over those who gave points"),
                ("least_opinions", "with means, opinions an option needs to win"),
            ],
            rule: Rule::Score(Score { blank: Blank::Zero, least_opinions: 0 }),
        },
        Entry {
            name: "star",
            used_for: "choosing",
            about: "Points choose two; the one more voters rate higher wins.",
            source: "Equal Vote Coalition, STAR voting protocol",
            parameters: &[],
            rule: Rule::Star(Star {}),
        },
    ]
}

fn ranking() -> Vec<Entry> {
    const OPTIONS: &[(&str, &str)] = &[
        ("winners", "how many are elected (numberOfWinners)"),
        (
            "mode",
            "single_winner, several_per_round, one_per_round, bottoms_up, bottoms_up_share (with a share), passes (winnerElectionMode)",
        ),
        ("overvotes", "skip, stop, stop_if_several_continue (overvoteRule)"),
        ("skipped_ranks", "ranks that may be left out; null: any (maxSkippedRanksAllowed)"),
        ("most_ranks", "ranks on the ballot; null: any (maxRankingsAllowed)"),
        ("stop_at_duplicate", "a vote stops where it repeats an option (exhaustOnDuplicateCandidate)"),
        ("batch", "options that cannot win drop out together (batchElimination)"),
        ("fixed_threshold", "the first round's threshold stays (doesFirstRoundDetermineThreshold)"),
        ("hare", "votes ÷ seats (hareQuota)"),
        ("fractional_threshold", "the threshold may have decimals (nonIntegerWinningThreshold)"),
        ("decimals", "decimals kept, at most 9 (decimalPlacesForVoteArithmetic)"),
        ("minimum_votes", "options with fewer drop out at once (minimumVoteThreshold)"),
        ("until_two", "go on until two are left (continueUntilTwoCandidatesRemain)"),
        ("stop_after", "last round; null: none (stopTabulationEarlyAfterRound)"),
        (
            "ties",
            "lot, previous_rounds, seed, previous_rounds_then_seed, shuffled, the last three with a number (tiebreakMode, randomSeed)",
        ),
    ];
    let rctab = "RCTab 2.0 (Bright Spots), source and test cases";
    vec![
        Entry {
            name: "irv",
            used_for: "ranking, one winner",
            about: "The last drops out and the votes go on, until one has a majority.",
            source: rctab,
            parameters: OPTIONS,
            rule: Rule::RankedChoice(RankedChoice::usual()),
        },
        Entry {
            name: "ranked-choice-several",
            used_for: "ranking, several winners",
            about: "Transferable votes as counted by RCTab.",
            source: rctab,
            parameters: OPTIONS,
            rule: Rule::RankedChoice(RankedChoice { mode: Mode::SeveralPerRound, ..RankedChoice::usual() }),
        },
        Entry {
            name: "schulze",
            used_for: "ranking, one winner",
            about: "Who is ahead of everyone by the strongest chain of comparisons, by winning votes.",
            source: "M. Schulze, Social Choice and Welfare 36 (2011)",
            parameters: &[],
            rule: Rule::Schulze(Schulze {}),
        },
        Entry {
            name: "ranked-pairs",
            used_for: "ranking, one winner",
            about: "The clearest comparisons are kept, those that contradict them left out.",
            source: "T. N. Tideman, Social Choice and Welfare 4 (1987); Zavist and Tideman (1989)",
            parameters: &[],
            rule: Rule::RankedPairs(RankedPairs {}),
        },
        Entry {
            name: "borda",
            used_for: "ranking, one winner",
            about: "n − 1 points for the first place down to 0; the unranked share what is left.",
            source: "J.-C. de Borda (1781); shared places after Dummett (1997)",
            parameters: &[],
            rule: Rule::Borda(Borda {}),
        },
        Entry {
            name: "scottish-stv",
            used_for: "ranking, several winners",
            about: "Quota, largest surplus first, five decimals cut off.",
            source: "Scottish Local Government Elections Order 2011 (SSI 2011/399), schedule 1, rules 45–52",
            parameters: &[SEATS],
            rule: Rule::ScottishStv(ScottishStv { seats: 1 }),
        },
        Entry {
            name: "meek",
            used_for: "ranking, several winners",
            about: "Everyone elected keeps just the part of each vote that is needed.",
            source: "Hill, Wichmann and Woodall, The Computer Journal 30 (1987); Droop and stv-rs, Meek Parametric",
            parameters: &[
                SEATS,
                ("decimals", "decimals kept, at most 9"),
                ("omega", "a round ends when the surplus is below 10 to minus this"),
                ("equal_ranks", "split, or all_orders"),
                ("only_positive_surplus", "an elected option below the quota counts as no surplus"),
            ],
            rule: Rule::Meek(Meek {
                seats: 1,
                decimals: 9,
                omega: 6,
                equal_ranks: EqualRanks::AllOrders,
                only_positive_surplus: true,
            }),
        },
    ]
}

fn committees() -> Vec<Entry> {
    let entry = |name, about, source, parameters, method| Entry {
        name,
        used_for: "committees and orders of proposals",
        about,
        source,
        parameters,
        rule: Rule::Committee(Committee { seats: 1, method }),
    };
    vec![
        entry(
            "sequential-pav",
            "Each vote counts 1, 1/2, 1/3 … as options it supports are elected.",
            "T. N. Thiele (1895); Lackner and Skowron, Multi-Winner Voting with Approval Preferences (2023), rule 4",
            &[SEATS, ("method", "sequential_pav")],
            Method::SequentialPav,
        ),
        entry(
            "sequential-phragmen",
            "Every seat is a burden its supporters share as evenly as possible.",
            "E. Phragmén (1894); Brill, Freeman, Janson and Lackner (2017)",
            &[SEATS, ("method", "sequential_phragmen")],
            Method::SequentialPhragmen,
        ),
        entry(
            "committee-equal-shares",
            "Everyone holds an equal part of the seats and pays for whom they support.",
            "D. Peters and P. Skowron, EC 2020",
            &[SEATS, ("method", "equal_shares with empty, phragmen or most_votes for seats left over")],
            Method::EqualShares(Rest::Phragmen),
        ),
    ]
}

fn budgets() -> Vec<Entry> {
    const GREEDY: &[(&str, &str)] = &[
        ("overflow", "skip, stop, or top_up with the share of a project's cost that must be left"),
        ("threshold", "votes or points a project needs; null: none"),
        ("by_points", "order by points where votes carry points or ranks"),
        ("first_place", "points of a first rank; null: as many as the vote has marks"),
    ];
    let greedy = |name, about, source, overflow| Entry {
        name,
        used_for: "budgets",
        about,
        source,
        parameters: GREEDY,
        rule: Rule::Greedy(Greedy { overflow, ..Greedy::skip() }),
    };
    vec![
        greedy(
            "greedy",
            "Most votes first; what does not fit is skipped. Exclusive groups are respected.",
            "Pabulib, rule greedy (also greedy-threshold, greedy-exclusive)",
            Overflow::Skip,
        ),
        greedy(
            "greedy-no-skip",
            "Most votes first; the first that does not fit ends it.",
            "Pabulib, rule greedy-no-skip",
            Overflow::Stop,
        ),
        greedy(
            "greedy-80",
            "Most votes first; the first that does not fit is still funded if 80 % of its cost is left.",
            "Poznański Budżet Obywatelski; Pabulib, rule greedy-custom",
            Overflow::TopUp(Share::of(4, 5)),
        ),
        Entry {
            name: "equal-shares",
            used_for: "budgets",
            about: "Everyone holds an equal share of the money; supporters pay for their projects. Shares are raised by 1 until the budget is spent.",
            source: "Peters, Pierczyński and Skowron, NeurIPS 2021; Zielony Milion Wieliczka 2023; equalshares.net",
            parameters: &[
                ("start", "exact: budget ÷ voters; floored: whole units of money"),
                (
                    "completion",
                    "none, greedy, add1, add1_greedy, step (with a number), step_greedy (with a number)",
                ),
                ("stop", "overspend, or overspend_or_exhaustive"),
                ("comparison", "none, projects, money, represented: with most votes first"),
            ],
            rule: Rule::EqualShares(EqualShares {
                start: Start::Exact,
                completion: crate::rules::shares::Completion::Add1,
                stop: Stop::Overspend,
                comparison: Comparison::None,
            }),
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_survives_json_and_has_words() {
        let words = crate::Words::english();
        for entry in entries() {
            let json = serde_json::to_string(&entry.rule).unwrap();
            assert_eq!(serde_json::from_str::<Rule>(&json).unwrap(), entry.rule, "{json}");
            assert_eq!(Rule::parse(entry.name, None).unwrap(), entry.rule);
            let name = format!("rule.{}", entry.rule.key());
            for key in entry.rule.recipe().into_iter().chain([&*name]) {
                assert_ne!(words.text(key), key, "no words for {key}");
            }
            let named: Vec<String> =
                serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&json)
                    .unwrap()
                    .into_iter()
                    .map(|(k, _)| k)
                    .filter(|k| k != "rule")
                    .collect();
            for parameter in &named {
                assert!(
                    entry.parameters.iter().any(|p| p.0 == parameter),
                    "{}: {parameter} is not explained",
                    entry.name
                );
            }
            assert_eq!(named.len(), entry.parameters.len(), "{}", entry.name);
        }
    }

    #[test]
    fn an_unknown_rule_lists_the_known_ones() {
        let refusal = Rule::parse("coin-toss", None).unwrap_err().to_string();
        assert!(refusal.contains("scottish-stv") && refusal.contains("equal-shares"), "{refusal}");
        assert!(Rule::parse("{\"rule\":\"borda\",\"seats\":3}", None).is_err());
    }
}
