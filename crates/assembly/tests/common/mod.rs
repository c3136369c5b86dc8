//! Commands to try, tame and wild, and a few short ways to build them.

#![allow(dead_code, clippy::unwrap_used, reason = "test code; not every test uses every helper")]

use assembly::moderation::{self, Author, By, Erased, Ground};
use assembly::question::{self, Activity, Admits, Open, Step, StepName};
use assembly::results::{MapResult, Results};
use assembly::talk::{
    self, Import, ImportedResponse, ImportedStatement, MAX_STATEMENT, Provenance, Response, Who,
};
use assembly::{
    Command, Entry, Field, ParticipantNo, Question, QuestionId, Refusal, State, StatementNo, Text, UnixMs,
    apply, decide, roll,
};
use proptest::prelude::*;
use record::commitment::Salt;
use record::note::SigningKey;
use record::rekey::Rekey;

/// A text with a salt that the words give, so that tests are the same every time.
pub fn text(words: &str) -> Text {
    let mut salt = [words.len() as u8; 32];
    salt.iter_mut().zip(words.bytes()).for_each(|(salt, byte)| *salt ^= byte);
    Text::new(Salt(salt), words)
}

pub fn found() -> Command {
    Command::Roll(roll::Command::Found {
        origin: "veche.example/hall/record".into(),
        key: "veche.example/hall/record+01234567+AQ".into(),
        title: text("The hall"),
    })
}

/// A key of the hall's record.
pub fn signing_key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32], "veche.example/hall/record").unwrap()
}

/// As [`found`], with a key that can sign.
pub fn found_signed(seed: u8) -> Command {
    Command::Roll(roll::Command::Found {
        origin: "veche.example/hall/record".into(),
        key: signing_key(seed).verifier().to_string(),
        title: text("The hall"),
    })
}

/// The change from one key to another, as entry `index`.
pub fn rekeyed(index: u64, old: u8, new: u8) -> roll::Rekeyed {
    let (by_old, by_new) = Rekey::sign(index, &signing_key(old), &signing_key(new)).unwrap();
    let key = signing_key(new).verifier().to_string();
    roll::Rekeyed { key, by_old: by_old.to_string(), by_new: by_new.to_string() }
}

/// A question that is open for talk from 10 to 1,000.
pub fn open(admits: Admits) -> Open {
    Open {
        title: text("Shall the yard become a garden?"),
        why: None,
        decides: None,
        admits,
        simulated: false,
        steps: vec![talk_step(10, Some(1_000))],
    }
}

pub fn talk_step(opens: UnixMs, closes: Option<UnixMs>) -> Step {
    Step { step: StepName::Talk, opens, closes, activities: Activity::ALL.to_vec() }
}

pub fn ask(admits: Admits) -> Command {
    Command::Question(question::Command::Open(Box::new(open(admits))))
}

pub fn say(question: u32, who: Who, words: &str) -> Command {
    Command::Talk(talk::Command::State { question: QuestionId(question), who, text: text(words) })
}

pub fn respond(question: u32, who: Who, statement: u32, response: Response) -> Command {
    let (question, statement) = (QuestionId(question), StatementNo(statement));
    Command::Talk(talk::Command::Respond { question, who, statement, response })
}

pub fn retract(question: u32, participant: u32, statement: u32) -> Command {
    Command::Talk(talk::Command::Retract {
        question: QuestionId(question),
        participant: ParticipantNo(participant),
        statement: StatementNo(statement),
    })
}

pub fn participant(no: u32) -> Who {
    Who::Participant(ParticipantNo(no))
}

pub fn erase(entry: u64, field: Field, ground: Ground, by: By) -> Command {
    Command::Moderation(moderation::Command::Erase(Erased { entry, field, ground, by }))
}

pub fn author(question: u32, participant: u32) -> By {
    By::Author(Author { question: QuestionId(question), participant: ParticipantNo(participant) })
}

/// An import of two people, a statement in use, one set aside, and three responses.
pub fn import() -> Import {
    let statement = |words, rejected| ImportedStatement {
        by: Some(0),
        text: text(words),
        rejected,
        meta: false,
        then: Some(3),
        there: Some(9),
    };
    let response = |participant, statement, response| ImportedResponse {
        participant,
        statement,
        response,
        then: Some(4),
    };
    Import {
        open: open(Admits::Guests),
        provenance: Some(Provenance {
            from: "polis".into(),
            format: "votes.csv".into(),
            digest: "00".into(),
            source: Some(text("by CC-BY")),
        }),
        participants: vec![Some(77), None],
        statements: vec![statement("More trees", false), statement("Fewer people", true)],
        responses: vec![
            response(0, 0, Response::Agree),
            response(1, 1, Response::Pass),
            response(1, 0, Response::Disagree),
        ],
    }
}

/// The opinion map of a question as it stands, and what an entry that publishes it says.
pub fn mapped(question: &Question) -> (talk::Mapped, opinion::Map) {
    let (results, map) = Results::prepare(question).compute(opinion::Method::Map);
    (results.mapped(), map)
}

/// Decides and applies; the entries that came of it.
pub fn act(state: &mut State, at: UnixMs, command: Command) -> Result<Vec<Entry>, Refusal> {
    let entries = decide(state, at, command)?;
    entries.iter().for_each(|entry| apply(state, entry).unwrap());
    Ok(entries)
}

/// An assembly with question 1 for guests, question 2 for the roll, and in question 1 a statement by
/// participant 1, to which participant 2 agrees. The time is 20.
pub fn hall() -> State {
    let mut state = State::default();
    for (at, command) in [
        (5, found()),
        (6, ask(Admits::Guests)),
        (7, ask(Admits::Roll)),
        (20, say(1, Who::New, "Plant trees.")),
        (20, respond(1, Who::New, 1, Response::Agree)),
    ] {
        act(&mut state, at, command).unwrap();
    }
    state
}

pub fn encode(entry: &Entry) -> Vec<u8> {
    let mut bytes = Vec::new();
    entry.encode(&mut bytes).unwrap();
    bytes
}

// ---- Wild commands ----

fn number() -> impl Strategy<Value = u32> {
    prop_oneof![
        20 => 1..4u32,
        2 => 4..40u32,
        1 => Just(0),
        1 => Just(u32::MAX),
        1 => Just(u32::MAX - 1),
        1 => Just(1 << 30),
    ]
}

/// Times near the steps of [`open`], and the ends of the scale.
pub fn time() -> impl Strategy<Value = UnixMs> {
    prop_oneof![60 => 10..1_000u64, 6 => 0..2_000u64, 1 => Just(0), 1 => any::<u64>()]
}

fn words() -> impl Strategy<Value = String> {
    let some = [
        "",
        " ",
        "\u{200b}\u{2060}",
        "yes",
        " yes ",
        "no\u{0}",
        "a\nb\tc",
        "\u{202e}txet",
        "</script><b>\"'&\\",
        "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}",
        "树木",
    ];
    prop_oneof![
        8 => prop::sample::select(some.map(str::to_owned).to_vec()),
        8 => "[a-d]{1,2}",
        1 => ".{0,200}",
        1 => Just("x".repeat(MAX_STATEMENT)),
        1 => Just("x".repeat(MAX_STATEMENT + 1)),
        1 => Just("\u{1}".repeat(20_000)),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let activities = prop::collection::vec(prop::sample::select(Activity::ALL.to_vec()), 0..4);
    let name = prop::sample::select(StepName::ALL.to_vec());
    (name, time(), prop::option::of(time()), activities).prop_map(|(step, opens, closes, activities)| Step {
        step,
        opens,
        closes,
        activities,
    })
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop_oneof![
        12 => Just(vec![talk_step(10, Some(1_000))]),
        6 => prop::collection::vec(step(), 0..4),
        1 => step().prop_map(|step| vec![step; 700]),
    ]
}

fn opening() -> impl Strategy<Value = Open> {
    let admits = prop_oneof![4 => Just(Admits::Guests), 1 => Just(Admits::Roll)];
    let title = prop_oneof![4 => Just("A question?".to_owned()), 1 => words()];
    let aside = || prop::option::of(words().prop_map(|words| text(&words)));
    (title, aside(), aside(), admits, any::<bool>(), steps()).prop_map(
        |(title, why, decides, admits, simulated, steps)| Open {
            title: text(&title),
            why,
            decides,
            admits,
            simulated,
            steps,
        },
    )
}

fn response() -> impl Strategy<Value = Response> {
    prop::sample::select(Response::ALL.to_vec())
}

fn who() -> impl Strategy<Value = Who> {
    prop_oneof![1 => Just(Who::New), 3 => number().prop_map(participant)]
}

fn place() -> impl Strategy<Value = u32> {
    prop_oneof![60 => 0..2u32, 1 => Just(2), 1 => Just(u32::MAX)]
}

fn importing() -> impl Strategy<Value = Import> {
    let note = || prop_oneof![9 => Just("note".to_owned()), 1 => words()];
    let source = prop::option::of(words().prop_map(|words| text(&words)));
    let provenance = prop::option::of(
        (note(), note(), note(), source).prop_map(|(from, format, digest, source)| Provenance {
            from,
            format,
            digest,
            source,
        }),
    );
    let statement = (prop::option::of(place()), words(), any::<[bool; 2]>(), prop::option::of(time()))
        .prop_map(|(by, words, [rejected, meta], then)| ImportedStatement {
            by,
            text: text(&words),
            rejected,
            meta,
            then,
            there: by,
        });
    let response = (place(), place(), response(), prop::option::of(time())).prop_map(
        |(participant, statement, response, then)| ImportedResponse {
            participant,
            statement,
            response,
            then,
        },
    );
    (
        opening(),
        provenance,
        prop::collection::vec(prop::option::of(number()), 2..4),
        prop::collection::vec(statement, 2..4),
        prop::collection::vec(response, 0..12),
    )
        .prop_map(|(open, provenance, participants, statements, responses)| Import {
            open,
            provenance,
            participants,
            statements,
            responses,
        })
}

fn erasing() -> impl Strategy<Value = Command> {
    let by = prop_oneof![
        2 => Just(By::Organiser),
        3 => (number(), number()).prop_map(|(question, participant)| author(question, participant)),
    ];
    let ground = prop_oneof![3 => Just(Ground::OwnRequest), 2 => prop::sample::select(Ground::ALL.to_vec())];
    let field = prop_oneof![4 => Just(Field::Text), 3 => prop::sample::select(Field::ALL.to_vec())];
    let entry = prop_oneof![20 => 0..12u64, 4 => 12..60u64, 1 => any::<u64>()];
    (entry, field, ground, by).prop_map(|(entry, field, ground, by)| erase(entry, field, ground, by))
}

fn choice() -> impl Strategy<Value = talk::Choice> {
    let chance = prop_oneof![9 => 1..=1_000_000u32, 1 => any::<u32>()];
    let as_of = prop_oneof![20 => 2..40u64, 1 => any::<u64>()];
    (number(), number(), chance, as_of).prop_map(|(participant, statement, chance, as_of)| talk::Choice {
        participant: ParticipantNo(participant),
        statement: StatementNo(statement),
        chance,
        as_of,
    })
}

/// A map that might be of some record.
fn publishing() -> impl Strategy<Value = talk::Mapped> {
    let version = prop_oneof![9 => Just(opinion::map::VERSION), 1 => any::<u32>()];
    let method = prop_oneof![9 => Just(opinion::Method::Map), 1 => Just(opinion::Method::Classic)];
    let digest = || prop_oneof![9 => Just("0123456789abcdef".repeat(4)), 1 => words()];
    let groups = prop_oneof![9 => Just(Vec::new()), 1 => prop::collection::vec(any::<u32>(), 0..8)];
    let of = (prop_oneof![8 => Just(1), 4 => number()], 5..60u64, 0..4u64);
    (of, version, method, digest(), digest(), groups).prop_map(
        |((question, as_of, responses), version, method, responses_digest, map_digest, groups)| {
            talk::Mapped {
                question: QuestionId(question),
                as_of,
                responses,
                map: MapResult { method, version, responses_digest, map_digest, groups },
            }
        },
    )
}

/// Any command, with the time at which it is given.
pub fn command() -> impl Strategy<Value = (UnixMs, Command)> {
    let question = || prop_oneof![8 => Just(1), 4 => number()].prop_map(QuestionId);
    let statement = || number().prop_map(StatementNo);
    let person = || number().prop_map(ParticipantNo);
    let talk = prop_oneof![
        30 => (question(), who(), statement(), response()).prop_map(
            |(question, who, statement, response)| talk::Command::Respond {
                question,
                who,
                statement,
                response
            }
        ),
        10 => (question(), person(), statement()).prop_map(|(question, participant, statement)| {
            talk::Command::Retract { question, participant, statement }
        }),
        12 => (question(), who(), words()).prop_map(|(question, who, words)| talk::Command::State {
            question,
            who,
            text: text(&words)
        }),
        8 => (question(), prop::option::weighted(0.1, 0..40u64), prop::collection::vec(choice(), 0..8))
            .prop_map(|(question, map, shown)| talk::Command::Show { question, map, shown })
            .boxed(),
        8 => publishing().prop_map(|mapped| talk::Command::Publish(Box::new(mapped))).boxed(),
        3 => importing().prop_map(|import| talk::Command::Import(Box::new(import))),
    ];
    let other = prop_oneof![
        4 => opening().prop_map(|open| Command::Question(question::Command::Open(Box::new(open)))),
        2 => (question(), steps()).prop_map(|(question, steps)| {
            Command::Question(question::Command::Schedule { question, steps })
        }),
        1 => question().prop_map(|question| Command::Question(question::Command::Close { question })),
        1 => (words(), words(), words()).prop_map(|(origin, key, title)| {
            Command::Roll(roll::Command::Found { origin, key, title: text(&title) })
        }),
    ];
    (time(), prop_oneof![16 => talk.prop_map(Command::Talk), 2 => other, 3 => erasing()])
}

/// What somebody may ask of an assembly from its beginning on: mostly one that was founded and has
/// questions.
pub fn history() -> impl Strategy<Value = Vec<(UnixMs, Command)>> {
    let begun = vec![
        (1, found()),
        (2, ask(Admits::Guests)),
        (10, say(1, Who::New, "First.")),
        (10, say(1, Who::New, "Second.")),
        (11, say(1, Who::New, "Third.")),
    ];
    let imported = vec![(1, found()), (2, Command::Talk(talk::Command::Import(Box::new(import()))))];
    let beginning = prop_oneof![1 => Just(Vec::new()), 6 => Just(begun), 3 => Just(imported)];
    (beginning, prop::collection::vec(command(), 0..60)).prop_map(|(mut all, more)| {
        all.extend(more);
        all
    })
}
