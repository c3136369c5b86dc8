//! The words that stand at one entry, with their fields, for pages that are about an entry rather than a
//! statement.

use assembly::moderation::Erasure;
use assembly::{Field, Question, State};

/// What stands at an entry.
pub(crate) struct Texts<'a> {
    pub entry: u64,
    /// What it is: "Statement 3 of question 1".
    pub name: String,
    /// Where it is shown.
    pub page: String,
    pub fields: Vec<(Field, Words<'a>)>,
}

/// The words of a field, or what became of them.
pub(crate) enum Words<'a> {
    Here(&'a str),
    Erased(Erasure),
    Missing,
}

impl<'a> Texts<'a> {
    /// The texts of an entry; `None` if it brought none.
    pub fn of(state: &'a State, slug: &str, entry: u64) -> Option<Self> {
        if entry == 0 {
            let title = state.roll().founded()?.title.words();
            let fields = vec![(Field::Title, Words::of(state, entry, Field::Title, title))];
            return Some(Self {
                entry,
                name: "The name of the assembly".into(),
                page: format!("/{slug}"),
                fields,
            });
        }
        state.questions().iter().find_map(|question| Self::in_question(state, slug, question, entry))
    }

    fn in_question(state: &'a State, slug: &str, question: &'a Question, entry: u64) -> Option<Self> {
        let id = question.id();
        let base = format!("/{slug}/q/{id}");
        if let Some(statement) = question.talk().put_by_entry(entry) {
            let no = statement.no();
            let fields = vec![(Field::Text, Words::of(state, entry, Field::Text, statement.words()))];
            let name = format!("Statement {no} of question {id}");
            return Some(Self { entry, name, page: format!("{base}/s/{no}"), fields });
        }
        let source = question.imported().and_then(|imported| imported.source.as_ref());
        // What was imported stands right after the opening.
        if let Some(source) = source.filter(|_| entry == question.entry() + 1) {
            let fields = vec![(Field::Source, Words::of(state, entry, Field::Source, source.words()))];
            return Some(Self { entry, name: format!("Where question {id} comes from"), page: base, fields });
        }
        if question.entry() != entry {
            return None;
        }
        let title = Some(question.title()).filter(|_| state.erasure(entry, Field::Title).is_none());
        let all = [(Field::Title, title), (Field::Why, question.why()), (Field::Decides, question.decides())];
        let fields = all
            .into_iter()
            .filter(|(field, words)| words.is_some() || state.erasure(entry, *field).is_some())
            .map(|(field, words)| (field, Words::of(state, entry, field, words)))
            .collect();
        Some(Self { entry, name: format!("Question {id}"), page: base, fields })
    }

    /// Whether any words are left to be erased.
    pub fn any(&self) -> bool {
        self.fields.iter().any(|(_, words)| matches!(words, Words::Here(_)))
    }
}

impl<'a> Words<'a> {
    fn of(state: &State, entry: u64, field: Field, words: Option<&'a str>) -> Self {
        match (state.erasure(entry, field), words) {
            (Some(erasure), _) => Words::Erased(erasure),
            (None, Some(words)) => Words::Here(words),
            (None, None) => Words::Missing,
        }
    }
}

/// What a field is called on pages.
pub(crate) fn field_name(field: Field) -> &'static str {
    match field {
        Field::Title => "The question or name itself",
        Field::Why => "Why now",
        Field::Decides => "Who decides",
        Field::Text => "The statement",
        Field::Source => "The source",
    }
}
