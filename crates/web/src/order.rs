//! In which order statements are listed.
//!
//! Ordering never hides anything: every order holds the same statements.

use assembly::StatementNo;
use assembly::talk::{Statement, Talk};
use opinion::simulate::mix;
use opinion::{Map, Method, Share, Tally};

/// An order of statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// What all groups agree with first.
    CommonGround,
    /// What the groups differ on most first.
    MostDivided,
    /// What was shown to the fewest people first.
    LeastHeard,
    /// The latest first.
    Newest,
    /// Shuffled anew every day.
    Random,
}

impl Order {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Order; 5] =
        [Order::CommonGround, Order::MostDivided, Order::LeastHeard, Order::Newest, Order::Random];

    /// The word for it in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Order::CommonGround => "common-ground",
            Order::MostDivided => "most-divided",
            Order::LeastHeard => "least-heard",
            Order::Newest => "newest",
            Order::Random => "random",
        }
    }

    /// The words for it on pages.
    pub fn words(self) -> &'static str {
        match self {
            Order::CommonGround => "Common ground",
            Order::MostDivided => "Most divided",
            Order::LeastHeard => "Least heard",
            Order::Newest => "Newest",
            Order::Random => "Random",
        }
    }

    /// The order of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|order| order.name() == name)
    }
}

/// The numbers of all statements in an order that needs no map; `seed` shuffles [`Order::Random`].
///
/// Statements that were set aside come last in every order.
pub fn by_talk(talk: &Talk, order: Order, seed: u64) -> Vec<StatementNo> {
    let key = |statement: &Statement| match order {
        Order::LeastHeard => u64::from(statement.tally().shown),
        Order::Newest => u64::MAX - statement.at(),
        _ => mix(seed ^ u64::from(statement.no().0)),
    };
    let mut list: Vec<_> = talk
        .statements()
        .iter()
        .map(|statement| (statement.rejected(), key(statement), statement.no()))
        .collect();
    list.sort_unstable_by_key(|&(rejected, key, no)| {
        (rejected, key, if order == Order::Newest { u32::MAX - no.0 } else { no.0 })
    });
    list.into_iter().map(|(_, _, no)| no).collect()
}

/// The numbers of the statements on the map by common ground. By our own method, that is the share that agrees
/// at least, with 95 % certainty, in the group where it is lowest and among all; by the classic one it is
/// group-informed consensus where there are groups.
pub fn common_ground(map: &Map) -> Vec<StatementNo> {
    let least = |tally: &Tally| Share::of(tally.agree, tally.seen).low;
    by_score(map, |statement| match map.method {
        Method::Classic if !map.groups.is_empty() => statement.gac,
        _ => statement.groups.iter().map(least).fold(least(&statement.tally), f64::min),
    })
}

/// The numbers of the statements on the map by division: the distance between the group that agrees
/// most and the group that agrees least; without two groups, how evenly people are split.
pub fn most_divided(map: &Map) -> Vec<StatementNo> {
    let grouped = map.groups.len() > 1;
    by_score(map, |statement| if grouped { statement.division() } else { evenness(statement.tally) })
}

fn evenness(tally: Tally) -> f64 {
    f64::from(tally.agree.min(tally.disagree)) / f64::from(tally.seen + 2)
}

fn by_score(map: &Map, score: impl Fn(&opinion::Statement) -> f64) -> Vec<StatementNo> {
    let mut list: Vec<_> = map
        .statements
        .iter()
        .filter(|statement| !statement.rejected && !statement.meta)
        .map(|statement| (score(statement), statement.number))
        .collect();
    list.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    list.into_iter().map(|(_, number)| StatementNo(number)).collect()
}
