//! Files that must be refused whole, with file, line and reason.

use opinion::export::{Files, read};

const VOTES: &str = "timestamp,datetime,comment-id,voter-id,vote\n\
    1403054214196,Wed Jun 18 08:16:54 WIB 2014,0,0,1\n\
    1403057082753,Wed Jun 18 09:04:42 WIB 2014,0,1,-1\n\
    1403057082754,Wed Jun 18 09:04:42 WIB 2014,4,1,0\n";
const COMMENTS: &str = "timestamp,datetime,comment-id,author-id,agrees,disagrees,moderated,comment-body\n\
    1403054214196,Wed Jun 18 08:16:54 WIB 2014,4,0,0,0,-1,\"Two\nlines, \"\"quoted\"\"\"\n\
    1403054214197,Wed Jun 18 08:16:54 WIB 2014,0,0,1,1,1,One line\n";
const MATRIX: &str =
    "participant,group-id,n-comments,n-votes,n-agree,n-disagree,0,4\n0,1,2,1,1,0,1,\n1,,0,2,0,1,-1,0\n";
const SUMMARY: &str =
    "topic,Tea\nurl,https://pol.is/2demo\nvoters,2\nconversation-description,\"Green, or\nblack?\"\n";
const HISTORY: &str = "n-votes,n-comments,n-visitors,n-voters,n-commenters\n0,0,1,0,0\n3,2,2,3,2\n";

/// The sentence with which a folder is refused when one file is replaced.
fn refused(name: &str, content: &[u8]) -> String {
    let good = [
        ("votes.csv", VOTES),
        ("comments.csv", COMMENTS),
        ("participants-votes.csv", MATRIX),
        ("summary.csv", SUMMARY),
        ("stats-history.csv", HISTORY),
    ];
    let files: Files<'_> = (good.iter())
        .map(|&(other, text)| (other, if other == name { content } else { text.as_bytes() }))
        .collect();
    match read(&files) {
        Ok(_) => "was read".to_owned(),
        Err(refusal) => refusal.to_string(),
    }
}

fn check(name: &str, cases: &[(&[u8], &str)]) {
    for (content, expected) in cases {
        assert_eq!(&refused(name, content), expected, "{:?}", String::from_utf8_lossy(content));
    }
}

#[test]
fn the_folder_itself_is_fine() {
    assert_eq!(refused("", b""), "was read");
    let crlf = VOTES.replace('\n', "\r\n");
    assert_eq!(refused("votes.csv", crlf.as_bytes()), "was read");
    let mixed = format!("\u{feff}{}", VOTES.replacen('\n', "\r\n", 2));
    assert_eq!(refused("votes.csv", mixed.as_bytes()), "was read");
}

#[test]
fn votes() {
    let header = "timestamp,datetime,comment-id,voter-id,vote\n";
    let row = |row: &str| format!("{header}1403054214196,x,0,0,1\n{row}\n").into_bytes();
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (b"".to_vec(), "votes.csv: The file is empty."),
        (b"\xef\xbb\xbf \n\n".to_vec(), "votes.csv: The file is empty."),
        (
            VOTES.as_bytes()[..VOTES.len() - 9].to_vec(),
            "votes.csv, line 4: The file ends in the middle of a row: it is cut off. Export it again.",
        ),
        (
            VOTES.as_bytes()[..105].to_vec(),
            "votes.csv, line 3: The file ends in the middle of a row: it is cut off. Export it again.",
        ),
        (
            VOTES.replace(",vote\n", "\n").into_bytes(),
            "votes.csv, line 1: The column \"vote\" is missing; the first line has to name the columns timestamp, comment-id, voter-id, vote.",
        ),
        (
            VOTES.replacen("datetime", "vote", 1).into_bytes(),
            "votes.csv, line 1: The column \"vote\" is there twice.",
        ),
        (
            VOTES.as_bytes()[44..].to_vec(),
            "votes.csv, line 1: The first line is \"1403054214196, wed jun 18 08:16:54 wib 2…\", and it has to name the columns: participant, statement, response in a plain table, timestamp, comment-id, voter-id, vote in Polis' votes.csv, participant, group-id, n-votes, n-agree, n-disagree in its participants-votes.csv with a column for every statement.",
        ),
        (
            b"user;item;rating\n1;2;3\n".to_vec(),
            "votes.csv, line 1: The first line is \"user, item, rating\", and it has to name the columns: participant, statement, response in a plain table, timestamp, comment-id, voter-id, vote in Polis' votes.csv, participant, group-id, n-votes, n-agree, n-disagree in its participants-votes.csv with a column for every statement.",
        ),
        (
            b"participant,group-id,n-votes,n-agree,n-disagree,0\n".to_vec(),
            "votes.csv, line 1: The first line is \"participant, group-id, n-votes, n-agree,…\", and it has to name the columns: participant, statement, response in a plain table, timestamp, comment-id, voter-id, vote in Polis' votes.csv, participant, group-id, n-votes, n-agree, n-disagree in its participants-votes.csv with a column for every statement.",
        ),
        (
            b"[{\"pid\": 0, \"tid\": 0, \"vote\": 1}]".to_vec(),
            "votes.csv: This is JSON, and a table of comma-separated values is expected here. Of JSON only the files of Polis' API are read: votes.json, with comments.json beside it.",
        ),
        (
            VOTES.replace('\n', "\r").into_bytes(),
            "votes.csv: The lines end as on old Macs (CR), and so the file is one line. Save it with the line ends LF or CRLF.",
        ),
        (row("1403054214196,x,0,1,2"), "votes.csv, line 3: The vote is \"2\"; it can only be 1, 0 or -1."),
        (row("1403054214196,x,0,1,-"), "votes.csv, line 3: The vote is \"-\"; it can only be 1, 0 or -1."),
        (row("1403054214196,x,0,1,"), "votes.csv, line 3: The vote is \"\"; it can only be 1, 0 or -1."),
        (
            row("1403054214196,x,0,1,1,1"),
            "votes.csv, line 3: The row has 6 fields, but the first line names 5 columns.",
        ),
        (
            row("1403054214196,x,0,1"),
            "votes.csv, line 3: The row has 4 fields, but the first line names 5 columns.",
        ),
        (
            row("1403054214196,x,0,-1,1"),
            "votes.csv, line 3: The voter-id is -1; it can only be a whole number from 0 to 4294967295, written with digits.",
        ),
        (
            row("1403054214196,x,0,4294967296,1"),
            "votes.csv, line 3: The voter-id is 4294967296; it can only be a whole number from 0 to 4294967295, written with digits.",
        ),
        (
            row("1403054214196,x,1e3,0,1"),
            "votes.csv, line 3: The comment-id is \"1e3\". Participants and statements have numbers here, no names: give each a whole number of its own and write that in every row.",
        ),
        (
            row("1403054214196,x,7,0,1"),
            "votes.csv, line 3: There is a response to statement 7, which is not in comments.csv: the files do not belong together, or comments.csv is cut off.",
        ),
        (
            row("1403054214,x,0,1,1"),
            "votes.csv, line 3: The timestamp is 1403054214: some rows have seconds, others milliseconds.",
        ),
        (row("5,x,0,1,1"), "votes.csv, line 3: The timestamp is 5, which is no time between 2000 and 2100."),
        (
            row("99999999999999999999,x,0,1,1"),
            "votes.csv, line 3: The timestamp is 99999999999999999999; it can only be a whole number from 0 to 4102444800000, written with digits.",
        ),
        (
            row("1403054214196,\"x,0,1,1"),
            "votes.csv, line 3: The quotation mark opened here is never closed: the file is cut off or damaged.",
        ),
        (
            row("1403054214196,\"x\"y,0,1,1"),
            "votes.csv, line 3: There is text behind a closing quotation mark: a quotation mark is missing or not doubled.",
        ),
        (
            row("1403054214196,x\"y,0,1,1"),
            "votes.csv, line 3: There is a quotation mark in the middle of a field that does not start with one.",
        ),
        (
            [header.as_bytes(), b"1403054214196,\xe9,0,1,1\n"].concat(),
            "votes.csv, line 2: The file is not UTF-8; save it as UTF-8.",
        ),
        (
            [header.as_bytes(), b"1403054214196,\xc3"].concat(),
            "votes.csv, line 2: The file ends in the middle of a character: it is cut off. Export it again.",
        ),
        (b"\xff\xfet\0i\0m\0e\0".to_vec(), "votes.csv, line 1: The file is UTF-16; save it as UTF-8."),
        (
            row("1403054214196,x\0,0,1,1"),
            "votes.csv, line 3: There is a zero byte: this is not a text file, or it was damaged.",
        ),
        (
            row(&",".repeat(10_000_000)),
            "votes.csv, line 3: The row has more than 100000 columns; no export has so many.",
        ),
        (
            b"<!doctype html>\n<p>Not found</p>\n".to_vec(),
            "votes.csv: This is a web page, not a table: something else came instead of the file. Export it again.",
        ),
    ];
    check(
        "votes.csv",
        &cases.iter().map(|(content, expected)| (content.as_slice(), *expected)).collect::<Vec<_>>(),
    );
}

#[test]
fn comments() {
    let with = |from: &str, to: &str| COMMENTS.replacen(from, to, 1).into_bytes();
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (
            with("comment-body", "text"),
            "comments.csv, line 1: The column \"comment-body\" is missing; the first line has to name the columns timestamp, comment-id, author-id, agrees, disagrees, moderated, comment-body.",
        ),
        (
            with("2014,0,0,1,1,1", "2014,4,0,1,1,1"),
            "comments.csv, line 4: Statement 4 is there twice; it was in line 2 before.",
        ),
        (
            with("0,0,-1", "0,0,-2"),
            "comments.csv, line 2: The column moderated is \"-2\"; it can only be 1, 0 or -1.",
        ),
        (
            with("4,0,0,0", "4,0,many,0"),
            "comments.csv, line 2: The number of agrees is \"many\", which is not a whole number.",
        ),
        (
            COMMENTS.as_bytes()[..COMMENTS.len() - 4].to_vec(),
            "comments.csv, line 4: The last line has no end: the file is cut off. Export it again, or end the line if it is complete.",
        ),
        (
            with("\"\"quoted\"\"\"", "quoted"),
            "comments.csv, line 2: The quotation mark opened here is never closed: the file is cut off or damaged.",
        ),
        (
            with("\"Two", "Two"),
            "comments.csv, line 3: There is a quotation mark in the middle of a field that does not start with one.",
        ),
        (
            COMMENTS.lines().take(3).map(|line| format!("{line}\n")).collect::<String>().into_bytes(),
            "votes.csv, line 2: There is a response to statement 0, which is not in comments.csv: the files do not belong together, or comments.csv is cut off.",
        ),
    ];
    check(
        "comments.csv",
        &cases.iter().map(|(content, expected)| (content.as_slice(), *expected)).collect::<Vec<_>>(),
    );
}

#[test]
fn matrix_and_summary() {
    let with = |from: &str, to: &str| MATRIX.replacen(from, to, 1).into_bytes();
    let huge =
        format!("participant,group-id,n-comments,n-votes,n-agree,n-disagree{}\n", ",0".repeat(10_000_000));
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (
            with("1,,0", "0,,0"),
            "participants-votes.csv, line 3: Participant 0 is there twice; they were in line 2 before.",
        ),
        (
            with(",4\n", ",9\n"),
            "participants-votes.csv, line 1: There is a column for statement 9, which is not in comments.csv: the files do not belong together, or comments.csv is cut off.",
        ),
        (with(",4\n", ",0\n"), "participants-votes.csv, line 1: The column \"0\" is there twice."),
        (
            with("-1,0", "-1,3"),
            "participants-votes.csv, line 3: The response is \"3\"; it can only be 1, 0 or -1.",
        ),
        (
            with("0,1,2,1", "0,a,2,1"),
            "participants-votes.csv, line 2: The group-id is \"a\", which is not a whole number.",
        ),
        (with("-1,0\n", "-1,\n"), "was read"),
        (
            MATRIX.as_bytes()[..MATRIX.len() - 2].to_vec(),
            "participants-votes.csv, line 3: The last line has no end: the file is cut off. Export it again, or end the line if it is complete.",
        ),
        (
            huge.into_bytes(),
            "participants-votes.csv, line 1: The row has more than 100000 columns; no export has so many.",
        ),
    ];
    check(
        "participants-votes.csv",
        &cases.iter().map(|(content, expected)| (content.as_slice(), *expected)).collect::<Vec<_>>(),
    );
    let cases: &[(&[u8], &str)] = &[
        (
            b"a,b\n",
            "summary.csv, line 1: This is not a summary: it names no topic, url, voters, comments or groups.",
        ),
        (b"topic,a,b\n", "summary.csv, line 1: The row has 3 fields; it should be a name and a value."),
        (
            b"topic,\"a\n",
            "summary.csv, line 1: The quotation mark opened here is never closed: the file is cut off or damaged.",
        ),
        (
            b"topic,a\nvoters,some\n",
            "summary.csv, line 2: The number of voters is \"some\", which is not a whole number.",
        ),
    ];
    check("summary.csv", cases);
}

#[test]
fn a_file_cut_off_between_two_lines() {
    let mut votes = String::from("timestamp,comment-id,voter-id,vote\n");
    let mut comments =
        String::from("timestamp,comment-id,author-id,agrees,disagrees,moderated,comment-body\n");
    for statement in 0..20 {
        comments.push_str(&format!("1403054214196,{statement},0,30,0,1,text\n"));
        for participant in 0..30 {
            votes.push_str(&format!("1403054214196,{statement},{participant},1\n"));
        }
    }
    let refusal = |lines: usize| {
        let cut: String = votes.lines().take(lines).map(|line| format!("{line}\n")).collect();
        let files = Files::new().with("votes.csv", cut.as_bytes()).with("comments.csv", comments.as_bytes());
        read(&files).map(|_| ()).map_err(|refusal| refusal.to_string())
    };
    assert_eq!(refusal(601), Ok(()));
    let expected = "votes.csv: The file ends with statement 9, but comments.csv counts 300 responses to later ones: it is cut off. Export it again.";
    assert_eq!(refusal(301), Err(expected.to_owned()));
}

#[test]
fn plain_tables() {
    let cases: &[(&str, &str)] = &[
        (
            "participant,statement\n1,2\n",
            "table.csv, line 1: The column \"response\" is missing; the first line has to name the columns participant, statement, response.",
        ),
        (
            "participant,statement,response\n1,2,maybe\n",
            "table.csv, line 2: The response is \"maybe\"; it can only be agree, disagree or pass (or 1, -1 or 0).",
        ),
        (
            "participant,statement,response\nann,2,agree\n",
            "table.csv, line 2: The participant is \"ann\". Participants and statements have numbers here, no names: give each a whole number of its own and write that in every row.",
        ),
        (
            "participant,statement,response\n-1,2,agree\n",
            "table.csv, line 2: The participant is -1; it can only be a whole number from 0 to 4294967295, written with digits.",
        ),
        (
            "participant,statement,response\n1,99999999999999999999,agree\n",
            "table.csv, line 2: The statement is 99999999999999999999; it can only be a whole number from 0 to 4294967295, written with digits.",
        ),
        (
            "participant,statement,response\n1,4294967296,agree\n",
            "table.csv, line 2: The statement is 4294967296; it can only be a whole number from 0 to 4294967295, written with digits.",
        ),
        (
            "participant,statement,response\n1,2,agree\n1,2",
            "table.csv, line 3: The file ends in the middle of a row: it is cut off. Export it again.",
        ),
    ];
    for (text, expected) in cases {
        let found = read(&Files::new().with("table.csv", text.as_bytes()));
        assert_eq!(found.map(|_| ()).map_err(|refusal| refusal.to_string()), Err((*expected).to_owned()));
    }
}

#[test]
fn json() {
    let votes = r#"[{"pid": 0, "tid": 0, "vote": -1, "modified": "1714782753431"}]"#;
    let comments = r#"[{"tid": 0, "pid": 0, "txt": "Tea", "mod": 1, "created": "1714613201691"}]"#;
    let refused = |votes: &str, comments: &str| {
        let files =
            Files::new().with("votes.json", votes.as_bytes()).with("comments.json", comments.as_bytes());
        read(&files).map_or_else(|refusal| refusal.to_string(), |_| "was read".to_owned())
    };
    assert_eq!(refused(votes, comments), "was read");
    let cases = [
        (refused("", comments), "votes.json: The file is empty."),
        (
            refused(&votes[..30], comments),
            "votes.json, line 1: The file ends in the middle: it is cut off. Fetch it again.",
        ),
        (
            refused(&votes.replace("-1,", "-7,"), comments),
            "votes.json, line 1: A vote or moderation is -7; it can only be 1, 0 or -1.",
        ),
        (
            refused(&votes.replace("\"pid\": 0", "\"pid\": -4"), comments),
            "votes.json, line 1: A number is missing, negative or too large.",
        ),
        (
            refused(&votes.replace("\"vote\"", "\"vot\""), comments),
            "votes.json, line 1: The field \"vote\" is missing; the file has to be a list of objects with pid, tid and vote.",
        ),
        (
            refused(&votes.replace("1714782753431", "1714"), comments),
            "votes.json, line 1: The time 1714 is not between 2000 and 2100.",
        ),
        (
            refused(&votes.replace("1714782753431", "noon"), comments),
            "votes.json, line 1: \"noon\" is neither a whole number nor a time.",
        ),
        (
            refused("{}", comments),
            "votes.json, line 1: There is an object where it does not belong; the file has to be a list of objects with pid, tid and vote.",
        ),
        (
            refused("[1", "[]"),
            "votes.json, line 1: There is 1 where an object with pid, tid and vote belongs; the file has to be a list of objects with pid, tid and vote.",
        ),
        (
            refused(&votes.replace("\"pid\": 0", "\"pid\": {}"), "[]"),
            "votes.json, line 1: There is an object where a whole number or a time belongs; the file has to be a list of objects with pid, tid and vote.",
        ),
        (
            refused(votes, &comments.replace("\"Tea\"", "[7]")),
            "comments.json, line 1: There is a list where a text belongs; the file has to be a list of objects with tid and txt.",
        ),
        (
            refused(&votes.replace("\"tid\"", "\"pid\""), "[]"),
            "votes.json, line 1: The field \"pid\" is there twice.",
        ),
        (
            refused("not JSON", "[]"),
            "votes.json, line 1: This is not JSON, from character 2 of the line on: the file is damaged or is something else. Fetch it again.",
        ),
        (
            refused(votes, "[]"),
            "votes.json: There is a response to statement 0, which is not in comments.json: the files do not belong together, or comments.json is not complete.",
        ),
        (
            refused(votes, &comments.replace("}]", "},{\"tid\": 0}]")),
            "comments.json: Statement 0 is there twice.",
        ),
    ];
    for (found, expected) in cases {
        assert_eq!(found, expected);
    }
}

#[test]
fn nothing_to_read_or_too_much() {
    let refused =
        |files: Files<'_>| read(&files).map_or_else(|refusal| refusal.to_string(), |_| "was read".to_owned());
    let none = "There is no file with responses: votes.csv, participants-votes.csv, votes.json or a single CSV file with the columns participant, statement, response.";
    assert_eq!(refused(Files::new()), none);
    assert_eq!(refused(Files::new().with("comments.csv", COMMENTS.as_bytes())), none);
    let twice = Files::new().with("a/votes.csv", VOTES.as_bytes()).with("b/x-votes.csv", VOTES.as_bytes());
    assert_eq!(refused(twice), "x-votes.csv: votes.csv is the same kind of file; leave one of them out.");
}

/// Whatever is cut off anywhere, or changed in one byte, nothing panics.
#[test]
fn no_damage_panics() {
    for (name, text) in [
        ("votes.csv", VOTES),
        ("comments.csv", COMMENTS),
        ("participants-votes.csv", MATRIX),
        ("summary.csv", SUMMARY),
    ] {
        for at in 0..text.len() {
            refused(name, &text.as_bytes()[..at]);
            for byte in [b'"', b',', b'\n', b'-', 0xff, b'9'] {
                let mut damaged = text.as_bytes().to_vec();
                damaged[at] = byte;
                refused(name, &damaged);
            }
        }
    }
}
