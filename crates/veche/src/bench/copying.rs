//! A mirror's first copy of a long record, from a server on the same machine, and checking that copy; and recounting
//! the record from that server, with as many showings on it as responses.

use super::machine::{Figures, Server, cpu_seconds, furnish};
use crate::check::check;
use crate::fail::Failed;
use crate::mirror::{Folder, round};
use crate::output::Output;
use crate::recount::recount;
use crate::source::Source;
use crate::trust::Trust;
use assembly::results::Results;
use assembly::talk::{self, Choice, Next};
use assembly::{Command, ParticipantNo, QuestionId};
use opinion::Method;
use opinion::simulate::Plan;
use std::path::Path;
use std::time::Instant;
use store::House;

pub fn run(responses: u32, output: Output) -> Result<(), Failed> {
    let made = || tempfile::tempdir().map_err(|error| Failed::io("Making a folder", error));
    let (data, copy) = (made()?, made()?);
    let each = 50;
    let plan =
        Plan { participants: responses / each, statements: 500, responses_each: each, groups: 3, seed: 3 };
    let (store, house) = furnish(data.path(), &plan)?;
    show(&house, each)?;
    drop((store, house));
    let server = Server::start(data.path(), None)?;
    let mut figures = Figures::new();
    let own = std::process::id();
    let (before, serving) = (cpu_seconds(own), cpu_seconds(server.process()));
    let folder = Folder::open(copy.path())?;
    let address = format!("http://{}/bench", server.host);
    let copied = round(&address, &folder, &Trust::default())?;
    if !copied.problems.is_empty() {
        return Err(Failed::new("The record of the measurement is not sound; it measures nothing."));
    }
    let megabytes = copied.fetched as f64 / 1e6;
    figures.add(
        format!("first copy of {} entries, from the same machine", copied.size),
        megabytes / copied.seconds,
        "MB/s",
        "≥ 50 MB/s",
    );
    figures.add("  it takes", copied.seconds, "s", "");
    figures.add("  it fetches", megabytes, "MB", "");
    figures.add("  CPU of the mirror", cpu_seconds(own) - before, "CPU s", "");
    figures.add("  CPU of the server", cpu_seconds(server.process()) - serving, "CPU s", "");
    let began = Instant::now();
    round(&address, &folder, &Trust::default())?;
    figures.add("looking again, with nothing new", began.elapsed().as_secs_f64() * 1e3, "ms", "");
    let before = cpu_seconds(own);
    let recounted = recount(&Source::find(&address)?, &Trust::default(), None)?;
    if !recounted.is_sound() || recounted.compared == 0 {
        return Err(Failed::new(recounted.sentence()));
    }
    figures.add(
        format!("recounting the {} entries and all results from the server", recounted.record.size),
        cpu_seconds(own) - before,
        "CPU s",
        "≤ 10 CPU s",
    );
    let showings = recounted.showings;
    figures.add(
        format!("  likelihoods of {} showings", showings.noted),
        showings.checked as f64,
        "checked",
        "",
    );
    drop(server);
    checking(copy.path(), &mut figures)?;
    output.result(&figures, || figures.sentences());
    Ok(())
}

/// Publishes the map and notes that so many statements were shown to everybody.
fn show(house: &House, each: u32) -> Result<(), Failed> {
    let id = QuestionId(1);
    let Some(prepared) = house.read().state.question(id).map(Results::prepare) else { return Ok(()) };
    let (results, map) = prepared.compute(Method::Map);
    let mapped = talk::Command::Publish(Box::new(results.mapped()));
    let entry = house.command(Command::Talk(mapped))?.entry;
    let shown = {
        let live = house.read();
        let Some(question) = live.state.question(id) else { return Ok(()) };
        let (talk, as_of) = (question.talk(), live.state.size());
        let people = (0..talk.participants().len()).map(ParticipantNo::at_place);
        people
            .flat_map(|participant| {
                let likely = talk::likelihoods(talk, Some(participant), Some(&map));
                let some = likely.into_iter().map(Next::from).take(each as usize);
                some.map(move |Next { statement, chance }| Choice { participant, statement, chance, as_of })
            })
            .collect()
    };
    house.command(Command::Talk(talk::Command::Show { question: id, map: entry, shown }))?;
    Ok(())
}

fn checking(copy: &Path, figures: &mut Figures) -> Result<(), Failed> {
    let own = std::process::id();
    let before = cpu_seconds(own);
    let checked = check(&Source::copy(copy), &Trust::default(), |_, _| ())?;
    figures.add(
        format!("verifying the {} entries of the copy", checked.size),
        cpu_seconds(own) - before,
        "CPU s",
        "≤ 3 CPU s",
    );
    Ok(())
}
