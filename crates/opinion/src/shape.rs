//! What a method returns: the opinion map. All numbers are finite.

mod findings;

pub use findings::{
    Care, Certificate, Choice, CommonGround, Difference, Dissent, Findings, MOST_GROUPS, Memberships, Place,
    Reason, Share, Slate, Without,
};

use serde::{Deserialize, Serialize};

/// How a map was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// The method of Polis, see [`crate::classic`].
    Classic,
    /// Our own, see [`crate::map`].
    Map,
}

impl Method {
    /// The word for it, as in the JSON of a map.
    pub fn name(self) -> &'static str {
        match self {
            Method::Classic => "classic",
            Method::Map => "map",
        }
    }
}

/// An opinion map. Serialised, its fields keep the order they have here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Map {
    /// How it was made.
    pub method: Method,
    /// The version of the method; it changes whenever the same responses could give another map.
    pub version: u32,
    /// [`crate::Responses::digest`] in hexadecimal: the responses this was computed from.
    pub digest: String,
    /// Where the method departs from the one it is named after; sentences.
    pub deviations: Vec<String>,
    /// In order of first response; by number in maps of the method `map`.
    pub participants: Vec<Participant>,
    /// Statements with at least one response, by number.
    pub statements: Vec<Statement>,
    /// The opinion groups.
    pub groups: Vec<Group>,
    /// The numbers of groups that were tried, and how well each fitted.
    pub tried: Vec<Tried>,
    /// The small bunches of participants that groups are made of.
    pub bases: Vec<Base>,
    /// What participants agree or disagree on together.
    pub consensus: Consensus,
    /// What only the method `map` says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub findings: Option<Box<Findings>>,
}

impl Map {
    /// How many responded to the statement; 0 for one that is not on the map, as nobody did.
    pub fn seen(&self, statement: u32) -> u32 {
        self.statement(statement).map_or(0, |statement| statement.tally.seen)
    }

    /// The statement with that number, if anybody responded to it.
    pub fn statement(&self, number: u32) -> Option<&Statement> {
        let at = self.statements.binary_search_by_key(&number, |statement| statement.number).ok()?;
        self.statements.get(at)
    }

    /// The canonical bytes of the map: its JSON without spaces, fields in the order of their declaration, numbers
    /// in the shortest form that reads back to the same one. Equal for equal maps, on every machine.
    pub fn canonical_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.write_canonical(&mut bytes);
        bytes
    }

    /// SHA-256 of [`Map::canonical_bytes`] in hexadecimal: what is published so that others can compare the map
    /// that they compute. Not to be confused with [`Map::digest`], which is of the responses.
    pub fn own_digest(&self) -> String {
        let mut hashing = std::io::BufWriter::with_capacity(1 << 16, crate::digest::Hashing::default());
        self.write_canonical(&mut hashing);
        // Hashing never fails, and so the buffer always empties.
        hashing.into_inner().map(crate::digest::Hashing::hex).unwrap_or_default()
    }

    fn write_canonical(&self, to: impl std::io::Write) {
        // All numbers are finite, all keys are texts, and nothing that is written to here fails.
        let _ = serde_json::to_writer(to, self);
    }
}

/// A participant on the map.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Participant {
    /// The participant's number.
    pub number: u32,
    /// Position along the axis on which responses differ most.
    pub x: f64,
    /// Position along the second axis.
    pub y: f64,
    /// The opinion group; none for participants with too few responses.
    pub group: Option<u32>,
    /// How many statements they responded to.
    pub responses: u32,
}

/// How many gave which response.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// How many agree.
    pub agree: u32,
    /// How many disagree.
    pub disagree: u32,
    /// How many pass.
    pub pass: u32,
    /// The sum of the three.
    pub seen: u32,
}

/// A statement on the map.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    /// The statement's number.
    pub number: u32,
    /// Rejected by moderation: in no list, and without influence on positions.
    pub rejected: bool,
    /// About the participants themselves: in no list, and without influence on positions.
    pub meta: bool,
    /// Of all participants.
    pub tally: Tally,
    /// Of each group, in the order of [`Map::groups`].
    pub groups: Vec<Tally>,
    /// Mean response, −1..=1; 0 when left out.
    pub mean: f64,
    /// How much the statement weighs on each axis.
    pub loadings: [f64; 2],
    /// Distance from the middle at which somebody would stand who only agreed with this statement.
    pub extremity: f64,
    /// Group-informed consensus, 0..=1: the groups' shares of agreement multiplied.
    pub gac: f64,
    /// How urgently to show it next; at least 0.
    pub priority: f64,
}

impl Statement {
    /// How far apart groups are: the share of agreement in the group where it is highest less that where it is
    /// lowest, 0..=1. One imagined response for and one against in each keep two or three responses from looking like
    /// a division.
    pub fn division(&self) -> f64 {
        let share = |tally: &Tally| (f64::from(tally.agree) + 1.0) / (f64::from(tally.seen) + 2.0);
        let most = self.groups.iter().map(share).fold(0.0, f64::max);
        let least = self.groups.iter().map(share).fold(1.0, f64::min);
        (most - least).max(0.0)
    }
}

/// An opinion group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// What [`Participant::group`] refers to.
    pub id: u32,
    /// How many participants are in it.
    pub size: u32,
    /// Its centre.
    pub x: f64,
    /// Its centre.
    pub y: f64,
    /// What sets the group apart, in the order to show it.
    pub representative: Vec<Representative>,
}

/// A response: which side a statistic is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Agreeing.
    Agree,
    /// Disagreeing.
    Disagree,
}

impl Side {
    /// The other one.
    pub fn opposite(self) -> Side {
        match self {
            Side::Agree => Side::Disagree,
            Side::Disagree => Side::Agree,
        }
    }
}

/// A statement on which a group differs from the rest, with the statistics that say so.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Representative {
    /// The statement's number.
    pub statement: u32,
    /// The response that is typical of the group.
    pub side: Side,
    /// How many in the group gave it.
    pub count: u32,
    /// How many in the group responded at all.
    pub seen: u32,
    /// Share of the group that gave it, 0..1, with one imagined response for and one against.
    pub share: f64,
    /// How surely that share is above one half, in standard errors.
    pub share_test: f64,
    /// The share divided by the share among the other groups' members.
    pub ratio: f64,
    /// How surely it is larger than among the others, in standard errors.
    pub ratio_test: f64,
    /// The one statement of the group that was chosen because its members agree.
    pub best_agree: bool,
    /// How many in the group agree, where `best_agree`.
    pub agree: Option<u32>,
}

/// A number of groups that was tried.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tried {
    /// How many groups were asked for.
    pub groups: u32,
    /// Mean silhouette, −1..=1: the higher, the more clearly they are apart.
    pub silhouette: f64,
}

/// A bunch of participants who stand close together.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Base {
    /// Its number.
    pub id: u32,
    /// Its centre.
    pub x: f64,
    /// Its centre.
    pub y: f64,
    /// How many participants are in it.
    pub size: u32,
    /// The opinion group it belongs to.
    pub group: u32,
}

/// Statements that most participants respond to alike, whatever their group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Consensus {
    /// What most agree with, strongest first.
    pub agree: Vec<CommonStatement>,
    /// What most disagree with, strongest first.
    pub disagree: Vec<CommonStatement>,
}

/// A statement most participants respond to alike.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CommonStatement {
    /// The statement's number.
    pub statement: u32,
    /// How many gave the response.
    pub count: u32,
    /// How many responded at all.
    pub seen: u32,
    /// Their share, 0..1, with one imagined response for and one against.
    pub share: f64,
    /// How surely that share is above one half, in standard errors.
    pub share_test: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn division_is_the_distance_between_groups() {
        let of = |agree, seen| Tally { agree, disagree: seen - agree, pass: 0, seen };
        let division =
            |groups: &[Tally]| Statement { groups: groups.to_vec(), ..Statement::default() }.division();
        assert_eq!(division(&[of(8, 8), of(3, 8), of(0, 8)]), 0.8);
        assert_eq!([division(&[]), division(&[of(8, 8)])], [0.0, 0.0]);
        assert!(division(&[of(1, 1), of(0, 1)]) < 0.4, "two people are no division");
    }
}
