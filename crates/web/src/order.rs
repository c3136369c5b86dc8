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
    /// What all groups see alike first, by agreeing or by disagreeing.
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

/// The numbers of the statements on the map by common ground. By our own method, that is the share that takes the same
/// side at least, with 95 % certainty, in the group where it is lowest and among all, and of both sides the larger; by
/// the classic one it is group-informed consensus, which knows agreement only, where there are groups.
pub fn common_ground(map: &Map) -> Vec<StatementNo> {
    let least = |statement: &opinion::Statement, on: fn(&Tally) -> u32| {
        let of = |tally: &Tally| Share::of(on(tally), tally.seen).low;
        statement.groups.iter().map(of).fold(of(&statement.tally), f64::min)
    };
    by_score(map, |statement| match map.method {
        Method::Classic if !map.groups.is_empty() => statement.gac,
        _ => least(statement, |tally| tally.agree).max(least(statement, |tally| tally.disagree)),
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

/// What [`most_divided`] says of a map, as a sentence.
pub(crate) fn division(map: &Map) -> &'static str {
    match map.groups.len() {
        0 | 1 => "Where people are split most evenly.",
        _ => "Where the opinion groups are furthest apart.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use opinion::{Flags, ResponsesBuilder, Value};

    #[test]
    fn common_disagreement_is_common_ground_too() {
        let mut builder = ResponsesBuilder::new();
        for participant in 0..30 {
            builder.respond(
                participant,
                1,
                if participant % 2 == 0 { Value::Agree } else { Value::Disagree },
            );
            builder.respond(participant, 2, Value::Disagree);
            builder.respond(participant, 3, if participant < 28 { Value::Agree } else { Value::Pass });
        }
        let map = opinion::map::map(&builder.build(), &Flags::new());
        assert_eq!(common_ground(&map), [2, 3, 1].map(StatementNo));
    }
}
