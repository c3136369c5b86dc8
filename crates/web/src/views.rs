//! Pages as functions from data to markup. They ask nobody and know no HTTP.

pub(crate) mod assemblies;
pub(crate) mod check;
pub(crate) mod classic;
pub(crate) mod erase;
pub(crate) mod findings;
pub(crate) mod group;
pub(crate) mod map;
pub(crate) mod mine;
pub(crate) mod organise;
pub(crate) mod pieces;
pub(crate) mod problem;
pub(crate) mod qr;
pub(crate) mod question;
pub(crate) mod receipt;
pub(crate) mod report;
pub(crate) mod respond;
pub(crate) mod shell;
pub(crate) mod stand;
pub(crate) mod statements;
pub(crate) mod summary;
pub(crate) mod tally;
pub(crate) mod trust;
pub(crate) mod vouching;

pub(crate) use shell::Frame;
