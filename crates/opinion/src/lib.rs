//! Responses in, opinion map out: which opinion groups there are, where everybody stands, what is common
//! ground and what sets the groups apart.
//!
//! ```
//! use opinion::{Flags, ResponsesBuilder, Value, classic};
//!
//! let mut builder = ResponsesBuilder::new();
//! for participant in 0..20 {
//!     for statement in 0..8 {
//!         let value = if (participant + statement) % 2 == 0 { Value::Agree } else { Value::Disagree };
//!         builder.respond(participant, statement, value);
//!     }
//! }
//! let map = classic::map(&builder.build(), &Flags::new());
//! assert_eq!(map.groups.len(), 2);
//! ```
//!
//! Bytes and slices in, values out. This crate knows nothing of HTTP, storage or people; it reads no file,
//! no clock and no random source, and the same responses give the same bytes on every machine and with any
//! number of threads.
//!
//! * [`Responses`]: who responded what to which statement, two bytes a response.
//! * [`classic`]: the method of Polis, exactly, with its declared deviations.
//! * [`Map`]: what a method returns. It says which [`Method`] it came from.
//! * [`export`]: reads what Polis exports, and a plain table.
//! * [`report`]: a map in words for people.
//! * [`compare`]: how two maps differ.
//! * [`evaluate`]: how good a method is on a conversation.
//! * [`agreement`]: how alike two groupings are.
//! * [`simulate`]: synthetic conversations for demonstrations and measurements.

pub mod agreement;
mod chunks;
pub mod classic;
pub mod compare;
mod digest;
pub mod evaluate;
pub mod export;
mod live;
pub mod map;
mod model;
pub mod next;
pub mod report;
mod responses;
mod shape;
pub mod simulate;

pub use live::{Live, Now};
pub use model::predict;
pub use responses::{Flags, Responses, ResponsesBuilder, Value};
pub use shape::{
    Base, Care, Certificate, Choice, CommonGround, CommonStatement, Consensus, Difference, Dissent, Findings,
    Group, MOST_GROUPS, Map, Memberships, Method, Participant, Place, Reason, Representative, Share, Side,
    Slate, Statement, Tally, Tried, Without,
};
