//! A blocker: what keeps somebody from going on, and on what or whom that waits.

use serde::{Deserialize, Serialize};

use super::Update;
use crate::{Id, Instant, Prefixed, Problem, account::User, incident::Incident, problem::Faults, tree::flattened};

/// Where a blocker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum BlockerState {
    /// Somebody cannot go on.
    Active,
    /// It is out of the way.
    Resolved,
}

impl BlockerState {
    /// As it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Resolved => "resolved",
        }
    }

    /// Read back.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Active, Self::Resolved].into_iter().find(|state| state.as_str() == word)
    }
}

/// A blocker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Blocker {
    /// Identity; ordered by when it was reported.
    pub id: Id<Blocker>,
    /// What is in the way.
    pub description: String,
    /// What cannot go on because of it.
    pub impact: String,
    /// Where it stands.
    pub status: BlockerState,
    /// Who cannot go on: the one who waits.
    pub owner_id: Id<User>,
    /// The person that it waits for.
    pub waits_for_id: Option<Id<User>>,
    /// What or who else it waits for, in words.
    pub waits_for: String,
    /// The update that speaks of it.
    pub related_status_id: Option<Id<Update>>,
    /// The incident that it holds up, or comes from.
    pub related_incident_id: Option<Id<Incident>>,
    /// How it went away.
    pub resolution_notes: String,
    /// When it went away; set by resolving.
    pub resolved_at: Option<Instant>,
    /// Who said so.
    pub resolved_by_id: Option<Id<User>>,
    /// When it was reported.
    pub created_at: Instant,
    /// The last change.
    pub updated_at: Instant,
    /// Edits by people.
    pub version: i64,
    /// All changes.
    pub rev: i64,
}

impl Prefixed for Blocker {
    const PREFIX: &'static str = "blk";
}

/// What a person gives to report a blocker.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct BlockerIn {
    /// Required, at most 500 characters.
    pub description: String,
    /// At most 2,000 characters.
    #[serde(default)]
    pub impact: String,
    /// Who waits; the caller unless given.
    #[serde(default)]
    pub owner_id: Option<Id<User>>,
    /// The person that it waits for.
    #[serde(default)]
    pub waits_for_id: Option<Id<User>>,
    /// What or who else, at most 200 characters.
    #[serde(default)]
    pub waits_for: String,
    /// The update that speaks of it.
    #[serde(default)]
    pub related_status_id: Option<Id<Update>>,
    /// The incident that it holds up, or comes from.
    #[serde(default)]
    pub related_incident_id: Option<Id<Incident>>,
}

/// An edit: what is absent stays.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct BlockerPatch {
    /// New words.
    pub description: Option<String>,
    /// New words.
    pub impact: Option<String>,
    /// Somebody else waits.
    pub owner_id: Option<Id<User>>,
    /// Another person; null removes it.
    #[serde(deserialize_with = "crate::problem::nullable", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<uuid::Uuid>))]
    pub waits_for_id: Option<Option<Id<User>>>,
    /// New words.
    pub waits_for: Option<String>,
    /// Another update; null removes it.
    #[serde(deserialize_with = "crate::problem::nullable", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<uuid::Uuid>))]
    pub related_status_id: Option<Option<Id<Update>>>,
    /// Another incident; null removes it.
    #[serde(deserialize_with = "crate::problem::nullable", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<uuid::Uuid>))]
    pub related_incident_id: Option<Option<Id<Incident>>>,
}

impl BlockerPatch {
    /// The blocker as a request, with this edit applied.
    pub fn onto(self, now: &Blocker) -> BlockerIn {
        BlockerIn {
            description: self.description.unwrap_or_else(|| now.description.clone()),
            impact: self.impact.unwrap_or_else(|| now.impact.clone()),
            owner_id: Some(self.owner_id.unwrap_or(now.owner_id)),
            waits_for_id: self.waits_for_id.unwrap_or(now.waits_for_id),
            waits_for: self.waits_for.unwrap_or_else(|| now.waits_for.clone()),
            related_status_id: self.related_status_id.unwrap_or(now.related_status_id),
            related_incident_id: self.related_incident_id.unwrap_or(now.related_incident_id),
        }
    }
}

/// How a blocker went away.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Resolution {
    /// At most 2,000 characters.
    pub resolution_notes: String,
}

impl Resolution {
    /// The notes trimmed, or what is wrong with them.
    pub fn validate(self) -> Result<String, Problem> {
        let mut faults = Faults::default();
        let notes = faults.optional_text("resolution_notes", &self.resolution_notes, 2_000);
        faults.finish().map(|()| notes)
    }
}

/// The request with its texts trimmed, or every fault in it.
pub fn validate_blocker(mut new: BlockerIn) -> Result<BlockerIn, Problem> {
    let mut faults = Faults::default();
    new.description = faults.text("description", &new.description, 500);
    new.impact = faults.optional_text("impact", &new.impact, 2_000);
    new.waits_for = faults.optional_text("waits_for", &new.waits_for, 200);
    let waits_for_itself = new.owner_id.is_some() && new.owner_id == new.waits_for_id;
    faults.check(!waits_for_itself, "waits_for_id", "not_allowed", "Nobody waits for themselves.");
    faults.finish().map(|()| new)
}

/// It is out of the way. False when it was already.
pub fn resolve(blocker: &mut Blocker, by: Option<Id<User>>, notes: &str, now: Instant) -> bool {
    if blocker.status == BlockerState::Resolved {
        return false;
    }
    blocker.status = BlockerState::Resolved;
    blocker.resolution_notes = notes.to_owned();
    (blocker.resolved_at, blocker.resolved_by_id) = (Some(now), by);
    changed(blocker, now);
    true
}

/// It stands in the way again. False when it does already.
pub fn reopen(blocker: &mut Blocker, now: Instant) -> bool {
    if blocker.status == BlockerState::Active {
        return false;
    }
    blocker.status = BlockerState::Active;
    blocker.resolution_notes.clear();
    (blocker.resolved_at, blocker.resolved_by_id) = (None, None);
    changed(blocker, now);
    true
}

fn changed(blocker: &mut Blocker, now: Instant) {
    blocker.rev += 1;
    blocker.updated_at = now;
}

/// A blocker with what a list shows beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BlockerRow {
    /// The blocker.
    #[serde(flatten)]
    pub blocker: Blocker,
    /// The name of who waits.
    pub owner_name: String,
    /// The name of the person that it waits for.
    pub waits_for_name: Option<String>,
    /// The title of the update that speaks of it.
    pub related_status_title: Option<String>,
    /// The short number of the incident.
    pub related_incident_number: Option<i64>,
    /// The name of who resolved it.
    pub resolved_by_name: Option<String>,
}

flattened!(BlockerRow { owner_name, waits_for_name, related_status_title, related_incident_number, resolved_by_name; ..blocker });

/// What a list of blockers is narrowed to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BlockerFilter {
    /// Only these; both unless given.
    pub status: Option<BlockerState>,
    /// Of this person, who waits.
    pub owner_id: Option<Id<User>>,
    /// That wait for this person.
    pub waits_for_id: Option<Id<User>>,
    /// That this update speaks of.
    pub related_status_id: Option<Id<Update>>,
    /// Of this incident.
    pub related_incident_id: Option<Id<Incident>>,
    /// Words in description, impact, or what it waits for.
    pub q: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(n: u8) -> Id<User> {
        Id::mint(1, [n; 10])
    }

    fn blocker() -> Blocker {
        Blocker {
            id: Id::mint(1, [1; 10]),
            description: "No access".into(),
            impact: String::new(),
            status: BlockerState::Active,
            owner_id: person(1),
            waits_for_id: Some(person(2)),
            waits_for: String::new(),
            related_status_id: None,
            related_incident_id: None,
            resolution_notes: String::new(),
            resolved_at: None,
            resolved_by_id: None,
            created_at: Instant(1),
            updated_at: Instant(1),
            version: 1,
            rev: 1,
        }
    }

    #[test]
    fn resolving_sets_when_by_whom_and_how_once() {
        let mut it = blocker();
        assert!(resolve(&mut it, Some(person(2)), "granted", Instant(5)));
        assert_eq!((it.status, it.resolved_at, it.resolved_by_id, it.rev), (BlockerState::Resolved, Some(Instant(5)), Some(person(2)), 2));
        assert!(!resolve(&mut it, Some(person(3)), "again", Instant(9)));
        assert_eq!((it.resolution_notes.as_str(), it.resolved_at, it.rev), ("granted", Some(Instant(5)), 2));
    }

    #[test]
    fn what_stands_in_the_way_again_is_as_it_was() {
        let mut it = blocker();
        assert!(!reopen(&mut it, Instant(3)));
        resolve(&mut it, None, "granted", Instant(5));
        assert!(reopen(&mut it, Instant(7)));
        assert_eq!(it, Blocker { rev: 3, updated_at: Instant(7), ..blocker() });
    }

    #[test]
    fn every_fault_is_named_at_once() {
        let wrong = BlockerIn {
            description: " ".into(),
            impact: "x".repeat(2_001),
            waits_for: "y".repeat(201),
            owner_id: Some(person(1)),
            waits_for_id: Some(person(1)),
            ..BlockerIn::default()
        };
        let fields: Vec<String> = validate_blocker(wrong).unwrap_err().fields.into_iter().map(|f| f.field).collect();
        assert_eq!(fields, ["description", "impact", "waits_for", "waits_for_id"]);
    }

    #[test]
    fn a_patch_removes_what_it_names_null() {
        let patch: BlockerPatch = serde_json::from_str(r#"{"waits_for_id": null, "impact": "release"}"#).unwrap();
        let onto = patch.onto(&blocker());
        assert_eq!((onto.waits_for_id, onto.impact.as_str(), onto.owner_id), (None, "release", Some(person(1))));
    }

    #[test]
    fn states_survive_writing() {
        for state in [BlockerState::Active, BlockerState::Resolved] {
            assert_eq!(BlockerState::parse(state.as_str()), Some(state));
        }
        assert_eq!(BlockerState::parse("stuck"), None);
    }
}
