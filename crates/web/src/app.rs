//! What all handlers share.

use crate::assets::Assets;
use crate::config::Config;
use crate::firsts::Firsts;
use crate::limits::Limiter;
use crate::live::Feeds;
use crate::maps::Maps;
use crate::problem::Problem;
use crate::views::Frame;
use crate::views::shell::Place;
use assembly::{QuestionId, State, StatementNo, UnixMs};
use std::sync::Arc;
use store::House;
use tokio::sync::Semaphore;

/// Everything handlers share. Cheap to clone.
#[derive(Clone)]
pub(crate) struct App(Arc<Shared>);

pub(crate) struct Shared {
    pub config: Config,
    pub assets: Assets,
    pub rooms: Vec<Room>,
    pub limiter: Limiter,
    /// One permit for each page that watches the numbers.
    pub streams: Arc<Semaphore>,
    /// One permit for each bundle that is being downloaded.
    pub bundles: Arc<Semaphore>,
}

/// An assembly with what is computed from it.
pub(crate) struct Room {
    pub house: House,
    pub maps: Maps,
    pub firsts: Firsts,
    pub feeds: Feeds,
}

impl std::ops::Deref for App {
    type Target = Shared;
    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl App {
    pub fn new(config: Config, houses: Vec<House>) -> Self {
        let rooms = houses
            .into_iter()
            .map(|house| Room {
                house,
                maps: Maps::default(),
                firsts: Firsts::default(),
                feeds: Feeds::default(),
            })
            .collect();
        Self(Arc::new(Shared {
            assets: Assets::load(),
            rooms,
            limiter: Limiter::new(&config.limits),
            streams: Arc::new(Semaphore::new(config.limits.streams)),
            bundles: Arc::new(Semaphore::new(config.limits.bundles)),
            config,
        }))
    }
}

impl Shared {
    pub fn now(&self) -> UnixMs {
        (self.config.clock)()
    }

    /// The assembly of that name in addresses.
    pub fn room(&self, slug: &str) -> Result<&Room, Problem> {
        self.rooms.iter().find(|room| room.house.slug() == slug).ok_or_else(Problem::nowhere)
    }

    /// The assembly and the question of an address; the question exists.
    pub fn question(&self, slug: &str, number: &str) -> Result<(&Room, QuestionId), Problem> {
        let room = self.room(slug)?;
        let id = QuestionId(parse(number)?);
        match room.house.read().state.question(id) {
            Some(_) => Ok((room, id)),
            None => Err(Problem::from(assembly::Refusal::NoSuchQuestion(id))),
        }
    }

    /// What a page of an assembly is told about where it stands.
    pub fn frame<'a>(&'a self, here: &'a str, room: &'a Room, state: &'a State) -> Frame<'a> {
        Frame { place: Some(place(room, state)), ..self.bare_frame(here) }
    }

    /// What a page that belongs to no assembly is told.
    pub fn bare_frame<'a>(&'a self, here: &'a str) -> Frame<'a> {
        Frame {
            public_url: &self.config.public_url,
            assets: &self.assets,
            now: self.now(),
            here,
            place: None,
        }
    }
}

fn place<'a>(room: &'a Room, state: &'a State) -> Place<'a> {
    Place {
        slug: room.house.slug(),
        title: state.roll().title(),
        size: state.size(),
        at: state.at(),
        halted: room.house.halted(),
    }
}

/// A statement's number in an address or form.
pub(crate) fn statement_no(text: &str) -> Result<StatementNo, Problem> {
    parse(text).map(StatementNo)
}

/// Numbers in addresses are plain decimals without leading zeros; nothing else names anything.
fn parse(text: &str) -> Result<u32, Problem> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|_| plain).ok_or_else(Problem::nowhere)
}
