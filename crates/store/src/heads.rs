//! Which head is published, and which one witnesses are asked about.
//!
//! Under load a new head is signed many times a second, and no witness could keep up with all of them. So
//! one head after the other becomes the **candidate**: it is the newest when it is taken, and stays until
//! enough witnesses have cosigned it or ten seconds have passed. Where a quorum is configured, what is
//! published is the newest head that has it; only if that has been behind for a minute, the candidates are
//! published **alone**, as they are taken, until one of them has the quorum again.
//!
//! Invariant: what is published never gets smaller. A candidate is at least as large as every head
//! published before it, and only candidates are published.
//!
//! What it is not: it asks nobody, reads no clock and keeps nothing on disk.

use record::checkpoint::SignedCheckpoint;
use record::note::{NoteError, Signature, VerifierKey};
use record::policy::Policy;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The shortest time from one candidate to the next.
const PACE: Duration = Duration::from_secs(1);
/// How long a candidate waits for enough witnesses while there are newer heads. Requests have less time than
/// that, so the quorum can be reached by any that answer at all.
pub(crate) const HOLD: Duration = Duration::from_secs(10);
/// How long the newest head with the quorum may be behind before heads without it are published.
const BEHIND: Duration = Duration::from_secs(60);

/// The heads of one record that are of interest.
pub(crate) struct Heads {
    policy: Arc<Policy>,
    candidate: Option<Tracked>,
    /// The newest candidate that enough witnesses have cosigned.
    cosigned: Option<Tracked>,
    alone: bool,
    /// `cosigned` differs from what was taken to be saved.
    unsaved: bool,
}

/// A head, and what happened to it.
#[derive(Clone)]
struct Tracked {
    head: SignedCheckpoint,
    /// The head as it is served.
    text: Arc<str>,
    /// Who of the policy's witnesses has cosigned it, and when, in seconds since 1970.
    signed: Vec<(VerifierKey, u64)>,
    taken: Instant,
    /// Since when there is a newer one.
    outrun: Option<Instant>,
}

impl Tracked {
    fn new(head: SignedCheckpoint, policy: &Policy, taken: Instant) -> Self {
        let mut tracked = Self { text: "".into(), signed: Vec::new(), head, taken, outrun: None };
        tracked.read(policy);
        tracked
    }

    /// Brings what is known of the head up to date with its signatures.
    fn read(&mut self, policy: &Policy) {
        self.text = self.head.to_string().into();
        let witnessed = self.head.witnessed(policy).unwrap_or_default();
        self.signed = witnessed.into_iter().map(|witness| (witness.key.clone(), witness.time)).collect();
    }

    fn size(&self) -> u64 {
        self.head.checkpoint().size()
    }

    /// Whether it has the quorum; where none is configured, whether anybody has cosigned it.
    fn counts(&self, policy: &Policy) -> bool {
        !self.signed.is_empty() && policy.is_met(self.signed.iter().map(|(key, _)| key))
    }
}

impl Heads {
    /// Begins with the newest head of a record and the one that was cosigned last, if that is known.
    ///
    /// What was published before a restart is not known: a head that is behind could be smaller. So unless
    /// the newest one has the quorum, it is published alone.
    pub fn new(
        policy: Policy,
        newest: SignedCheckpoint,
        cosigned: Option<SignedCheckpoint>,
        now: Instant,
    ) -> Self {
        let policy = Arc::new(policy);
        let mut heads = Self { policy, candidate: None, cosigned: None, alone: true, unsaved: false };
        let cosigned = cosigned.map(|head| Tracked::new(head, &heads.policy, now));
        heads.cosigned = cosigned.filter(|head| head.counts(&heads.policy));
        heads.step(&newest, now);
        let same = heads.cosigned.as_ref().filter(|head| head.size() == newest.checkpoint().size());
        if let Some(same) = same.cloned() {
            heads.candidate = Some(same);
            heads.alone = false;
        }
        heads
    }

    /// The record is signed with another key from now on; heads signed before still count.
    pub fn take_key(&mut self, key: &VerifierKey) {
        if let Ok(policy) = Policy::clone(&self.policy).with_log(key) {
            self.policy = Arc::new(policy);
        }
    }

    /// The policy the server goes by, for this record.
    pub fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    /// The head that witnesses are asked about.
    pub fn candidate(&self) -> Option<&SignedCheckpoint> {
        self.candidate.as_ref().map(|tracked| &tracked.head)
    }

    /// Takes note of the newest head and the time. Answers when to look again although nothing happened.
    pub fn step(&mut self, newest: &SignedCheckpoint, now: Instant) -> Option<Instant> {
        let size = newest.checkpoint().size();
        for tracked in [&mut self.candidate, &mut self.cosigned].into_iter().flatten() {
            if tracked.size() < size {
                tracked.outrun.get_or_insert(now);
            }
        }
        let due = match &self.candidate {
            // The empty record is no matter for witnesses.
            None => (size > 0).then_some(now),
            Some(candidate) => {
                let pause = if candidate.counts(&self.policy) { PACE } else { HOLD };
                candidate.outrun.map(|_| candidate.taken + pause)
            }
        };
        let taken = due.is_some_and(|due| due <= now);
        if taken {
            self.candidate = Some(Tracked::new(newest.clone(), &self.policy, now));
        }
        let behind = match &self.cosigned {
            Some(cosigned) => cosigned.outrun.map(|outrun| outrun + BEHIND),
            None => Some(now),
        };
        self.alone |= behind.is_some_and(|behind| behind <= now);
        let behind = behind.filter(|_| !self.alone);
        due.filter(|_| !taken).into_iter().chain(behind).min()
    }

    /// Adds the signature of a witness to the head of that size, which it was verified for.
    ///
    /// # Errors
    ///
    /// [`NoteError::TooLarge`]; nothing was added.
    pub fn add(&mut self, size: u64, signature: &Signature) -> Result<(), NoteError> {
        for tracked in [&mut self.candidate, &mut self.cosigned].into_iter().flatten() {
            let signatures = tracked.head.note().signatures();
            // A witness that is asked again signs again, at another time: the first will do.
            let has = signatures
                .iter()
                .any(|one| (one.name(), one.key_id()) == (signature.name(), signature.key_id()));
            if tracked.size() == size && !has {
                tracked.head.add([signature.clone()])?;
                tracked.read(&self.policy);
                self.unsaved = true;
            }
        }
        if let Some(candidate) = self.candidate.as_ref().filter(|head| head.counts(&self.policy)) {
            self.cosigned = Some(candidate.clone());
            self.alone = false;
        }
        Ok(())
    }

    /// The newest head that enough witnesses have cosigned.
    pub fn cosigned(&self) -> Option<Cosigned<'_>> {
        self.cosigned.as_ref().map(Cosigned::of)
    }

    /// The cosigned head with its size, if it has changed since it was taken to be saved.
    pub fn unsaved(&mut self) -> Option<(u64, Arc<str>)> {
        let cosigned = self.cosigned.as_ref().filter(|_| self.unsaved)?;
        self.unsaved = false;
        Some((cosigned.size(), Arc::clone(&cosigned.text)))
    }

    /// The head to be published, where the newest one of the record has this size; `None` if it is that one
    /// as it stands.
    pub fn published(&self, newest: u64) -> Option<Cosigned<'_>> {
        let quorum = self.policy.has_quorum();
        let published = if quorum && self.alone { &self.candidate } else { &self.cosigned };
        published.as_ref().filter(|tracked| quorum || tracked.size() == newest).map(Cosigned::of)
    }
}

/// A head with the signatures that it has.
pub(crate) struct Cosigned<'a> {
    pub head: &'a SignedCheckpoint,
    /// The head as it is served.
    pub text: &'a Arc<str>,
    /// Who of the policy's witnesses has signed, and when, in seconds since 1970.
    pub signed: &'a [(VerifierKey, u64)],
}

impl<'a> Cosigned<'a> {
    fn of(tracked: &'a Tracked) -> Self {
        Self { head: &tracked.head, text: &tracked.text, signed: &tracked.signed }
    }

    pub fn size(&self) -> u64 {
        self.head.checkpoint().size()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

    use super::*;
    use proptest::prelude::*;
    use record::checkpoint::Checkpoint;
    use record::note::{CosigningKey, SigningKey};
    use record::{Hash, leaf_hash};

    fn log() -> SigningKey {
        SigningKey::from_seed(&[1; 32], "example.org/log").unwrap()
    }

    fn witness(seed: u8) -> CosigningKey {
        CosigningKey::from_seed(&[seed; 32], &format!("witness.example/{seed}")).unwrap()
    }

    fn policy(quorum: usize) -> Policy {
        let witnesses = (4..7).map(|seed| witness(seed).verifier().clone());
        Policy::new(log().verifier().clone(), witnesses, quorum).unwrap()
    }

    /// Not a tree's root, which is no matter here; the same at every time.
    fn head(size: u64) -> SignedCheckpoint {
        let Hash(root) = leaf_hash(&size.to_be_bytes());
        SignedCheckpoint::sign(Checkpoint::new("example.org/log", size, Hash(root)).unwrap(), &log()).unwrap()
    }

    fn sign(seed: u8, size: u64) -> Signature {
        witness(seed).cosign(head(size).note().text(), 1_800_000_000).unwrap()
    }

    struct Play {
        heads: Heads,
        newest: u64,
        now: Instant,
    }

    impl Play {
        fn new(quorum: usize) -> Self {
            let now = Instant::now();
            Self { heads: Heads::new(policy(quorum), head(1), None, now), newest: 1, now }
        }

        fn later(&mut self, milliseconds: u64) {
            self.now += Duration::from_millis(milliseconds);
            self.heads.step(&head(self.newest), self.now);
        }

        fn grow(&mut self) {
            self.newest += 1;
            self.later(0);
        }

        fn candidate(&self) -> u64 {
            self.heads.candidate().unwrap().checkpoint().size()
        }

        /// What is published: its size, and how many have cosigned it.
        fn published(&self) -> (u64, usize) {
            self.heads
                .published(self.newest)
                .map_or((self.newest, 0), |published| (published.size(), published.signed.len()))
        }
    }

    #[test]
    fn the_newest_head_with_the_quorum_is_published_until_it_is_a_minute_behind() {
        let mut play = Play::new(2);
        assert_eq!((play.candidate(), play.published()), (1, (1, 0)), "nothing else is there at the start");
        play.heads.add(1, &sign(4, 1)).unwrap();
        assert_eq!(play.published(), (1, 1));
        play.heads.add(1, &sign(5, 1)).unwrap();
        play.heads.add(1, &sign(5, 1)).unwrap();
        assert_eq!(play.published(), (1, 2));

        play.later(3_600_000);
        play.grow();
        assert_eq!((play.candidate(), play.published()), (2, (1, 2)), "an hour of silence is not behind");
        play.grow();
        assert_eq!(play.candidate(), 2, "a candidate waits for its witnesses");
        play.heads.add(2, &sign(4, 2)).unwrap();
        play.heads.add(2, &sign(6, 2)).unwrap();
        assert_eq!((play.candidate(), play.published()), (2, (2, 2)));
        play.later(1_000);
        assert_eq!((play.candidate(), play.published()), (3, (2, 2)));
        play.heads.add(2, &sign(5, 2)).unwrap();
        assert_eq!(play.published(), (2, 3), "a slow witness is heard, too");

        play.later(57_000);
        play.grow();
        assert_eq!((play.candidate(), play.published()), (4, (2, 3)));
        play.later(3_000);
        assert_eq!(play.published(), (4, 0), "a minute behind");
        play.grow();
        assert_eq!(play.published(), (4, 0));
        play.later(7_000);
        assert_eq!(play.published(), (5, 0));
        play.heads.add(4, &sign(4, 4)).unwrap();
        play.heads.add(4, &sign(5, 4)).unwrap();
        assert_eq!(play.published(), (5, 0), "nothing smaller is published again");
        play.heads.add(5, &sign(4, 5)).unwrap();
        play.heads.add(5, &sign(5, 5)).unwrap();
        play.grow();
        assert_eq!(play.published(), (5, 2));
    }

    #[test]
    fn without_a_quorum_the_newest_head_is_published_with_whoever_signed_it() {
        let mut play = Play::new(0);
        play.heads.add(1, &sign(4, 1)).unwrap();
        assert_eq!(play.published(), (1, 1));
        play.grow();
        assert_eq!(play.published(), (2, 0));
        assert_eq!(play.heads.cosigned().unwrap().size(), 1);
        play.later(1_000);
        play.heads.add(2, &sign(6, 2)).unwrap();
        assert_eq!(play.published(), (2, 1));
    }

    #[test]
    fn a_restart_publishes_what_cannot_be_smaller() {
        let with = |size, signers: &[u8]| {
            let mut head = head(size);
            head.add(signers.iter().map(|&seed| sign(seed, size))).unwrap();
            head
        };
        let start = |cosigned| {
            let heads = Heads::new(policy(2), head(7), cosigned, Instant::now());
            Play { heads, newest: 7, now: Instant::now() }
        };
        assert_eq!(start(Some(with(7, &[4, 5]))).published(), (7, 2));
        let behind = start(Some(with(6, &[4, 5])));
        assert_eq!((behind.published(), behind.candidate()), ((7, 0), 7));
        assert_eq!(behind.heads.cosigned().unwrap().size(), 6, "receipts have it still");
        // Kept under another policy.
        let other = start(Some(with(7, &[4])));
        assert!(other.heads.cosigned().is_none());
        assert_eq!(other.published(), (7, 0));
    }

    #[test]
    fn what_is_saved_is_saved_once() {
        let mut play = Play::new(1);
        assert!(play.heads.unsaved().is_none());
        play.heads.add(1, &sign(4, 1)).unwrap();
        assert_eq!(play.heads.unsaved().unwrap().0, 1);
        assert!(play.heads.unsaved().is_none());
        play.heads.add(1, &sign(4, 1)).unwrap();
        assert!(play.heads.unsaved().is_none());
        play.heads.add(1, &sign(5, 1)).unwrap();
        assert!(play.heads.unsaved().unwrap().1.contains("witness.example/5"));
    }

    #[derive(Clone, Debug)]
    enum Event {
        Grow,
        Wait(u64),
        /// A witness answers about what was the candidate when it was asked, so many steps ago.
        Signed(u8, usize),
    }

    fn event() -> impl Strategy<Value = Event> {
        prop_oneof![
            3 => Just(Event::Grow),
            3 => (0..30_000_u64).prop_map(Event::Wait),
            4 => (4..7_u8, 0..4_usize).prop_map(|(seed, ago)| Event::Signed(seed, ago)),
        ]
    }

    proptest! {
        // Each case signs and verifies hundreds of heads.
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn what_is_published_never_gets_smaller(quorum in 0..4_usize, events in prop::collection::vec(event(), 1..60)) {
            let mut play = Play::new(quorum);
            let mut asked = vec![1];
            let mut last = play.published();
            for event in events {
                match event {
                    Event::Grow => play.grow(),
                    Event::Wait(milliseconds) => play.later(milliseconds),
                    Event::Signed(seed, ago) => {
                        let size = asked[asked.len().saturating_sub(ago + 1)];
                        play.heads.add(size, &sign(seed, size)).unwrap();
                    }
                }
                asked.push(play.candidate());
                let published = play.published();
                prop_assert!(published.0 >= last.0, "{published:?} after {last:?}");
                prop_assert!(published.0 > last.0 || published.1 >= last.1, "{published:?} after {last:?}");
                prop_assert!(play.heads.cosigned().is_none_or(|head| head.size() <= play.newest));
                last = published;
            }
        }

        #[test]
        fn under_constant_load_whoever_asks_gets_the_quorum(latency in 1..9_000_u64, pause in 20..400_u64) {
            let mut play = Play::new(2);
            let mut asked = (play.candidate(), 0);
            for step in 0..150 {
                let clock = step * pause;
                play.later(pause);
                play.grow();
                if play.candidate() != asked.0 {
                    asked = (play.candidate(), clock);
                }
                if clock >= asked.1 + latency {
                    play.heads.add(asked.0, &sign(4, asked.0)).unwrap();
                    play.heads.add(asked.0, &sign(5, asked.0)).unwrap();
                }
                // From the first answer on, and never further back than two waits for the witnesses.
                if clock > latency + 2 * pause {
                    let (size, signed) = play.published();
                    prop_assert_eq!(signed, 2);
                    prop_assert!((play.newest - size) * pause <= 2 * latency + 1_000 + 4 * pause);
                }
            }
        }
    }
}
