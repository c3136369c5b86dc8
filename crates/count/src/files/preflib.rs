//! PrefLib: `.soc .soi .toc .toi .cat`, and the older form of the first four without `#` (preflib.org/format).

use super::text::{decode, lines, one_line};
use super::{Read, Repairs};
use crate::election::{BallotOption, Election, Form, Votes};
use crate::limits::MAX_OPTIONS;
use crate::outcome::Refusal;
use std::fmt::Write;

/// Why an empty place is refused: an alternative may be missing there.
const NOTHING_BETWEEN: &str =
    "There is nothing before or after a comma. Perhaps an alternative is missing; fetch the file again.";

/// Reads a PrefLib file. `extension` says which: complete or incomplete, with or without ties, categories.
///
/// # Errors
/// Line and reason.
pub fn read(bytes: &[u8], extension: &str) -> Result<Read, Refusal> {
    let mut repairs = Repairs::default();
    let text = decode(bytes, &mut repairs)?;
    let first = text.lines().map(str::trim).find(|l| !l.is_empty()).unwrap_or("");
    if !text.ends_with(['\n', '\r']) && !text.is_empty() {
        repairs.all("The last line has no end. If the file was cut off there, its last order is not whole.");
    }
    let mut file = File { categories: extension == "cat", repairs, ..File::default() };
    if first.starts_with('#') {
        for (line, content) in lines(&text) {
            match content.trim() {
                "" => {}
                l if l.starts_with('#') => file.meta(line, l.trim_start_matches('#').trim())?,
                l => file.order(line, l, ':')?,
            }
        }
    } else {
        file.old(&text)?;
    }
    file.finish(extension)
}

#[derive(Default)]
struct File {
    repairs: Repairs,
    title: String,
    names: Vec<String>,
    voters: Option<u64>,
    unique: Option<u64>,
    /// The first order that uses a third category of which the head does not speak.
    third: Option<usize>,
    categories: bool,
    category_names: Vec<String>,
    votes: Option<Votes>,
    count: u64,
}

impl File {
    fn meta(&mut self, line: usize, content: &str) -> Result<(), Refusal> {
        let (key, value) = content.split_once(':').unwrap_or((content, ""));
        let (key, value) = (key.trim().to_uppercase(), value.trim());
        let number = || {
            value
                .parse::<u64>()
                .map_err(|_| Refusal::at(line, format!("“{value}” should be a whole number ({key}).")))
        };
        match key.as_str() {
            "TITLE" => self.title = value.to_owned(),
            "NUMBER ALTERNATIVES" => self.size(line, number()? as usize)?,
            "NUMBER VOTERS" => self.voters = Some(number()?),
            "NUMBER UNIQUE ORDERS" | "NUMBER UNIQUE PREFERENCES" => self.unique = Some(number()?),
            "NUMBER CATEGORIES" => self.category_names = vec![String::new(); number()?.min(1000) as usize],
            _ => {
                if let Some(n) = key.strip_prefix("ALTERNATIVE NAME ") {
                    let at = n.trim().parse::<usize>().ok().and_then(|n| n.checked_sub(1));
                    let slot = at.and_then(|i| self.names.get_mut(i));
                    let Some(slot) = slot else {
                        return Err(Refusal::at(
                            line,
                            format!(
                                "There is a name for alternative {n}, but NUMBER ALTERNATIVES does not announce it."
                            ),
                        ));
                    };
                    value.clone_into(slot);
                } else if let Some(n) = key.strip_prefix("CATEGORY NAME ") {
                    let at = n.trim().parse::<usize>().ok().and_then(|n| n.checked_sub(1));
                    if let Some(slot) = at.and_then(|i| self.category_names.get_mut(i)) {
                        value.clone_into(slot);
                    }
                }
            }
        }
        Ok(())
    }

    fn size(&mut self, line: usize, n: usize) -> Result<(), Refusal> {
        if n == 0 || n > MAX_OPTIONS {
            return Err(Refusal::at(
                line,
                format!("The file announces {n} alternatives; between 1 and {MAX_OPTIONS} can be counted."),
            ));
        }
        self.names = vec![String::new(); n];
        Ok(())
    }

    /// Without `#`: number of alternatives; `number,name` each; `voters,sum,unique`; `count,order` each.
    fn old(&mut self, text: &str) -> Result<(), Refusal> {
        let mut rest = lines(text).map(|(n, l)| (n, l.trim())).filter(|(_, l)| !l.is_empty());
        let (line, first) = rest.next().unwrap_or((1, ""));
        let n = first.parse().map_err(|_| {
            Refusal::at(
                line,
                format!(
                    "A PrefLib file begins with # or with the number of alternatives, not with “{first}”."
                ),
            )
        })?;
        self.size(line, n)?;
        for i in 0..n {
            let (line, content) =
                rest.next().ok_or_else(|| Refusal::new("The file ends among the names of alternatives."))?;
            let (number, name) = content.split_once(',').unwrap_or((content, ""));
            if number.trim().parse() != Ok(i + 1) {
                return Err(Refusal::at(
                    line,
                    format!("Here the name of alternative {} should stand, as “{},name”.", i + 1, i + 1),
                ));
            }
            self.names[i] = name.trim().to_owned();
        }
        let (line, totals) = rest.next().ok_or_else(|| Refusal::new("The file ends before its votes."))?;
        let numbers: Option<Vec<u64>> = totals.split(',').map(|t| t.trim().parse().ok()).collect();
        match numbers.as_deref() {
            Some([voters, _, unique]) => (self.voters, self.unique) = (Some(*voters), Some(*unique)),
            _ => {
                return Err(Refusal::at(
                    line,
                    "Here three whole numbers should stand: voters, sum of votes, different orders.",
                ));
            }
        }
        for (line, content) in rest {
            self.order(line, content, ',')?;
        }
        Ok(())
    }

    /// `count: 1,{2,3},4`
    fn order(&mut self, line: usize, content: &str, separator: char) -> Result<(), Refusal> {
        let Some((count, order)) = content.split_once(separator) else {
            return Err(Refusal::at(
                line,
                format!(
                    "“{content}” is no order: how many people voted so, “{separator}”, then the alternatives. Perhaps the file is cut off."
                ),
            ));
        };
        let weight: u64 = count.trim().parse().map_err(|_| {
            Refusal::at(
                line,
                format!("“{}” should be how many people voted so: a whole number.", count.trim()),
            )
        })?;
        let mut marks = self.marks(order).map_err(|reason| Refusal::at(line, reason))?;
        let unranked = marks.len();
        let mut seen: Vec<u32> = marks.iter().map(|m| m.0).collect();
        seen.sort_unstable();
        seen.dedup();
        if seen.len() != unranked {
            return Err(Refusal::at(line, "An alternative stands twice in this order."));
        }
        if self.categories && self.category_names.len() <= 2 {
            // Two categories are yes and no: the first is approval.
            if self.third.is_none() && marks.iter().any(|m| m.1 > 2) {
                self.third = Some(line);
            }
            marks.retain(|m| m.1 == 1);
        }
        self.count = self.count.saturating_add(weight);
        let form = self.form();
        let votes = self.votes.get_or_insert_with(|| Votes::new(form));
        votes.push(weight, &mut marks).map_err(|r| Refusal::at(line, r.reason))
    }

    /// `1,{2,3},4`: places between commas, each with an alternative or several in braces. Only a whole order may be
    /// empty, and braces.
    fn marks(&self, order: &str) -> Result<Vec<(u32, i32)>, String> {
        let mut marks = vec![];
        let mut rest = order.trim();
        let mut rank = 1;
        while !rest.is_empty() {
            let (place, after) = match rest.strip_prefix('{') {
                Some(inside) => inside.split_once('}').ok_or("A brace { is opened and never closed.")?,
                None => rest.split_at(rest.find(',').unwrap_or(rest.len())),
            };
            if !(rest.starts_with('{') && place.trim().is_empty()) {
                for word in place.split(',') {
                    marks.push((self.alternative(word.trim())?, rank));
                }
            }
            let after = after.trim_start();
            rest = match after.strip_prefix(',') {
                Some(next) if next.trim().is_empty() => return Err(NOTHING_BETWEEN.to_owned()),
                Some(next) => next.trim_start(),
                None if after.is_empty() => after,
                None => return Err(format!("After a closing brace a comma should stand, not “{after}”.")),
            };
            rank += 1;
        }
        Ok(marks)
    }

    fn alternative(&self, word: &str) -> Result<u32, String> {
        if word.is_empty() {
            return Err(NOTHING_BETWEEN.to_owned());
        }
        if let Some(c) = word.chars().find(|c| !c.is_ascii_digit() && !c.is_whitespace()) {
            return Err(format!("“{c}” does not belong into an order of alternatives."));
        }
        if word.contains(char::is_whitespace) {
            return Err(format!("Between the numbers of “{word}” a comma should stand."));
        }
        match word.parse::<usize>() {
            Ok(n) if n >= 1 && n <= self.names.len() => Ok(n as u32 - 1),
            _ => Err(format!("The order names alternative {word}, but they are 1 to {}.", self.names.len())),
        }
    }

    fn form(&self) -> Form {
        if self.categories && self.category_names.len() <= 2 { Form::Approval } else { Form::Ranking }
    }

    fn finish(mut self, extension: &str) -> Result<Read, Refusal> {
        if self.names.is_empty() {
            return Err(Refusal::new(
                "The file does not say how many alternatives there are (NUMBER ALTERNATIVES).",
            ));
        }
        let form = self.form();
        let votes = self.votes.take().unwrap_or_else(|| Votes::new(form));
        if self.voters.is_none() {
            self.repairs.all(
                "The file does not say how many voters there are (NUMBER VOTERS), so nobody can tell whether its end is missing.",
            );
        }
        if let Some(said) = self.voters.filter(|said| *said != self.count) {
            self.repairs.all(format!(
                "The head of the file says {said} voters, but the orders add up to {}. Those were counted.",
                self.count
            ));
        }
        if let Some(said) = self.unique.filter(|said| *said != votes.len() as u64) {
            self.repairs.all(format!(
                "The head of the file says {said} different orders, but there are {}.",
                votes.len()
            ));
        }
        if let Some(line) = self.third {
            self.repairs.at(
                line,
                "This order has more than two categories, but the head of the file does not announce them (NUMBER CATEGORIES). Only the first category was counted, as approval; if the others are better and worse, add their number to the head.",
            );
        }
        self.check_kind(extension, &votes);
        let mut options = vec![];
        for (i, name) in self.names.iter().enumerate() {
            let name = if name.is_empty() { format!("Option {}", i + 1) } else { name.clone() };
            options.push(BallotOption { id: (i + 1).to_string(), name, ..BallotOption::default() });
        }
        self.repairs.same_names(&options);
        let mut election = Election::new(std::mem::take(&mut self.title), options, form);
        election.votes = votes;
        Ok(Read { election, rule: None, published: None, repairs: self.repairs.done() })
    }

    /// The extension promises complete or strict orders; votes that are not are counted as they are, and listed.
    fn check_kind(&mut self, extension: &str, votes: &Votes) {
        let n = self.names.len();
        if extension.ends_with('c') {
            let short = votes.iter().filter(|v| v.options.len() != n).count();
            if short > 0 {
                self.repairs.all(format!("The orders should be complete (.{extension}), but {short} are not. They were counted as they are."));
            }
        }
        if extension.starts_with('s') {
            let tied = votes.iter().filter(|v| v.levels.windows(2).any(|w| w[0] == w[1])).count();
            if tied > 0 {
                self.repairs.all(format!("The orders should have no equals (.{extension}), but {tied} have. They were counted as they are."));
            }
        }
    }
}

/// Writes rankings or approvals in PrefLib's present form; gaps between ranks are closed, as PrefLib has none.
/// Returns the extension and the text.
///
/// # Errors
/// When the votes are points, leave out ranks, or hold a rank whose options are not known.
pub fn write(election: &Election) -> Result<(&'static str, String), Refusal> {
    let votes = election.votes.canonical();
    let n = election.options.len();
    if matches!(votes.form(), Form::Score | Form::Motion) {
        return Err(Refusal::new("Points cannot be written in PrefLib's formats for orders."));
    }
    if votes.iter().any(|v| v.options.iter().any(|o| *o as usize >= n)) {
        return Err(Refusal::new(
            "A vote holds an overvote without names, which PrefLib's formats cannot express.",
        ));
    }
    let in_order = |levels: &[i32]| {
        levels.first().is_none_or(|l| *l == 1) && levels.windows(2).all(|w| w[1] - w[0] <= 1)
    };
    if votes.form() == Form::Ranking && !votes.iter().all(|v| in_order(v.levels)) {
        return Err(Refusal::new("A vote leaves out ranks, which PrefLib's formats cannot express."));
    }
    let approval = votes.form() == Form::Approval;
    let complete = votes.iter().all(|v| v.options.len() == n);
    let tied = votes.iter().any(|v| v.levels.windows(2).any(|w| w[0] == w[1]));
    let extension = match (approval, tied, complete) {
        (true, ..) => "cat",
        (_, false, true) => "soc",
        (_, false, false) => "soi",
        (_, true, true) => "toc",
        (_, true, false) => "toi",
    };
    let mut out = format!("# TITLE: {}\n# DATA TYPE: {extension}\n", one_line(&election.title));
    let _ = writeln!(
        out,
        "# NUMBER ALTERNATIVES: {n}\n# NUMBER VOTERS: {}\n# NUMBER UNIQUE ORDERS: {}",
        votes.total(),
        votes.len()
    );
    if approval {
        out.push_str("# NUMBER CATEGORIES: 2\n# CATEGORY NAME 1: Yes\n# CATEGORY NAME 2: No\n");
    }
    for (i, option) in election.options.iter().enumerate() {
        let _ = writeln!(out, "# ALTERNATIVE NAME {}: {}", i + 1, one_line(&option.name));
    }
    for vote in votes.iter() {
        let mut ranks: Vec<(i32, Vec<String>)> = vec![];
        for (option, level) in vote.options.iter().zip(vote.levels) {
            match ranks.last_mut() {
                Some((l, rank)) if l == level => rank.push((option + 1).to_string()),
                _ => ranks.push((*level, vec![(option + 1).to_string()])),
            }
        }
        let mut parts: Vec<String> = ranks
            .into_iter()
            .map(
                |(_, r)| {
                    if r.len() == 1 && !approval { r[0].clone() } else { format!("{{{}}}", r.join(",")) }
                },
            )
            .collect();
        if approval {
            let no: Vec<String> =
                (0..n as u32).filter(|o| !vote.options.contains(o)).map(|o| (o + 1).to_string()).collect();
            if parts.is_empty() {
                parts.push("{}".to_owned());
            }
            parts.push(format!("{{{}}}", no.join(",")));
        }
        let _ = writeln!(out, "{}: {}", vote.weight, parts.join(","));
    }
    Ok((extension, out))
}
