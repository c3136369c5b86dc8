//! Ranked choice: instant runoff and the multi-winner counts of RCTab, with its options under its names.
//!
//! The reference is RCTab (Bright Spots), whose behaviour was certified in American jurisdictions. Votes are kept
//! in units of 10 to minus `decimals`; products and quotients are cut off.

mod ballot;
mod count;
mod tie;

use crate::outcome::{Counted, Refusal};
use crate::rule::Share;
use crate::rules::Case;
use serde::{Deserialize, Serialize};

/// The option that stands for write-ins nobody declared: it drops out first and cannot win.
pub const WRITE_INS: &str = "Undeclared Write-ins";

/// All options of a ranked-choice contest. The names in brackets are RCTab's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RankedChoice {
    /// How many are elected (`numberOfWinners`).
    pub winners: u32,
    /// How (`winnerElectionMode`).
    pub mode: Mode,
    /// Several options at one rank (`overvoteRule`).
    pub overvotes: Overvotes,
    /// Ranks that may be left out before a vote stops; none: any number (`maxSkippedRanksAllowed`).
    pub skipped_ranks: Option<u32>,
    /// Ranks on the ballot; none: as many as there are (`maxRankingsAllowed`).
    pub most_ranks: Option<u32>,
    /// A vote that names an option again stops there (`exhaustOnDuplicateCandidate`).
    pub stop_at_duplicate: bool,
    /// Options that cannot win together drop out together (`batchElimination`).
    pub batch: bool,
    /// The threshold of the first round stays (`doesFirstRoundDetermineThreshold`).
    pub fixed_threshold: bool,
    /// The threshold is votes ÷ seats, not votes ÷ (seats + 1) and a bit (`hareQuota`).
    pub hare: bool,
    /// The threshold may have decimals (`nonIntegerWinningThreshold`).
    pub fractional_threshold: bool,
    /// Decimals kept, at most 9 (`decimalPlacesForVoteArithmetic`).
    pub decimals: u32,
    /// Options below this drop out at once (`minimumVoteThreshold`).
    pub minimum_votes: u64,
    /// Go on until two are left even after someone has won (`continueUntilTwoCandidatesRemain`).
    pub until_two: bool,
    /// Stop after this round in any case (`stopTabulationEarlyAfterRound`).
    pub stop_after: Option<u32>,
    /// How ties are broken (`tiebreakMode`, `randomSeed`).
    pub ties: TieBreak,
}

/// How winners are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// A majority of the votes still active (`singleWinnerMajority`).
    SingleWinner,
    /// Transferable votes; everyone over the threshold is elected (`multiWinnerAllowMultipleWinnersPerRound`).
    SeveralPerRound,
    /// Transferable votes; one a round (`multiWinnerAllowOnlyOneWinnerPerRound`).
    OnePerRound,
    /// Drop the last until as many are left as seats (`bottomsUp`).
    BottomsUp,
    /// Drop the last until everyone has this share (`bottomsUpUsingPercentageThreshold`).
    BottomsUpShare(Share),
    /// One instant runoff after the other, each without those elected before (`multiPassIrv`).
    Passes,
}

/// Several options at one rank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overvotes {
    /// Skip that rank (`alwaysSkipToNextRank`).
    Skip,
    /// The vote stops there (`exhaustImmediately`).
    Stop,
    /// The vote stops there if more than one of them is still in the race (`exhaustIfMultipleContinuing`).
    StopIfSeveralContinue,
}

/// What breaks ties.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TieBreak {
    /// The published lot order. With RCTab's `useCandidateOrder` that is the order of the ballot.
    Lot,
    /// The most recent round in which they differ, then the lot (`previousRoundCountsThen…`).
    PreviousRounds,
    /// RCTab's `random`: the random numbers of Java with this seed.
    Seed(i64),
    /// The most recent round in which they differ, then random numbers (`previousRoundCountsThenRandom`).
    PreviousRoundsThenSeed(i64),
    /// An order shuffled with this seed (`generatePermutation`).
    Shuffled(i64),
}

impl RankedChoice {
    /// Instant runoff as most places count it: skip what cannot be read, one after the other, until a majority.
    pub fn usual() -> Self {
        RankedChoice {
            winners: 1,
            mode: Mode::SingleWinner,
            overvotes: Overvotes::Skip,
            skipped_ranks: None,
            most_ranks: None,
            stop_at_duplicate: false,
            batch: false,
            fixed_threshold: false,
            hare: false,
            fractional_threshold: false,
            decimals: 4,
            minimum_votes: 0,
            until_two: false,
            stop_after: None,
            ties: TieBreak::PreviousRounds,
        }
    }

    pub(crate) fn check(&self, case: &Case<'_>) -> Result<(), Refusal> {
        use crate::election::Form;
        case.needs(&[Form::Ranking, Form::ChooseOne], "rankings")?;
        case.check_rounds()?;
        if self.decimals > 9 {
            return Err(Refusal::new("Ranked choice is counted with at most 9 decimals."));
        }
        match self.mode {
            Mode::BottomsUpShare(share) => {
                share.check("share that everyone must have")?;
                if share.numerator == 0 {
                    return Err(Refusal::new(
                        "The share that everyone must have is 0; then nothing is decided.",
                    ));
                }
            }
            Mode::SingleWinner if self.winners != 1 => {
                return Err(Refusal::new(
                    "A single-winner count elects 1. For several winners choose another mode.",
                ));
            }
            _ => {
                case.seats(self.winners)?;
            }
        }
        if self.until_two && self.mode != Mode::SingleWinner {
            return Err(Refusal::new("“Until two are left” is only for counts with a single winner."));
        }
        Ok(())
    }

    pub(crate) fn count(&self, case: &Case<'_>) -> Result<Counted, Refusal> {
        self.check(case)?;
        let mut ties = tie::Breaker::new(self.ties, case);
        if self.mode != Mode::Passes {
            return count::run(self, self.winners as usize, case, &Counted::default(), &mut ties);
        }
        let mut all = Counted::default();
        for _ in 0..self.winners {
            let pass = count::run(self, 1, case, &all, &mut ties)?;
            all.ties.extend(&pass.ties, 0);
            all.winners.extend(pass.winners);
            all.rounds.extend(pass.rounds);
            all.explanation.extend(pass.explanation);
        }
        Ok(all)
    }
}

impl RankedChoice {
    /// For whom a vote counts while these options stand, or why for nobody.
    pub(crate) fn recipient(
        &self,
        vote: crate::election::Vote<'_>,
        stands: impl Fn(usize) -> bool,
    ) -> Result<usize, crate::outcome::Idle> {
        ballot::recipient(self, vote, stands)
    }
}
