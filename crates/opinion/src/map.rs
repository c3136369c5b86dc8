//! Our own method: positions, groups and lists that stay when somebody looks again.
//!
//! * Positions come from the factor model behind [`crate::predict`], fitted to the responses that are there.
//! * Groups are latent classes. They are shown only where they help to predict hidden responses and are found
//!   again when a tenth of the responses is dropped; memberships are as sure as hidden responses bear out; "no distinct groups" is an answer.
//! * Every list comes with intervals; differences are controlled for false discovery.
//!
//! The same responses give the same bytes, in whatever order they came and with any number of threads: rows
//! are taken by participants' numbers, and every "random" choice follows from numbers in the responses.
//!
//! What it is not: a judgement of people. Flags ([`Care`]) ask for a second look; nothing is removed.

mod care;
mod groups;
mod lists;
mod mixture;
mod picture;
mod slate;
mod starts;
mod statistics;

pub(crate) use statistics::share;

pub use care::{Pace, too_fast};
pub(crate) use groups::large_enough;
pub use groups::{CLEAR, ERRORS, MOSTLY, ONE_IN, SMALLEST, STABLE, WORTH};

use crate::chunks::in_chunks;
use crate::model::{self, Model};
use crate::responses::{Flags, Responses, ResponsesBuilder, Value};
use crate::shape::{
    Care, Choice, CommonGround, CommonStatement, Consensus, Findings, Group, MOST_GROUPS, Map, Memberships,
    Method, Participant, Place, Representative, Share, Side, Statement, Tally, Without,
};
use mixture::{All, Mixture, Rows};
use picture::Picture;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Changes whenever the same responses could give another map.
pub const VERSION: u32 = 5;

/// How to read the map; every map carries these sentences.
pub const RULES: [&str; 5] = [
    "The axes are the two directions in which the chances of agreeing differ most between people; each has the sign that makes its largest loading (the first, among equals) positive.",
    "Positions are in log-odds: where a statement's loading on an axis is 1, one step along it is one more in the log-odds of agreeing.",
    "Somebody is in a group if they belong to it with a probability of at least 0.7, and would if all groups were of one size, so that nobody is in a group only because it is large. All others are between groups, or said too little to tell.",
    "Positions follow from agreeing and disagreeing alone; groups also from passing. Whoever passes much may stand among others and yet be in a group of their own.",
    "Groups are ordered by their earliest members: whoever took part first counts fully for the groups they may belong to, the second a quarter of that, the third a ninth, and so on. So the letters of groups stay when others join.",
];

/// Members of a group that are needed in its tally before a statement can be common ground, or all members
/// of a smaller group.
pub(crate) const LEAST_IN_GROUP: u32 = 5;

/// The complete map.
///
/// Any responses are fine: with nobody, or with one participant or statement, the map is empty or says that
/// there are no distinct groups.
pub fn map(responses: &Responses, flags: &Flags) -> Map {
    map_with_care(responses, flags, &BTreeSet::new())
}

/// [`map`], with participants who responded impossibly fast: see [`too_fast`]. Responses carry no times, so
/// that only the caller can know.
pub fn map_with_care(responses: &Responses, flags: &Flags, too_fast: &BTreeSet<u32>) -> Map {
    map_and_ground(responses, flags, too_fast).0
}

/// [`map_with_care`], and the ground on which whoever responds after it finds their place.
pub fn map_and_ground(responses: &Responses, flags: &Flags, too_fast: &BTreeSet<u32>) -> (Map, Ground) {
    let responses = &*responses.canonical();
    let (mut map, fit) = fitted(responses, flags);
    let care = care::flagged(responses, flags, &map, too_fast);
    if let Some(findings) = &mut map.findings {
        if !care.is_empty() {
            findings.without_flagged = Some(without(responses, flags, &map.participants, findings, &care));
        }
        findings.care = care;
    }
    (map, Ground { fit, flags: flags.clone() })
}

/// What a map was read off.
///
/// It places people by what they say now, at once, while statements and groups stay as they are on the map. Whoever
/// said nothing new stands where they stand on the map.
pub struct Ground {
    fit: Fit,
    flags: Flags,
}

impl Ground {
    /// The map of other responses, read off this ground: what statements weigh, how many groups there are and which
    /// they are is as on `last`, the map that came with the ground, and so are care flags and the results without
    /// them; everything else is of `responses`. A statement that is not on `last` is counted but moves nobody.
    ///
    /// It takes a fraction of the time of [`map`], which finds everything out from the responses alone; that one is to
    /// be published, as others can make it again.
    pub fn map(&self, last: &Map, responses: &Responses, flags: &Flags) -> Map {
        let responses = responses.canonical();
        let mut map = self.fit.over(&responses.statements, flags).map(&responses, flags);
        if let (Some(findings), Some(last)) = (&mut map.findings, &last.findings) {
            findings.care.clone_from(&last.care);
            findings.without_flagged.clone_from(&last.without_flagged);
        }
        map
    }

    /// Where somebody with these responses stands (statements' numbers and values); nothing if there are none. What is
    /// said of a statement that is not on the map moves nobody.
    pub fn place(&self, row: impl IntoIterator<Item = (u32, Value)>) -> Option<Placed> {
        let mut alone = ResponsesBuilder::new();
        row.into_iter().for_each(|(statement, value)| alone.respond(0, statement, value));
        let alone = alone.build();
        let fit = self.fit.over(&alone.statements, &self.flags);
        (alone.rows() > 0).then(|| fit.place(&alone, 0, &mut Vec::new()))
    }

    pub(crate) fn fit(&self) -> &Fit {
        &self.fit
    }
}

/// The map without care, and what it was read off. `responses` are canonical.
fn fitted(responses: &Responses, flags: &Flags) -> (Map, Fit) {
    let counted = if responses.statements.iter().any(|&number| flags.left_out(number)) {
        Cow::Owned(responses.filtered(|_, statement, _| !flags.left_out(statement)))
    } else {
        Cow::Borrowed(responses)
    };
    let fit = Fit::new(&counted).over(&responses.statements, flags);
    (fit.map(responses, flags), fit)
}

/// What everything on a map is read off, once it is known where somebody with given responses stands.
pub(crate) struct Fit {
    pub model: Model,
    pub picture: Picture,
    /// By column.
    statements: Vec<u32>,
    /// Its groups are ordered by their earliest members; nothing where there are no distinct groups.
    mixture: Option<Mixture>,
    choice: Vec<Choice>,
}

/// Where somebody stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placed {
    /// On the map.
    pub position: [f64; 2],
    /// How surely, and how likely they belong to each group.
    pub place: Place,
    /// Index of the group they clearly belong to.
    pub group: Option<u8>,
}

impl Fit {
    /// `counted`: without the responses to statements that are left out, so that these, and whoever responded to
    /// nothing else, shape nothing.
    fn new(counted: &Responses) -> Fit {
        let model = model::fit(counted, model::sample_size(counted.len()));
        let asked: Vec<u32> = group_tallies(counted, &[], 0).iter().map(|(tally, _)| tally.seen).collect();
        let picture = Picture::new(&model, counted, &asked);
        let all = All { responses: counted, left_out: model.left_out() };
        let sample = model::sample(counted, groups::sample_size(counted.len()));
        let found = groups::find(&all, &sample);
        let mixture = found.mixture.map(|mixture| mixture.ordered(&by_seniority(&mixture, &all)));
        Fit { model, picture, statements: counted.statements.clone(), mixture, choice: found.choice }
    }

    /// The same, for other statements: of those that were not there nothing is known.
    pub(crate) fn over(&self, statements: &[u32], flags: &Flags) -> Fit {
        let left_out: Vec<bool> = statements.iter().map(|&number| flags.left_out(number)).collect();
        let from: Vec<Option<usize>> =
            statements.iter().map(|number| self.statements.binary_search(number).ok()).collect();
        Fit {
            model: self.model.over(&from, left_out),
            picture: self.picture.over(&from),
            statements: statements.to_vec(),
            mixture: self.mixture.as_ref().map(|mixture| mixture.over(&from)),
            choice: self.choice.clone(),
        }
    }

    /// How many groups there are; 0 where none are distinct.
    pub(crate) fn groups(&self) -> usize {
        self.mixture.as_ref().map_or(0, |mixture| mixture.groups)
    }

    /// Where the participant of a row stands.
    pub(crate) fn place(&self, responses: &Responses, row: usize, scratch: &mut Vec<u32>) -> Placed {
        let person = self.model.person(responses, row);
        let mut memberships = Memberships::default();
        let mut group = None;
        if let Some(mixture) = &self.mixture {
            let all = All { responses, left_out: self.model.left_out() };
            let (belonging, _) = mixture.belonging(all.row(row, scratch));
            memberships.groups = mixture.groups as u8;
            memberships.of = belonging.map(|chance| chance as f32);
            group = mixture.clear(&belonging).map(|group| group as u8);
        }
        let place = Place { uncertainty: self.picture.uncertainty(&person), memberships };
        Placed { position: self.picture.position(&person), place, group }
    }
}

/// How often the group with this index passes, and how often the members of the other groups do, over all statements
/// that are shown; nothing where it does not do so clearly more often. The intervals take responses for independent.
pub fn passes(map: &Map, group: usize) -> Option<[Share; 2]> {
    let shown = || map.statements.iter().filter(|statement| !statement.rejected && !statement.meta);
    let all = |is: &dyn Fn(usize) -> bool| {
        let tallies = shown().flat_map(|statement| statement.groups.iter().enumerate());
        let sum =
            tallies.filter(|(at, _)| is(*at)).map(|(_, &tally)| tally).fold(Tally::default(), lists::sum);
        share(sum.pass, sum.seen)
    };
    let [here, rest] = [all(&|at| at == group), all(&|at| at != group)];
    (here.low > rest.high && here.share > 1.5 * rest.share).then_some([here, rest])
}

/// By column: of all, and of each group's members. Rows beyond the end of `group_of` are in none.
fn group_tallies(responses: &Responses, group_of: &[Option<u8>], groups: usize) -> Vec<(Tally, Vec<Tally>)> {
    use crate::responses::{AGREE, DISAGREE, SLOTS, Word, with_words};
    let width = groups + 1;
    let parts = in_chunks(responses.rows(), |rows| {
        let mut counts = vec![0u32; responses.columns() * SLOTS * width];
        for row in rows {
            let place = group_of.get(row).copied().flatten().map_or(groups, usize::from);
            let range = responses.offsets[row]..responses.offsets[row + 1];
            with_words!(responses, words => for word in &words[range] {
                counts[word.slot() * width + place] += 1;
            });
        }
        counts
    });
    let mut counts = vec![0u32; responses.columns() * SLOTS * width];
    for part in parts {
        counts.iter_mut().zip(part).for_each(|(sum, more)| *sum += more);
    }
    (0..responses.columns())
        .map(|column| {
            let of = |place: usize| {
                let count = |code: usize| counts[(column * SLOTS + code) * width + place];
                let (agree, disagree, pass) = (count(AGREE), count(DISAGREE), count(crate::responses::PASS));
                Tally { agree, disagree, pass, seen: agree + disagree + pass }
            };
            let each: Vec<Tally> = (0..groups).map(of).collect();
            let all = (0..width).map(of).fold(Tally::default(), lists::sum);
            (all, each)
        })
        .collect()
}

/// The mixture's groups, the one with the earliest members first. Ordered by size, two groups that are nearly equal would
/// change their letters whenever somebody joins the smaller; this order hardly depends on who joins.
fn by_seniority(mixture: &Mixture, all: &All<'_>) -> Vec<usize> {
    /// What all later participants weigh together is less than a thousandth of what the first does.
    const EARLIEST: usize = 1_000;
    let mut weights = [0.0; MOST_GROUPS];
    let mut scratch = Vec::new();
    for row in 0..all.rows().min(EARLIEST) {
        let (belonging, _) = mixture.belonging(all.row(row, &mut scratch));
        let rank = (row + 1) as f64;
        for (weight, chance) in weights.iter_mut().zip(belonging) {
            *weight += chance / (rank * rank);
        }
    }
    let mut order: Vec<usize> = (0..mixture.groups).collect();
    order.sort_by(|&a, &b| weights[b].total_cmp(&weights[a]).then(a.cmp(&b)));
    order
}

impl Fit {
    /// The map of `responses`, whose statements are the fit's, but for care.
    fn map(&self, responses: &Responses, flags: &Flags) -> Map {
        let places: Vec<Placed> = in_chunks(responses.rows(), |rows| {
            let mut scratch = Vec::new();
            rows.map(|row| self.place(responses, row, &mut scratch)).collect::<Vec<Placed>>()
        })
        .concat();
        let group_of: Vec<Option<u8>> = places.iter().map(|placed| placed.group).collect();
        let tallies = group_tallies(responses, &group_of, self.groups());
        let mut sums = vec![([0.0; 2], 0u32); self.groups()];
        for placed in &places {
            if let Some(group) = placed.group {
                let (sum, size) = &mut sums[usize::from(group)];
                *sum = [sum[0] + placed.position[0], sum[1] + placed.position[1]];
                *size += 1;
            }
        }
        let statements: Vec<Statement> = (responses.statements.iter().zip(tallies).enumerate())
            .map(|(column, (&number, (tally, groups)))| {
                let loadings = self.picture.loadings[column];
                let sides = f64::from(tally.agree) - f64::from(tally.disagree);
                Statement {
                    number,
                    rejected: flags.rejected(number),
                    meta: flags.meta(number),
                    tally,
                    mean: if flags.left_out(number) { 0.0 } else { sides / f64::from(tally.seen) },
                    loadings,
                    extremity: (loadings[0] * loadings[0] + loadings[1] * loadings[1]).sqrt(),
                    gac: crate::classic::group_informed_consensus(&groups),
                    priority: 0.0,
                    groups,
                }
            })
            .collect();
        let sizes: Vec<u32> = sums.iter().map(|&(_, size)| size).collect();
        let lists = lists::Lists::find(&statements, &sizes, responses.rows() as u32);
        let groups = (sums.iter().enumerate())
            .map(|(group, &([x, y], size))| Group {
                id: group as u32,
                size,
                x: x / f64::from(size.max(1)),
                y: y / f64::from(size.max(1)),
                representative: lists.representative(group as u32),
            })
            .collect();
        let consensus = Consensus {
            agree: common_statements(&lists.common_ground, Side::Agree),
            disagree: common_statements(&lists.common_ground, Side::Disagree),
        };
        let participants = (places.iter().enumerate())
            .map(|(row, placed)| Participant {
                number: responses.participants[row],
                x: placed.position[0],
                y: placed.position[1],
                group: placed.group.map(u32::from),
                responses: responses.row_len(row) as u32,
            })
            .collect();
        Map {
            method: Method::Map,
            version: VERSION,
            digest: crate::digest::hex(&responses.digest()),
            deviations: Vec::new(),
            participants,
            groups,
            tried: Vec::new(),
            bases: Vec::new(),
            consensus,
            findings: Some(Box::new(Findings {
                rules: RULES.iter().map(|&rule| rule.to_owned()).collect(),
                distinct: self.groups() > 0,
                choice: self.choice.clone(),
                places: places.iter().map(|placed| placed.place).collect(),
                common_ground: lists.common_ground,
                differences: lists.differences,
                dissent: lists.dissent,
                slate: slate::find(&self.model, responses, &statements, &places, self.groups()),
                care: Vec::new(),
                without_flagged: None,
            })),
            statements,
        }
    }
}

/// The strongest of the common ground, in the words of both methods.
fn common_statements(common: &[CommonGround], side: Side) -> Vec<CommonStatement> {
    const SHOWN: usize = 5;
    common
        .iter()
        .filter(|common| common.side == side)
        .take(SHOWN)
        .map(|common| CommonStatement {
            statement: common.statement,
            count: common.all.count,
            seen: common.all.seen,
            share: (f64::from(common.all.count) + 1.0) / (f64::from(common.all.seen) + 2.0),
            share_test: crate::classic::share_test(common.all.count, common.all.seen),
        })
        .collect()
}

/// The main results once more, without the flagged.
fn without(
    responses: &Responses,
    flags: &Flags,
    participants: &[Participant],
    with: &Findings,
    care: &[Care],
) -> Without {
    let flagged: BTreeSet<u32> = care.iter().map(|care| care.participant).collect();
    let rest = responses.filtered(|participant, _, _| !flagged.contains(&participant));
    let (map, _) = fitted(&rest, flags);
    let common_ground = map.findings.map(|findings| findings.common_ground).unwrap_or_default();
    let sides = |common: &[CommonGround]| -> BTreeSet<(u32, Side)> {
        common.iter().map(|common| (common.statement, common.side)).collect()
    };
    let only = |here: &[CommonGround], there: &[CommonGround]| {
        sides(here).difference(&sides(there)).map(|(statement, _)| *statement).collect()
    };
    let pairs = map.participants.iter().filter_map(|participant| {
        let at = participants.binary_search_by_key(&participant.number, |before| before.number).ok()?;
        Some((participants[at].group, participant.group))
    });
    Without {
        participants: map.participants.len() as u32,
        groups: map.groups.len() as u32,
        agreement: crate::compare::agreement(pairs),
        lost: only(&with.common_ground, &common_ground),
        gained: only(&common_ground, &with.common_ground),
        common_ground,
    }
}

impl lists::Lists {
    /// What sets a group apart, in the words of both methods.
    fn representative(&self, group: u32) -> Vec<Representative> {
        const SHOWN: usize = 5;
        self.differences
            .iter()
            .filter(|difference| difference.group == group && difference.effect > 0.0)
            .take(SHOWN)
            .map(|difference| {
                let (here, rest) = (difference.here, difference.rest);
                let share = |count: u32, seen: u32| (f64::from(count) + 1.0) / (f64::from(seen) + 2.0);
                Representative {
                    statement: difference.statement,
                    side: difference.side,
                    count: here.count,
                    seen: here.seen,
                    share: share(here.count, here.seen),
                    share_test: crate::classic::share_test(here.count, here.seen),
                    ratio: share(here.count, here.seen) / share(rest.count, rest.seen),
                    ratio_test: crate::classic::ratio_test((here.count, here.seen), (rest.count, rest.seen)),
                    best_agree: false,
                    agree: None,
                }
            })
            .collect()
    }
}
