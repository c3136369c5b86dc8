//! Pages, the record's files, JSON for everything a page shows, and live numbers.
//!
//! [`router`] makes an [`axum::Router`] over the assemblies of a data folder, [`copy`] one over the copy of
//! a record, [`witness`] one over a witness, [`metrics`] one for whoever measures the server; [`serve`] puts it on a socket, with time limits, a limit on connections, and an orderly end. Every page works without
//! JavaScript. The same address with `.json` behind it gives what the page shows as data.
//!
//! Invariant: only this crate knows HTTP. Invariant: handlers are thin (parse, one call, render); a
//! rule of the house found here is a bug. Invariant: no page holds inline script or inline style, and
//! nothing is fetched from anywhere else.
//!
//! What this crate is not: it decides nothing and keeps nothing. What may happen is `assembly`'s to
//! say; what happened is `store`'s to keep.

mod app;
mod assets;
pub mod bundle;
mod caretaker;
mod config;
mod copy;
mod firsts;
mod guard;
mod guest;
mod handlers;
mod limits;
mod live;
mod maps;
mod metrics;
mod order;
mod organiser;
pub mod picture;
mod problem;
mod routes;
mod serve;
mod standing;
mod texts;
mod views;
pub mod when;
mod witness;

pub use config::{Config, Limits};
pub use copy::copy;
pub use metrics::{Metrics, metrics};
pub use routes::{kept, router};
pub use serve::serve;
pub use witness::witness;

/// What [`serve`] puts on a socket.
pub use axum::Router;
