//! What the method `map` says beyond what both methods say.

use super::Side;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Groups are never more than this.
pub const MOST_GROUPS: usize = 6;

/// What the method `map` found. Every share comes with its interval.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Findings {
    /// How axes, signs and memberships are to be read; sentences.
    pub rules: Vec<String>,
    /// Whether there are distinct opinion groups. Where not, [`crate::Map::groups`] is empty.
    pub distinct: bool,
    /// The numbers of groups that were tried, and why each was taken or not; the last did not hold, or is the most.
    pub choice: Vec<Choice>,
    /// How surely everybody stands where they stand, in the order of [`crate::Map::participants`].
    pub places: Vec<Place>,
    /// What every group responds to alike, surest first.
    pub common_ground: Vec<CommonGround>,
    /// What sets groups apart from the rest: by group, largest effect first.
    pub differences: Vec<Difference>,
    /// What a minority holds against the rest, firmest first.
    pub dissent: Vec<Dissent>,
    /// Statements that together represent everybody in proportion.
    pub slate: Slate,
    /// Rows of responses that do not look like somebody's considered opinion.
    pub care: Vec<Care>,
    /// The main results without the flagged; nothing where nobody is flagged.
    pub without_flagged: Option<Without>,
}

/// A number of groups that was tried.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// How many groups.
    pub groups: u32,
    /// How much better hidden responses are predicted half by this number of groups and half by the last one that holds
    /// than by the latter alone: mean over participants of the gain in log-likelihood.
    pub gain: f64,
    /// Standard error of the gain.
    pub error: f64,
    /// Mean adjusted Rand index of the groups found when a tenth of the responses is dropped.
    pub stability: f64,
    /// The share of participants with at least seven responses who clearly belong to a group.
    pub clear: f64,
    /// How many participants it was tried on: all, or those of a fixed sample.
    pub people: u32,
    /// Of these, how many are in the smallest group.
    pub smallest: u32,
    /// Whether it may be shown: the gain is above 4.5 errors and at least 0.48 of the first division's gain, the stability
    /// is at least 0.85, no group is too small, and at least half of the participants are clear. The last one tried is
    /// the first that does not hold; but where two groups are better than one and not stable, three are tried.
    pub holds: bool,
}

/// How surely a participant stands where they stand.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// Variance along x, covariance, variance along y. The ellipse of 90 % has half axes 2.146 times the
    /// square roots of this matrix' eigenvalues.
    pub uncertainty: [f64; 3],
    /// How likely they belong to each group, in the order of [`crate::Map::groups`].
    pub memberships: Memberships,
}

/// Probabilities of belonging to each group; they add up to 1, or there are none.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Memberships {
    pub(crate) of: [f32; MOST_GROUPS],
    pub(crate) groups: u8,
}

impl Memberships {
    /// By group.
    pub fn as_slice(&self) -> &[f32] {
        &self.of[..usize::from(self.groups).min(MOST_GROUPS)]
    }
}

impl Serialize for Memberships {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.as_slice())
    }
}

impl<'de> Deserialize<'de> for Memberships {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Memberships, D::Error> {
        let all = Vec::<f32>::deserialize(deserializer)?;
        let mut memberships = Memberships { groups: all.len() as u8, ..Memberships::default() };
        match memberships.of.get_mut(..all.len()) {
            Some(of) => of.copy_from_slice(&all),
            None => return Err(serde::de::Error::invalid_length(all.len(), &"at most six groups")),
        }
        Ok(memberships)
    }
}

/// A share with its 95 % interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// How many gave the response.
    pub count: u32,
    /// How many responded, passes included.
    pub seen: u32,
    /// `count ÷ seen`; ½ where nobody responded.
    pub share: f64,
    /// Lower end of Wilson's interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Share {
    /// `count` of `seen`, passes included, with Wilson's interval (Wilson 1927); 0..=1 where nobody responded.
    pub fn of(count: u32, seen: u32) -> Share {
        crate::map::share(count.min(seen), seen)
    }
}

/// A statement that all groups respond to alike.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CommonGround {
    /// The statement's number.
    pub statement: u32,
    /// What they have in common.
    pub side: Side,
    /// Of all participants.
    pub all: Share,
    /// Of each group, in the order of [`crate::Map::groups`].
    pub groups: Vec<Share>,
    /// The lower end in the group where it is lowest: above one half.
    pub least: f64,
}

/// A statement on which a group differs from the rest.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// The group's id.
    pub group: u32,
    /// The statement's number.
    pub statement: u32,
    /// The response that the group gives more often than the rest, or less often.
    pub side: Side,
    /// The group's share.
    pub here: Share,
    /// The share among the members of the other groups.
    pub rest: Share,
    /// `here.share − rest.share`: below 0 where the group gives the response less often, which is listed only where
    /// it gives no other to the same statement more often.
    pub effect: f64,
    /// How likely so large a difference is by chance.
    pub chance: f64,
    /// The same, adjusted for all the differences looked for; at most 0.05. The groups were found in the
    /// same responses, so that both are lower than for groups known beforehand.
    pub false_discovery: f64,
}

/// A statement on which a minority holds against the rest.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dissent {
    /// The statement's number.
    pub statement: u32,
    /// The group's id; nothing for a minority that is not a group: at least a tenth of all, saying what no group holds.
    pub group: Option<u32>,
    /// What the minority responds.
    pub side: Side,
    /// In the group; among all, where it is no group.
    pub here: Share,
    /// Among the members of other groups; the opposite response among all, where it is no group.
    pub against: Share,
}

/// Statements that together represent everybody in proportion.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Slate {
    /// Their numbers, in the order they were taken.
    pub statements: Vec<u32>,
    /// Over how many participants it was computed: all, or those of a fixed sample.
    pub participants: u32,
    /// What it does for everybody.
    pub all: Certificate,
    /// What it does for each group, in the order of [`crate::Map::groups`].
    pub groups: Vec<Certificate>,
}

/// How many participants agree with statements of the slate. Few were asked all of them: what is known and what is
/// to be expected are told side by side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Certificate {
    /// Who said so: to at least one of them.
    pub said_one: Share,
    /// To at least two of them.
    pub said_two: Share,
    /// The share to be expected if everybody had been asked all of them, 0..=1: with at least one. Where somebody did not
    /// respond, it counts how likely they take a side, and that one.
    pub one: f64,
    /// With at least two, 0..=1.
    pub two: f64,
}

/// Why somebody's responses should be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The same response to everything, where few would respond so.
    StraightLining,
    /// Nearly the same responses to nearly the same statements as somebody else, or exactly the same as many others.
    NearlyIdentical,
    /// Faster than anybody can read.
    ImpossibleSpeed,
}

/// A flag: something to look at, not a verdict, and nothing is removed for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Care {
    /// The participant's number.
    pub participant: u32,
    /// Why.
    pub reason: Reason,
    /// The participant of whose responses these are nearly a copy.
    pub like: Option<u32>,
}

/// The main results without the responses of the flagged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Without {
    /// How many participants are left.
    pub participants: u32,
    /// How many groups there are.
    pub groups: u32,
    /// How alike the groups are with and without: [`crate::compare::agreement()`].
    pub agreement: f64,
    /// What every group responds to alike.
    pub common_ground: Vec<CommonGround>,
    /// Statements that are common ground with the flagged only.
    pub lost: Vec<u32>,
    /// Statements that are common ground without the flagged only.
    pub gained: Vec<u32>,
}

#[cfg(test)]
mod tests {
    use super::Share;

    #[test]
    fn wilson_gives_the_published_intervals() {
        // Newcombe (1998), Statistics in Medicine 17, table I, method 3.
        for (count, seen, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let found = Share::of(count, seen);
            assert!((found.low - low).abs() < 5e-5 && (found.high - high).abs() < 5e-5, "{found:?}");
        }
        let nobody = Share::of(0, 0);
        assert_eq!((nobody.low, nobody.high), (0.0, 1.0));
    }
}
