//! The largest things that are counted. Each is far above any real election and keeps a hostile file from
//! taking a machine with it; whoever meets one gets a sentence.

/// Votes in one count. `10^18` votes at nine decimals are `10^27`, and a keep factor times that is
/// `10^36`: below the `1.7 × 10^38` that 128 bits hold.
pub const MAX_VOTES: u64 = 1_000_000_000_000_000_000;

/// Marks on all votes together: eight bytes each, 1.6 GB.
pub const MAX_MARKS: usize = 200_000_000;

/// Options on one ballot.
pub const MAX_OPTIONS: usize = 1_000_000;

/// Options in a count that goes round by round: every round is a row of the result, so this many
/// options make at most `2,000 × 2,000` numbers.
pub const MAX_ROUND_OPTIONS: usize = 2_000;

/// Options in a comparison of every pair: the strongest paths take `500³ = 125` million steps.
pub const MAX_PAIR_OPTIONS: usize = 500;

/// Money in smallest units, budget and all costs together. Below `2^53`, so that money is exact even in the
/// floating-point filter.
pub const MAX_MONEY: u64 = 1_000_000_000_000_000;

/// Work of all raises of equal shares together: marks on votes, projects, and [`RAISE`] for each. About a minute.
pub const MAX_RAISE_WORK: u64 = 50_000_000_000;

/// What one raise costs besides, in marks: of a small group at most two and a half million are made, in some seconds.
pub const RAISE: u64 = 20_000;

/// Equals that all ties of one result name together: eight bytes each.
pub const MAX_TIED: usize = 2_000_000;

/// Points on one mark, in smallest units.
pub const MAX_POINTS: i32 = 1_000_000_000;

const _: () = assert!((MAX_VOTES as u128) * 1_000_000_000 * 1_000_000_000 < (i128::MAX as u128));
const _: () = assert!(MAX_MONEY < 1 << 53);
const _: () = assert!(MAX_MARKS < u32::MAX as usize);
