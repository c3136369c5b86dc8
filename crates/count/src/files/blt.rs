//! BLT, as OpenSTV, OpaVote, Droop, stv-rs and Scottish councils write it.

use super::text::{decode, lines, one_line, unquote};
use super::{Read, Repairs};
use crate::election::{BallotOption, Election, Form, Votes};
use crate::limits::MAX_OPTIONS;
use crate::outcome::Refusal;
use std::collections::HashMap;
use std::fmt::Write;

/// Reads a `.blt` file.
///
/// # Errors
/// Line and reason.
pub fn read(bytes: &[u8]) -> Result<Read, Refusal> {
    let mut repairs = Repairs::default();
    let text = decode(bytes, &mut repairs)?;
    let all: Vec<(usize, &str)> = lines(&text).collect();
    let mut body = Body::new(repairs);
    // A mark takes two bytes at least, and most lines are votes.
    body.votes.reserve(all.len(), bytes.len() / 2);
    let mut at = 0;
    for (line, content) in &all {
        at += 1;
        if body.line(*line, content)? {
            break;
        }
    }
    if !body.ended {
        return Err(Refusal::new(
            "The votes do not end with a line “0”. The file may have been cut off; fetch it again.",
        ));
    }
    body.names(&all[at..])
}

/// Weight, marks so far, rank of the next mark.
type OpenVote = (u64, Vec<(u32, i32)>, i32);

struct Body {
    repairs: Repairs,
    options: usize,
    seats: u32,
    head: bool,
    ended: bool,
    nicks: HashMap<String, usize>,
    withdrawn: Vec<usize>,
    lot: Option<Vec<usize>>,
    votes: Votes,
    /// Marks of the vote being read, when it is read in one go.
    buffer: Vec<(u32, i32)>,
    /// The vote being read: its weight, its marks, the rank of the next mark.
    open: Option<OpenVote>,
}

impl Body {
    fn new(repairs: Repairs) -> Self {
        Body {
            repairs,
            options: 0,
            seats: 0,
            head: false,
            ended: false,
            nicks: HashMap::new(),
            withdrawn: vec![],
            lot: None,
            votes: Votes::new(Form::Ranking),
            buffer: vec![],
            open: None,
        }
    }

    /// One line before the names. True when the votes have ended.
    fn line(&mut self, line: usize, content: &str) -> Result<bool, Refusal> {
        if self.head
            && self.nicks.is_empty()
            && self.open.is_none()
            && self.usual(line, content.as_bytes())?
        {
            return Ok(false);
        }
        let content = if content.as_bytes().contains(&b'#') {
            content.split('#').next().unwrap_or("")
        } else {
            content
        };
        let content = content.trim_ascii();
        if let Some(list) = content.strip_prefix('[') {
            self.option_line(line, list.trim_end_matches(']'))?;
            return Ok(false);
        }
        let mut words = content.split_ascii_whitespace();
        if !self.head {
            let (Some(options), Some(seats)) = (words.next(), words.next()) else {
                return if content.is_empty() { Ok(false) } else { Err(head_wrong(line)) };
            };
            self.options = options.parse().map_err(|_| head_wrong(line))?;
            self.seats = seats.parse().map_err(|_| head_wrong(line))?;
            if self.options == 0 || self.options > MAX_OPTIONS {
                return Err(Refusal::at(
                    line,
                    format!(
                        "The file announces {options} options; between 1 and {MAX_OPTIONS} can be counted."
                    ),
                ));
            }
            self.head = true;
        }
        for word in words {
            if self.ended {
                return Err(Refusal::at(line, format!("“{word}” follows the 0 that ends the votes.")));
            }
            self.word(line, word)?;
        }
        Ok(self.ended)
    }

    fn word(&mut self, line: usize, word: &str) -> Result<(), Refusal> {
        let Some((weight, mut marks, rank)) = self.open.take() else {
            return self.begin(line, word);
        };
        if word == "0" {
            self.votes.push(weight, &mut marks).map_err(|r| Refusal::at(line, r.reason))?;
            return Ok(());
        }
        if let Some(option) = self.number(word) {
            marks.push((option, rank));
        } else if word != "-" {
            for name in word.split('=') {
                let option = self.option(line, name)?;
                marks.push((option as u32, rank));
            }
        }
        let next = rank
            .checked_add(1)
            .ok_or_else(|| Refusal::at(line, "A vote has more ranks than can be counted."))?;
        self.open = Some((weight, marks, next));
        Ok(())
    }

    /// The first word of a vote is how many people voted so; negative numbers are options that were withdrawn.
    fn begin(&mut self, line: usize, word: &str) -> Result<(), Refusal> {
        if word == "0" {
            self.ended = true;
            return Ok(());
        }
        if let Some(number) = word.strip_prefix('-') {
            let option = self.option(line, number)?;
            self.withdrawn.push(option);
            return Ok(());
        }
        // A vote with an identifier instead of a number counts once.
        let weight = if word.starts_with('(') && word.ends_with(')') {
            1
        } else {
            word.parse::<u64>().map_err(|_| {
                Refusal::at(line, format!("“{word}” should be how many people voted so: a whole number."))
            })?
        };
        self.open = Some((weight, vec![], 1));
        Ok(())
    }

    /// The short way for what nearly all lines are: one vote, `weight option option … 0`. False, and nothing done,
    /// for every other line.
    fn usual(&mut self, line: usize, content: &[u8]) -> Result<bool, Refusal> {
        self.buffer.clear();
        let (mut weight, mut ended, mut at) = (0, false, 0);
        while let Some(&first) = content.get(at) {
            if first == b' ' {
                at += 1;
                continue;
            }
            // One number, of at most nine digits.
            let (begin, mut number) = (at, 0u32);
            while let Some(digit) = content.get(at).map(|b| b.wrapping_sub(b'0')).filter(|d| *d < 10) {
                number = number.wrapping_mul(10).wrapping_add(digit.into());
                at += 1;
            }
            let whole = content.get(at).is_none_or(|b| *b == b' ');
            if ended || !whole || !(1..10).contains(&(at - begin)) || (weight == 0 && number == 0) {
                return Ok(false);
            }
            if weight == 0 {
                weight = number;
            } else if number == 0 {
                ended = true;
            } else if number as usize <= self.options {
                self.buffer.push((number - 1, self.buffer.len() as i32 + 1));
            } else {
                return Ok(false);
            }
        }
        if ended {
            let marks = &mut self.buffer;
            self.votes.push(weight.into(), marks).map_err(|r| Refusal::at(line, r.reason))?;
        }
        Ok(ended)
    }

    /// The short way for what nearly all words are: the number of an option.
    fn number(&self, word: &str) -> Option<u32> {
        if word.len() > 6 || !self.nicks.is_empty() {
            return None;
        }
        let digit = |n: usize, b: u8| b.is_ascii_digit().then(|| n * 10 + usize::from(b - b'0'));
        let n = word.bytes().try_fold(0usize, digit)?;
        (n >= 1 && n <= self.options).then(|| n as u32 - 1)
    }

    fn option(&self, line: usize, name: &str) -> Result<usize, Refusal> {
        if let Some(&option) = self.nicks.get(name) {
            return Ok(option);
        }
        match name.parse::<usize>() {
            Ok(n) if n >= 1 && n <= self.options => Ok(n - 1),
            _ => Err(Refusal::at(
                line,
                format!("The vote names “{name}”, but the options are 1 to {}.", self.options),
            )),
        }
    }

    /// `[nick a b]`, `[withdrawn a]`, `[tie b a]`: Droop's and stv-rs's additions.
    fn option_line(&mut self, line: usize, list: &str) -> Result<(), Refusal> {
        let mut words = list.split_ascii_whitespace();
        match words.next() {
            Some("nick") => {
                for (i, nick) in words.enumerate() {
                    if i >= self.options || self.nicks.insert(nick.to_owned(), i).is_some() {
                        return Err(Refusal::at(
                            line,
                            format!("The short name “{nick}” is one too many or is there twice."),
                        ));
                    }
                }
            }
            Some("withdrawn") => {
                for name in words {
                    let option = self.option(line, name)?;
                    self.withdrawn.push(option);
                }
            }
            Some("tie" | "tieorder") => {
                // The file lists who drops out first; a lot order lists who is favoured first.
                let mut order = words.map(|w| self.option(line, w)).collect::<Result<Vec<_>, _>>()?;
                order.reverse();
                self.lot = Some(order);
            }
            other => self
                .repairs
                .at(line, format!("The setting “{}” is not known and was left out.", other.unwrap_or(""))),
        }
        Ok(())
    }

    /// What follows the votes: a name per option, then the title.
    fn names(mut self, rest: &[(usize, &str)]) -> Result<Read, Refusal> {
        let rest = rest.iter().map(|(n, l)| (*n, l.trim())).filter(|(_, l)| !l.is_empty()).collect();
        let rest = self.without_comments(rest)?;
        if rest.len() < self.options {
            return Err(Refusal::new(format!(
                "The file announces {} options but names only {}. It may have been cut off; fetch it again.",
                self.options,
                rest.len()
            )));
        }
        let mut options = vec![];
        for (i, (line, text)) in rest.iter().take(self.options).enumerate() {
            let (mut name, about) = self.name(*line, text);
            if name.is_empty() {
                name = format!("Option {}", i + 1);
                self.repairs.at(*line, format!("Option {} has no name; it is called “{name}”.", i + 1));
            }
            options.push(BallotOption {
                id: (i + 1).to_string(),
                name,
                about,
                withdrawn: self.withdrawn.contains(&i),
                ..BallotOption::default()
            });
        }
        let title = rest.get(self.options).map_or(String::new(), |(line, text)| self.name(*line, text).0);
        if rest.len() > self.options + 1 {
            self.repairs
                .at(rest[self.options + 1].0, "There are more lines after the title; they were left out.");
        }
        self.repairs.same_names(&options);
        let mut election = Election::new(title, options, Form::Ranking);
        election.votes = self.votes;
        election.seats = Some(self.seats);
        election.lot = self.lot.filter(|order| order.len() == self.options);
        Ok(Read { election, rule: None, published: None, repairs: self.repairs.done() })
    }

    /// An unquoted line that begins with # is a name where the lines are needed as names, otherwise a comment. `# by the
    /// clerk` looks like a comment, `#1 Ana` like a name.
    fn without_comments<'a>(&mut self, all: Vec<(usize, &'a str)>) -> Result<Vec<(usize, &'a str)>, Refusal> {
        let mut kept = all;
        for numbered in [false, true] {
            let comment = |l: &str| {
                l.strip_prefix('#').is_some_and(|l| l.starts_with(|c: char| c.is_ascii_digit()) == numbered)
            };
            let others: Vec<_> = kept.iter().copied().filter(|(_, l)| !comment(l)).collect();
            let Some(at) = kept.iter().position(|(_, l)| comment(l)) else { continue };
            if others.len() < self.options {
                continue;
            }
            // One line more than there are names: the file has a title, or it has none and this is a comment.
            if kept.len() == self.options + 1 && (numbered || !others.iter().all(|(_, l)| l.starts_with('"')))
            {
                let (line, text) = kept[at];
                if at == self.options {
                    continue;
                }
                if !numbered {
                    return Err(Refusal::at(
                        line,
                        format!(
                            "“{text}” may be a comment or the name of an option, and the other names depend on it. Put names in quotation marks, or remove the comment."
                        ),
                    ));
                }
                self.repairs.at(line, format!("“{text}” was read as the name of option {}, not as a comment. Put names in quotation marks to make it clear.", at + 1));
                continue;
            }
            self.repairs.all("Lines among the names that begin with # were read as comments.");
            kept = others;
        }
        Ok(kept)
    }

    /// `"Name"`, `"Name" "Party"`, `"Name ""Party"""`, or a line without quotes.
    fn name(&mut self, line: usize, text: &str) -> (String, String) {
        let Some(quoted) = text.strip_prefix('"') else { return (text.to_owned(), String::new()) };
        let Some((name, after)) = unquote(quoted) else {
            self.repairs.at(line, "A quotation mark is opened and never closed. It was left out.");
            return (quoted.trim().to_owned(), String::new());
        };
        let after = after.trim();
        let about = match after.strip_prefix('"') {
            Some(second) => unquote(second).map_or_else(|| second.trim().to_owned(), |(about, _)| about),
            None => {
                if !after.is_empty() && !after.starts_with('#') {
                    self.repairs.at(line, format!("“{after}” after the name was left out."));
                }
                String::new()
            }
        };
        (name.trim().to_owned(), about.trim().to_owned())
    }
}

fn head_wrong(line: usize) -> Refusal {
    Refusal::at(line, "A .blt file begins with two whole numbers: how many options and how many seats.")
}

/// Writes rankings as `.blt`; skipped ranks as `-`, equal ranks with `=`. Rankings only.
///
/// # Errors
/// When the votes are not rankings, or hold a rank whose options are not known.
pub fn write(election: &Election) -> Result<String, Refusal> {
    if !matches!(election.votes.form(), Form::Ranking | Form::ChooseOne | Form::Motion) {
        return Err(Refusal::new(
            "Only rankings and votes for one option or on a motion can be written as .blt; these votes are neither.",
        ));
    }
    let mut out = format!("{} {}\n", election.options.len(), election.seats.unwrap_or(1));
    for (i, _) in election.options.iter().enumerate().filter(|(_, o)| o.withdrawn) {
        let _ = writeln!(out, "-{}", i + 1);
    }
    // A weight of 0 would end the votes.
    for vote in election.votes.iter().filter(|vote| vote.weight > 0) {
        let _ = write!(out, "{}", vote.weight);
        let mut rank = 0;
        for (option, &level) in vote.options.iter().zip(vote.levels) {
            if *option as usize >= election.options.len() {
                return Err(Refusal::new(
                    "A vote holds an overvote without names, which .blt cannot express.",
                ));
            }
            if level == rank {
                let _ = write!(out, "={}", option + 1);
                continue;
            }
            if level - rank > 10_000 {
                return Err(Refusal::new(
                    "A vote leaves out more than 10,000 ranks, which is not written as .blt.",
                ));
            }
            for _ in rank + 1..level {
                out.push_str(" -");
            }
            let _ = write!(out, " {}", option + 1);
            rank = level;
        }
        out.push_str(" 0\n");
    }
    out.push_str("0\n");
    let quoted = |s: &str| format!("\"{}\"", one_line(s).replace('"', "\"\""));
    for option in &election.options {
        out.push_str(&quoted(&option.name));
        if !option.about.is_empty() {
            let _ = write!(out, " {}", quoted(&option.about));
        }
        out.push('\n');
    }
    let _ = writeln!(out, "{}", quoted(&election.title));
    Ok(out)
}
