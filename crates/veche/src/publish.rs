//! Publishing the opinion map of a question that was just opened with responses, so that it begins with its map.

use crate::fail::Failed;
use crate::progress::Bar;
use assembly::Command;
use assembly::results::Results;
use assembly::talk::{self, map_due};
use opinion::Method;
use store::House;

/// Computes the map of the question that was opened last and puts it on the record, if one is due.
///
/// # Errors
///
/// If it cannot be written.
pub fn newest(house: &House) -> Result<(), Failed> {
    let prepared = {
        let live = house.read();
        let newest = live.state.questions().last();
        newest.filter(|question| map_due(question, store::clock())).map(Results::prepare)
    };
    let Some(prepared) = prepared else { return Ok(()) };
    let bar = Bar::new("Making the opinion map", 0);
    let mapped = prepared.compute(Method::Map).0.mapped();
    house.command(Command::Talk(talk::Command::Publish(Box::new(mapped))))?;
    bar.done();
    Ok(())
}
