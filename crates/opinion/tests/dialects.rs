//! The dialects, with small made-up conversations; above all: which sign means agree.

#![allow(clippy::unwrap_used, reason = "a test stops where something was refused")]

use opinion::Value;
use opinion::export::{AgreeIs, Conversation, Dialect, Files, Moderation, Times, read};

/// Responses of twenty participants to twelve statements, +1 = agree; each wrote at most one and agrees.
fn events() -> Vec<(u32, u32, i8)> {
    let mut events = Vec::new();
    for statement in 0..12u32 {
        for participant in 0..20u32 {
            let mixed = (statement * 7 + participant * 3) % 5;
            let sign = if participant == statement { 1 } else { [1, 1, -1, 0, 1][mixed as usize] };
            if (statement + participant) % 4 != 1 {
                events.push((participant, statement, sign));
            }
        }
    }
    events
}

/// How an exporter writes.
#[derive(Clone, Copy)]
struct Style {
    seconds: bool,
    flip_votes: bool,
    swap_counts: bool,
    quoted: bool,
    authors: bool,
}

fn written(style: Style) -> (String, String) {
    let time = |at: u32| 1_730_000_000_000u64 + u64::from(at) * 1_000;
    let time = |at: u32| if style.seconds { time(at) / 1000 } else { time(at) };
    let mut votes = String::from("timestamp,datetime,comment-id,voter-id,vote\n");
    for (at, (participant, statement, sign)) in (0..).zip(events()) {
        let sign = if style.flip_votes { -sign } else { sign };
        votes.push_str(&format!("{},Wed Nov 06 2024 12:00:00 GMT+0000 (Coordinated Universal Time),{statement},{participant},{sign}\n", time(at)));
    }
    let mut comments =
        String::from("timestamp,datetime,comment-id,author-id,agrees,disagrees,moderated,comment-body\n");
    for statement in 0..12u32 {
        let count =
            |wanted: i8| events().iter().filter(|&&(_, of, sign)| of == statement && sign == wanted).count();
        let (agrees, disagrees) =
            if style.swap_counts { (count(-1), count(1)) } else { (count(1), count(-1)) };
        let text = match (statement % 3, style.quoted) {
            (0, false) => "Tea, not coffee,\nbut \"green\"\n\n1,2 sugars".to_owned(),
            (0, true) => "\"Tea, not coffee,\nbut \"\"green\"\"\n\n1,2 sugars\"".to_owned(),
            (_, false) => format!("Statement {statement}"),
            (_, true) => format!("\"Statement {statement}\""),
        };
        let author = if style.authors { statement } else { 99 };
        let moderated = (statement % 3) as i8 - 1;
        comments.push_str(&format!("{},Wed Nov 06 2024 12:00:00 GMT+0000 (x),{statement},{author},{agrees},{disagrees},{moderated},{text}\n", time(statement)));
    }
    (votes, comments)
}

fn conversation(style: Style) -> Conversation {
    let (votes, comments) = written(style);
    let files =
        Files::new().with("r2-votes.csv", votes.as_bytes()).with("r2-comments.csv", comments.as_bytes());
    read(&files).unwrap()
}

fn is_right(conversation: &Conversation) -> bool {
    let found =
        conversation.events.iter().map(|event| (event.participant, event.statement, event.value.sign()));
    found.eq(events())
}

const EXPORT: Style =
    Style { seconds: false, flip_votes: false, swap_counts: false, quoted: true, authors: true };

#[test]
fn polis_export() {
    let found = conversation(EXPORT);
    assert!(is_right(&found));
    assert_eq!((found.report.dialect, found.report.times), (Dialect::Export, Times::Milliseconds));
    assert_eq!(found.statements[3].text, "Tea, not coffee,\nbut \"green\"\n\n1,2 sugars");
    assert_eq!(found.statements[3].moderation, Moderation::Rejected);
    assert_eq!(found.events[0].time(), Some(1_730_000_000_000));
    assert_eq!(found.report.rejected_with_responses, 4);
}

#[test]
fn the_newer_export_has_other_columns() {
    let votes =
        "timestamp,datetime,comment-id,voter-id,vote\n1730000000000,x,4,1,1\n1730000000001,x,2,1,-1\n";
    let comments = "timestamp,comment-id,author-id,agrees,disagrees,moderated,is-meta,is-seed,group-informed-consensus,comment-body\n\
        1730000000000,4,1,1,0,1,false,true,0.31,\"Tea, please\"\n1730000000000,2,,0,1,0,true,,,Coffee\n1730000000000,3,0,0,0,0,,false,,Water\n";
    let files = Files::new().with("votes.csv", votes.as_bytes()).with("comments.csv", comments.as_bytes());
    let found = read(&files).unwrap();
    let facts: Vec<_> = (found.statements.iter())
        .map(|statement| {
            (statement.number, statement.author, statement.meta, statement.seed, statement.text.as_str())
        })
        .collect();
    let expected = [
        (2, None, true, None, "Coffee"),
        (3, Some(0), false, Some(false), "Water"),
        (4, Some(1), false, Some(true), "Tea, please"),
    ];
    assert_eq!(facts, expected);
    assert!(found.flags().meta(2) && found.flags().left_out(2) && !found.flags().left_out(4));
    assert_eq!(found.report.without_responses, 1);
    assert!(!found.report.sign_assumed, "{}", found.report.sign_because);
}

#[test]
fn the_first_report_exporter() {
    let style = Style { seconds: true, flip_votes: true, swap_counts: true, quoted: false, authors: true };
    let found = conversation(style);
    assert!(is_right(&found), "{}", found.report.sign_because);
    assert_eq!((found.report.dialect, found.report.times), (Dialect::Report, Times::Seconds));
    assert_eq!((found.report.agree_is, found.report.sign_assumed, found.report.repaired), (-1, false, 4));
    assert_eq!(found.statements[3].text, "Tea, not coffee,\nbut \"green\"\n\n1,2 sugars");
    assert_eq!(found.events[0].time(), Some(1_730_000_000_000));
    // Without authors the counts prove nothing, because they are swapped as well; the missing quotes do.
    let found = conversation(Style { authors: false, ..style });
    assert!(is_right(&found));
    assert!(found.report.sign_assumed);
}

#[test]
fn later_report_exporters() {
    for flip_votes in [false, true] {
        for authors in [false, true] {
            let style = Style { seconds: true, flip_votes, authors, ..EXPORT };
            let found = conversation(style);
            assert!(is_right(&found), "{}", found.report.sign_because);
            assert_eq!(found.report.sign_assumed, !authors && !flip_votes);
        }
    }
}

#[test]
fn an_export_with_the_raw_sign_is_noticed() {
    for (authors, swap_counts) in [(true, false), (true, true), (false, false)] {
        let found = conversation(Style { flip_votes: true, swap_counts, authors, ..EXPORT });
        assert!(is_right(&found), "{}", found.report.sign_because);
        assert_eq!(
            found.report.notes.iter().any(|note| note.starts_with("Against this sign speaks")),
            swap_counts
        );
    }
}

#[test]
fn texts_without_quotes_are_only_repaired_where_exporters_wrote_them() {
    let (votes, comments) = written(Style { quoted: false, ..EXPORT });
    let files = Files::new().with("votes.csv", votes.as_bytes()).with("comments.csv", comments.as_bytes());
    assert_eq!(read(&files).unwrap_err().line, Some(2));
}

#[test]
fn the_matrix_alone_or_beside_votes() {
    let (votes, comments) = written(EXPORT);
    let all = events();
    let mut matrix = String::from(
        "participant,xid,group-id,n-comments,n-votes,n-agree,n-disagree,0,1,2,3,4,5,6,7,8,9,10,11\n",
    );
    for participant in 0..20 {
        let mut cells = String::new();
        let (mut seen, mut agree, mut disagree) = (0, 0, 0);
        for statement in 0..12 {
            cells.push(',');
            if let Some(&(_, _, sign)) =
                all.iter().find(|&&(who, what, _)| (who, what) == (participant, statement))
            {
                cells.push_str(&sign.to_string());
                (seen, agree, disagree) =
                    (seen + 1, agree + u32::from(sign == 1), disagree + u32::from(sign == -1));
            }
        }
        let group = if participant == 7 { String::new() } else { format!("{}.0", participant % 2) };
        matrix.push_str(&format!("{participant},,{group},0,{seen},{agree},{disagree}{cells}\n"));
    }
    let alone = read(&Files::new().with("participants-votes.csv", matrix.as_bytes())).unwrap();
    assert_eq!(alone.responses().len(), all.len());
    assert_eq!(
        (alone.report.agree_is, alone.report.sign_assumed, alone.report.times),
        (1, false, Times::Unknown)
    );
    assert_eq!(alone.published_groups.len(), 19);
    assert_eq!(alone.published_groups[3], (3, 1));
    assert_eq!(alone.statements.len(), 12);

    let beside = Files::new()
        .with("votes.csv", votes.as_bytes())
        .with("comments.csv", comments.as_bytes())
        .with("participant-votes.csv", matrix.as_bytes());
    let beside = read(&beside).unwrap();
    assert!(is_right(&beside) && beside.published_groups.len() == 19);
    assert_eq!(beside.report.notes, Vec::<String>::new());
    let other = matrix.replacen(",1\n", ",\n", 1);
    let other =
        Files::new().with("votes.csv", votes.as_bytes()).with("participants-votes.csv", other.as_bytes());
    assert!(read(&other).unwrap().report.notes.iter().any(|note| note.contains("differ")));
}

/// Without comments.csv and without the author's name anywhere, those who respond first tell.
#[test]
fn votes_alone_tell_their_sign_by_who_responded_first() {
    for flip_votes in [false, true] {
        let sign = if flip_votes { -1 } else { 1 };
        let mut csv = String::from("timestamp,comment-id,voter-id,vote\n");
        let mut json = Vec::new();
        for statement in 0..12u64 {
            for (later, (participant, response)) in (0..).zip([(statement, sign), (20, -sign), (21, -sign)]) {
                let time = 1_730_000_000 + statement * 60 + later;
                csv += &format!("{time},{statement},{participant},{response}\n");
                json.push(format!(r#"{{"pid": {participant}, "tid": {statement}, "vote": {response}, "modified": {time}000}}"#));
            }
        }
        let json = format!("[{}]", json.join(","));
        for (name, text) in
            [("votes.csv", &csv), ("some.csv", &csv), ("votes.json", &json), ("baz.json", &json)]
        {
            let found = read(&Files::new().with(name, text.as_bytes())).unwrap();
            assert_eq!((found.report.agree_is, found.report.sign_assumed), (sign, false), "{name}");
            assert_eq!(
                found.report.sign_because,
                format!(
                    "Found from who responded first to statements, mostly their authors ({} for 1 as agree, {} for -1).",
                    if flip_votes { 0 } else { 12 },
                    if flip_votes { 12 } else { 0 }
                )
            );
        }
    }
}

#[test]
fn the_sign_can_be_said_and_words_mean_what_they_say() {
    let votes = "timestamp,comment-id,voter-id,vote\n1730000000,0,1,-1\n1730000001,1,1,1\n";
    let table = "participant,statement,response\n1,0,-1\n1,1,disagree\n";
    for (name, text) in [("votes.csv", votes), ("table.csv", table)] {
        let files = Files::new().with(name, text.as_bytes());
        let assumed = read(&files).unwrap();
        assert_eq!((assumed.report.agree_is, assumed.report.sign_assumed), (1, name == "votes.csv"));
        let said = read(&files.clone().agreeing(AgreeIs::MinusOne)).unwrap();
        assert_eq!((said.report.agree_is, said.report.sign_assumed), (-1, false));
        assert!(said.report.sign_because.starts_with("Given"), "{}", said.report.sign_because);
        assert_eq!(
            said.events.iter().map(|event| event.value).collect::<Vec<_>>(),
            [Value::Agree, Value::Disagree]
        );
    }
}

#[test]
fn files_of_other_names_are_known_by_what_is_in_them() {
    let (votes, comments) = written(EXPORT);
    let files = Files::new().with("a.csv", votes.as_bytes()).with("b.csv", comments.as_bytes());
    assert!(is_right(&read(&files).unwrap()));
    let matrix = "participant,group-id,n-comments,n-votes,n-agree,n-disagree,0\n4,1,0,1,1,0,1\n";
    let found = read(&Files::new().with("bar.csv", matrix.as_bytes())).unwrap();
    assert_eq!(found.published_groups, [(4, 1)]);
    // What has its proper name goes before; two without are not chosen from.
    let beside = Files::new().with("votes.csv", votes.as_bytes()).with("old.csv", votes.as_bytes());
    assert!(
        read(&beside)
            .unwrap()
            .report
            .notes
            .contains(&"old.csv was not read: it is not needed here.".to_owned())
    );
    let two = Files::new().with("a.csv", votes.as_bytes()).with("b.csv", votes.as_bytes());
    assert_eq!(
        read(&two).unwrap_err().to_string(),
        "b.csv: a.csv is the same kind of file; leave one of them out."
    );
}

#[test]
fn tables_with_semicolons_or_tabs_are_read() {
    for separator in [";", "\t"] {
        let text = "participant,statement,response\n1,0,agree\n2,0,-1\n".replace(',', separator);
        let found = read(&Files::new().with("t.csv", text.as_bytes())).unwrap();
        assert_eq!(found.responses().len(), 2);
    }
}

#[test]
fn plain_table() {
    let text = "statement,response,participant\n3, Agree,7\n3,disagree,8\n1,0,7\n3,-1,7\n1,PASS,9\n1,+1,8\n";
    let found = read(&Files::new().with("anything.csv", text.as_bytes())).unwrap();
    assert_eq!((found.report.dialect, found.report.times), (Dialect::Table, Times::Unknown));
    assert_eq!((found.report.replaced, found.report.changed, found.report.participants), (1, 1, 3));
    let responses = found.responses();
    assert_eq!(responses.participants(), [7, 8, 9]);
    assert_eq!(responses.row(0).collect::<Vec<_>>(), [(1, Value::Pass), (3, Value::Disagree)]);
    let timed = "participant,statement,response,time\n1,1,agree,1730000001\n1,1,disagree,1730000000\n";
    let found = read(&Files::new().with("t.csv", timed.as_bytes())).unwrap();
    assert_eq!(found.events[1].value, Value::Agree, "the latest by time");
}
