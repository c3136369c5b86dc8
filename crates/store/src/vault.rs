//! The vault: who is who. Ordinary tables, never part of the record.
//!
//! A guest is a random token in a cookie; the vault knows its SHA-256 and which participant it is in
//! which question.

use assembly::{ParticipantNo, QuestionId};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rusqlite::Connection;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fmt;

/// What a guest's cookie holds: 32 random bytes. Not shown by `{:?}`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Token([u8; 32]);

impl Token {
    /// A new one.
    ///
    /// # Errors
    ///
    /// If the operating system has no random bytes to give.
    pub fn random() -> Result<Self, crate::RandomError> {
        crate::random().map(Self)
    }

    /// The token in a cookie's value: 43 characters of base64url.
    pub fn parse(text: &str) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// What the vault keeps of it.
    pub(crate) fn digest(&self) -> TokenDigest {
        TokenDigest(Sha256::digest(self.0).into())
    }

    /// A number that stays the same for this token and says nothing about it, for choices that
    /// should be steady for one person.
    pub fn seed(&self) -> u64 {
        let digest = Sha256::new_with_prefix(b"veche/seed/v1\0").chain_update(self.0).finalize();
        digest.iter().take(8).fold(0, |seed, byte| seed << 8 | u64::from(*byte))
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// SHA-256 of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct TokenDigest(pub [u8; 32]);

/// Which guest is which participant, in memory.
#[derive(Debug, Default)]
pub(crate) struct Vault {
    participants: HashMap<(TokenDigest, QuestionId), ParticipantNo>,
}

/// A change of the vault that belongs to entries and is committed with them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewGuest {
    pub token: TokenDigest,
    pub question: QuestionId,
    pub participant: ParticipantNo,
}

impl Vault {
    /// Reads who is who. A row that does not have its sum was changed on disk: it is left out, so that nobody
    /// acts in another's place, and counted in the second result.
    pub fn load(db: &Connection, assembly: i64) -> rusqlite::Result<(Self, u64)> {
        let mut query =
            db.prepare("SELECT token, question, participant, sum FROM guest WHERE assembly = ?1")?;
        let mut rows = query.query([assembly])?;
        let (mut vault, mut damaged) = (Self::default(), 0);
        while let Some(row) = rows.next()? {
            match NewGuest::read(row) {
                Some((guest, sum)) if sum == guest.sum(assembly) => vault.add(guest),
                _ => damaged += 1,
            }
        }
        Ok((vault, damaged))
    }

    pub fn participant(&self, token: TokenDigest, question: QuestionId) -> Option<ParticipantNo> {
        self.participants.get(&(token, question)).copied()
    }

    pub fn add(&mut self, guest: NewGuest) {
        self.participants.insert((guest.token, guest.question), guest.participant);
    }
}

impl NewGuest {
    pub fn insert(&self, db: &Connection, assembly: i64) -> rusqlite::Result<()> {
        db.prepare_cached(
            "INSERT INTO guest (assembly, token, question, participant, sum) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((
            assembly,
            self.token.0,
            self.question.0,
            self.participant.0,
            self.sum(assembly),
        ))?;
        Ok(())
    }

    /// The columns token, question, participant, sum; `None` if they hold something else.
    fn read(row: &rusqlite::Row<'_>) -> Option<(Self, [u8; SUM_BYTES])> {
        let (token, question) = (TokenDigest(row.get(0).ok()?), QuestionId(row.get(1).ok()?));
        Some((Self { token, question, participant: ParticipantNo(row.get(2).ok()?) }, row.get(3).ok()?))
    }

    /// The first bytes of a SHA-256 over the row. Against bits that change by themselves; whoever may write the
    /// database can write the sum as well.
    fn sum(&self, assembly: i64) -> [u8; SUM_BYTES] {
        let digest = Sha256::new_with_prefix(b"veche/guest/v1\0")
            .chain_update(assembly.to_be_bytes())
            .chain_update(self.token.0)
            .chain_update(self.question.0.to_be_bytes())
            .chain_update(self.participant.0.to_be_bytes())
            .finalize();
        std::array::from_fn(|at| digest[at])
    }
}

/// Length of a row's sum: one changed row in 2^64 goes unnoticed.
const SUM_BYTES: usize = 8;

/// Gives the rows their sums that were written before there were any.
pub(crate) fn sum_up(db: &Connection) -> rusqlite::Result<()> {
    let mut query = db.prepare("SELECT token, question, participant, assembly FROM guest")?;
    let mut update =
        db.prepare("UPDATE guest SET sum = ?1 WHERE assembly = ?2 AND token = ?3 AND question = ?4")?;
    let rows = query.query_map([], |row| {
        let (token, question, participant) =
            (TokenDigest(row.get(0)?), QuestionId(row.get(1)?), ParticipantNo(row.get(2)?));
        Ok((NewGuest { token, question, participant }, row.get::<_, i64>(3)?))
    })?;
    for (guest, assembly) in rows.collect::<Result<Vec<_>, _>>()? {
        update.execute((guest.sum(assembly), assembly, guest.token.0, guest.question.0))?;
    }
    Ok(())
}
