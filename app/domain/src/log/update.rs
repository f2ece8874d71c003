//! A status update: what somebody did, does, or will do.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{Id, Instant, Prefixed, Problem, account::User, problem::Faults, tree::flattened};

/// Tags of one update, at most.
const TAGS: usize = 10;
/// Characters of a tag, at most.
const TAG_CHARS: usize = 40;

/// A status update. Its author alone edits and deletes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Update {
    /// Identity; ordered by when it was posted.
    pub id: Id<Update>,
    /// Who posted it.
    pub author_id: Id<User>,
    /// One line.
    pub title: String,
    /// Markdown source.
    pub content: String,
    /// Rendered and sanitised on the server.
    pub html: String,
    /// In the order of the alphabet, each once, as [`tag`] writes them.
    pub tags: Vec<String>,
    /// When its author deleted it; the author can take that back.
    pub deleted_at: Option<Instant>,
    /// When it was posted.
    pub created_at: Instant,
    /// The last change.
    pub updated_at: Instant,
    /// Edits.
    pub version: i64,
    /// All changes.
    pub rev: i64,
}

impl Prefixed for Update {
    const PREFIX: &'static str = "upd";
}

/// What a person gives to post an update.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateIn {
    /// Required, at most 200 characters.
    pub title: String,
    /// Markdown, at most 20,000 characters.
    #[serde(default)]
    pub content: String,
    /// At most 10, each of at most 40 characters: letters, digits, `-` and `_`.
    #[serde(default)]
    pub tags: Vec<String>,
}

/// An edit: what is absent stays.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct UpdatePatch {
    /// New title.
    pub title: Option<String>,
    /// New words.
    pub content: Option<String>,
    /// New tags, all of them.
    pub tags: Option<Vec<String>>,
}

impl UpdatePatch {
    /// The update as a request, with this edit applied.
    pub fn onto(self, now: &Update) -> UpdateIn {
        UpdateIn {
            title: self.title.unwrap_or_else(|| now.title.clone()),
            content: self.content.unwrap_or_else(|| now.content.clone()),
            tags: self.tags.unwrap_or_else(|| now.tags.clone()),
        }
    }
}

/// A tag as it is stored and looked for: lower case, without the `#` that people write before it.
pub fn tag(text: &str) -> String {
    text.trim().trim_start_matches('#').to_lowercase()
}

/// The tags in one line of text, as people separate them: by commas or blanks.
pub fn tags_in(line: &str) -> Vec<String> {
    line.split([',', ' ']).filter(|tag| !tag.is_empty()).map(str::to_owned).collect()
}

/// The request with its texts trimmed and its tags in order, or every fault in it.
pub fn validate_update(mut new: UpdateIn) -> Result<UpdateIn, Problem> {
    let mut faults = Faults::default();
    new.title = faults.text("title", &new.title, 200);
    new.content = faults.optional_text("content", &new.content, 20_000);
    let tags: BTreeSet<String> = new.tags.iter().map(|text| tag(text)).filter(|tag| !tag.is_empty()).collect();
    faults.check(tags.len() <= TAGS, "tags", "too_many", format!("At most {TAGS} tags."));
    let is_fine = |tag: &String| tag.chars().count() <= TAG_CHARS && tag.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_');
    if let Some(wrong) = tags.iter().find(|tag| !is_fine(tag)) {
        let shown: String = wrong.chars().take(TAG_CHARS).collect();
        faults.check(
            false,
            "tags",
            "not_allowed",
            format!("\"{shown}\" is not a tag: letters, digits, - and _, at most {TAG_CHARS} of them."),
        );
    }
    new.tags = tags.into_iter().collect();
    faults.finish().map(|()| new)
}

/// An update with what a list shows beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UpdateRow {
    /// The update.
    #[serde(flatten)]
    pub update: Update,
    /// The author's name.
    pub author_name: String,
    /// Active blockers that refer to it, as far as the reader may know of them.
    pub active_blockers: i64,
}

flattened!(UpdateRow { author_name, active_blockers; ..update });

/// What a list of updates is narrowed to. Deleted ones are in no list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct UpdateFilter {
    /// By this person.
    pub author_id: Option<Id<User>>,
    /// Posted at or after.
    pub from: Option<Instant>,
    /// Posted before.
    pub to: Option<Instant>,
    /// With this tag.
    pub tag: Option<String>,
    /// Words in title or content.
    pub q: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(title: &str, tags: &[&str]) -> UpdateIn {
        UpdateIn { title: title.into(), content: "x".into(), tags: tags.iter().map(|t| (*t).into()).collect() }
    }

    #[test]
    fn tags_are_written_one_way() {
        let tags = |given: &[&str]| validate_update(new("a", given)).map(|new| new.tags);
        assert_eq!(tags(&["#Deploy", "deploy ", "", "on-call_2", "Über"]).unwrap(), ["deploy", "on-call_2", "über"]);
        for wrong in [&["two words"][..], &["a,b"], &["<b>"], &["a".repeat(41).as_str()]] {
            let fields = tags(wrong).unwrap_err().fields;
            assert_eq!(fields.iter().map(|f| f.field.as_str()).collect::<Vec<_>>(), ["tags"], "{wrong:?}");
        }
        let many: Vec<String> = (0..11).map(|n| n.to_string()).collect();
        assert!(validate_update(UpdateIn { tags: many, ..new("a", &[]) }).is_err());
    }

    #[test]
    fn a_line_of_tags_is_separated_by_commas_or_blanks() {
        for (line, tags) in [("", &[][..]), (" , ", &[]), ("#deploy, queue  db", &["#deploy", "queue", "db"])] {
            assert_eq!(tags_in(line), tags, "{line:?}");
        }
    }

    #[test]
    fn every_fault_is_named_at_once() {
        let wrong = UpdateIn { title: " ".into(), content: "y".repeat(20_001), tags: vec!["a b".into()] };
        let fields: Vec<String> = validate_update(wrong).unwrap_err().fields.into_iter().map(|f| f.field).collect();
        assert_eq!(fields, ["title", "content", "tags"]);
    }

    #[test]
    fn what_a_patch_does_not_name_stays() {
        let now = Update {
            id: Id::mint(1, [1; 10]),
            author_id: Id::mint(1, [2; 10]),
            title: "a".into(),
            content: "b".into(),
            html: String::new(),
            tags: vec!["c".into()],
            deleted_at: None,
            created_at: Instant(1),
            updated_at: Instant(1),
            version: 1,
            rev: 1,
        };
        let patch = UpdatePatch { content: Some("z".into()), ..UpdatePatch::default() };
        assert_eq!(patch.onto(&now), UpdateIn { title: "a".into(), content: "z".into(), tags: vec!["c".into()] });
    }
}
