//! Sentences as data, so that every language can say them, and the English words for them.
//!
//! A [`Sentence`] is a key and values. [`Words`] turns it into text: English is built in, any other language is
//! a text of the same keys. `{x}` is a value, `{x|one|other}` chooses by number, `{x:2}` is an amount
//! with at most two decimals. A value that is not given is left out.

use crate::number::Number;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// One thing to say about a count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sentence {
    /// Which sentence; the left side of a line in `words/english.txt`.
    pub key: Cow<'static, str>,
    /// What it speaks about.
    pub values: Vec<(Cow<'static, str>, Value)>,
}

/// A value in a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// Words that are the same in every language.
    Text(String),
    /// A number, said with separators and at most five decimals.
    Number(Number),
    /// Options, by their number on the ballot; said by name.
    Options(Vec<usize>),
}

impl From<u64> for Value {
    fn from(n: u64) -> Self {
        Value::Number(n.into())
    }
}

impl From<usize> for Value {
    fn from(n: usize) -> Self {
        Value::Number(Number::whole(n))
    }
}

impl From<Number> for Value {
    fn from(n: Number) -> Self {
        Value::Number(n)
    }
}

impl From<&Number> for Value {
    fn from(n: &Number) -> Self {
        Value::Number(n.clone())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned())
    }
}

impl From<&[usize]> for Value {
    fn from(options: &[usize]) -> Self {
        Value::Options(options.to_vec())
    }
}

impl From<&Vec<usize>> for Value {
    fn from(options: &Vec<usize>) -> Self {
        Value::Options(options.clone())
    }
}

/// `say!("irv.elected", option = &[3][..], votes = n)`
macro_rules! say {
    ($key:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::sentence::Sentence {
            key: ::std::borrow::Cow::Borrowed($key),
            values: vec![$((::std::borrow::Cow::Borrowed(stringify!($name)), $crate::sentence::Value::from($value))),*],
        }
    };
}
pub(crate) use say;

/// The sentences of one language.
#[derive(Clone, Debug)]
pub struct Words {
    templates: BTreeMap<String, String>,
    and: String,
}

impl Words {
    /// The built-in English.
    pub fn english() -> Self {
        Words::parse(include_str!("../words/english.txt"))
    }

    /// Reads `key = text` lines; `#` begins a comment. Keys that are missing are said in English.
    pub fn translated(text: &str) -> Self {
        let mut words = Words::english();
        let other = Words::parse(text);
        words.and = other.and;
        words.templates.extend(other.templates);
        words
    }

    fn parse(text: &str) -> Self {
        let mut templates = BTreeMap::new();
        for line in text.lines().filter(|l| !l.trim_start().starts_with('#')) {
            if let Some((key, value)) = line.split_once(" = ") {
                templates.insert(key.trim().to_owned(), value.trim().to_owned());
            }
        }
        let and = templates.get("and").cloned().unwrap_or_else(|| "and".to_owned());
        Words { templates, and }
    }

    /// The keys this language has, in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.templates.keys().map(String::as_str)
    }

    /// A short text without values, such as a heading.
    pub fn text(&self, key: &str) -> String {
        self.templates.get(key).cloned().unwrap_or_else(|| key.to_owned())
    }

    /// The sentence as text; `names` are the names of the options.
    pub fn say(&self, sentence: &Sentence, names: &[String]) -> String {
        let Some(template) = self.templates.get(sentence.key.as_ref()) else {
            return sentence.key.to_string();
        };
        let mut out = String::new();
        let mut rest = template.as_str();
        while let Some(open) = rest.find('{') {
            out.push_str(&rest[..open]);
            let Some(close) = rest[open..].find('}') else { break };
            self.fill(&rest[open + 1..open + close], sentence, names, &mut out);
            rest = &rest[open + close + 1..];
        }
        out.push_str(rest);
        out
    }

    fn fill(&self, slot: &str, sentence: &Sentence, names: &[String], out: &mut String) {
        let mut parts = slot.split('|');
        let name = parts.next().unwrap_or("");
        let (name, places) = match name.split_once(':') {
            Some((name, places)) => (name, places.parse().unwrap_or(5)),
            None => (name, 5),
        };
        let Some((_, value)) = sentence.values.iter().find(|(n, _)| n == name) else { return };
        if let (Some(one), Some(other)) = (parts.next(), parts.next()) {
            let single = match value {
                Value::Number(n) => *n == Number::from(1),
                Value::Options(o) => o.len() == 1,
                Value::Text(_) => true,
            };
            out.push_str(if single { one } else { other });
            return;
        }
        match value {
            Value::Text(text) => out.push_str(text),
            Value::Number(n) => out.push_str(&n.amount(places)),
            Value::Options(options) => {
                let said: Vec<&str> =
                    options.iter().map(|o| names.get(*o).map_or("?", String::as_str)).collect();
                out.push_str(&self.list(&said));
            }
        }
    }

    /// `A`, `A and B`, `A, B and C`.
    fn list(&self, items: &[&str]) -> String {
        match items {
            [] => "—".to_owned(),
            [one] => (*one).to_owned(),
            [start @ .., last] => format!("{} {} {last}", start.join(", "), self.and),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_choose_words_and_lists_read_well() {
        let words = Words::translated("x = {n} {n|vote|votes} for {who}");
        let names: Vec<String> = ["A", "B", "C"].map(String::from).to_vec();
        let s = |n: u64, who: &[usize]| Sentence {
            key: "x".into(),
            values: vec![("n".into(), n.into()), ("who".into(), who.into())],
        };
        assert_eq!(words.say(&s(1, &[0]), &names), "1 vote for A");
        assert_eq!(words.say(&s(1200, &[0, 1, 2]), &names), "1,200 votes for A, B and C");
        let amount = |numerator: u64, denominator: u64| {
            let words = Words::translated("x = {n:2}{other} of it");
            let values = vec![("n".into(), Number::ratio(numerator, denominator).into())];
            words.say(&Sentence { key: "x".into(), values }, &names)
        };
        assert_eq!(amount(999_999, 1_000), "999.99 of it");
        assert_eq!(amount(701, 2), "350.50 of it");
        assert_eq!(amount(1, 300), "0.00333 of it");
    }
}
