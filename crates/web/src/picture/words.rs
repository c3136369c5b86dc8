//! What a map's picture shows, in words.

use super::{MOST_DOTS, letter};
use opinion::report::{Outside, too_few_for_groups};
use opinion::{Map, Method};

/// The picture's caption: what is drawn, in a few sentences.
pub fn caption(map: &Map) -> String {
    let drawn = if map.participants.len() > MOST_DOTS {
        "Each mark stands for the people of one group who are at that place: the larger its area, the more of them."
    } else {
        "Each mark is one participant; those who responded to few statements are paler."
    };
    let regions = match map.groups.len() {
        0 => " The shaded shapes hold half and four fifths of them.",
        _ => {
            " The shaded shapes hold half and four fifths of each group; grey marks are people between groups, or who responded to too little to tell."
        }
    };
    let near = match map.method {
        Method::Map => "taking the same sides; a pass moves nobody",
        Method::Classic => "responding alike",
    };
    format!(
        "{drawn}{regions} Near means {near}. The axes have no names, on purpose: they are the two directions \
         in which responses differ most, and nobody has said what they mean."
    )
}

/// "One stands between them; 3 responded to too little to tell."; nothing where everybody is in a group.
fn outside(Outside { between, untold }: Outside) -> String {
    let some = |n: usize, one: &str, many: &str| match n {
        0 => None,
        1 => Some(format!("one {one}")),
        n => Some(format!("{n} {many}")),
    };
    let told = [
        some(between, "stands between them", "stand between them"),
        some(untold, "responded to too little to tell", "responded to too little to tell"),
    ];
    match told.into_iter().flatten().collect::<Vec<_>>().join("; ") {
        none if none.is_empty() => none,
        said => format!(" {}.", capital(&said)),
    }
}

/// The map in one sentence: how many groups, how many people in each.
pub fn sentence(map: &Map) -> String {
    let people = map.participants.len();
    let placed: u32 = map.groups.iter().map(|group| group.size).sum();
    let who = count(people, "participant", "participants");
    match map.groups.len() {
        0 if people == 0 => "Nobody has responded yet.".into(),
        0 if map.method == Method::Map && too_few_for_groups(map) => {
            format!("{who} responded. That is too little to tell whether there are opinion groups.")
        }
        0 if map.method == Method::Map => {
            format!("{who} responded. No division of them into opinion groups is sure enough to be shown.")
        }
        0 => format!("{who} responded, too few to find opinion groups."),
        n => {
            let of = if placed as usize == people { String::new() } else { format!("{placed} of ") };
            let form = if people == 1 { "forms" } else { "form" };
            let groups =
                if n == 1 { "one opinion group".to_owned() } else { format!("{} opinion groups", number(n)) };
            format!("{of}{who} {form} {groups}: {}.{}", sizes(map), outside(Outside::of(map)))
        }
    }
}

/// "A (40) and B (41)".
fn sizes(map: &Map) -> String {
    let one = |(index, group): (usize, &opinion::Group)| format!("{} ({})", letter(index), group.size);
    list(&map.groups.iter().enumerate().map(one).collect::<Vec<_>>())
}

/// A small number as a word.
pub fn number(n: usize) -> String {
    const WORDS: [&str; 7] = ["no", "one", "two", "three", "four", "five", "six"];
    WORDS.get(n).map_or_else(|| n.to_string(), |word| (*word).to_owned())
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

pub(super) fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// "a, b and c".
fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::of_question;
    use super::*;

    #[test]
    fn whoever_stands_between_groups_is_told_from_those_of_whom_too_little_is_known() {
        let mut builder = opinion::ResponsesBuilder::new();
        for participant in 0..82u32 {
            for statement in 0..20 {
                let agree = (participant + statement).is_multiple_of(2);
                // One of them responded to half a dozen, and not as either.
                if participant < 81 || statement < 6 {
                    let agree = if participant < 81 { agree } else { statement < 3 };
                    let value = if agree { opinion::Value::Agree } else { opinion::Value::Disagree };
                    builder.respond(participant, statement, value);
                }
            }
        }
        let mut map = opinion::map::map(&builder.build(), &opinion::Flags::new());
        let outside = |map: &mut Map, number: u32| {
            let person = map.participants.iter_mut().find(|person| person.number == number).unwrap();
            if let Some(group) = person.group.take() {
                map.groups[group as usize].size -= 1;
            }
        };
        outside(&mut map, 81);
        outside(&mut map, 80);
        assert_eq!(Outside::of(&map), Outside { between: 1, untold: 1 });
        assert_eq!(
            sentence(&map),
            "80 of 82 participants form two opinion groups: A (40) and B (40). One stands between them; one responded to too little to tell."
        );
        let alone = of_question(&map, "What <now>?");
        for said in [
            "Opinion map: What &lt;now&gt;?</title>",
            ">Opinion group B: 40 participants<",
            ">between groups: 1 participant<",
        ] {
            assert!(alone.contains(said), "{said}\n{alone}");
        }
    }
}
