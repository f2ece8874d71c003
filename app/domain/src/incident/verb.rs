//! The verbs: from the incident that was loaded to the incident to store, or the refusal.

use super::{AUTO_CLOSE_MS, Incident, State, UNDO_MS, Verb, state, state::Next};
use crate::{Id, Instant, Problem, account::User};

/// What a verb did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// The incident changed: store it and write the event.
    Changed,
    /// It was so already: a success without event.
    Already,
    /// A closed incident stays closed; a new one continues it.
    Continue,
}

fn go(incident: &mut Incident, verb: Verb, now: Instant) -> Result<Applied, Problem> {
    match state::next(incident.status, verb)? {
        Next::Same => Ok(Applied::Already),
        Next::Continue => Ok(Applied::Continue),
        Next::To(to) => {
            incident.status = to;
            touch(incident, now);
            Ok(Applied::Changed)
        }
    }
}

/// Every change raises `rev` and stamps the time.
fn touch(incident: &mut Incident, now: Instant) {
    incident.rev += 1;
    incident.updated_at = now;
}

fn take(incident: &mut Incident, by: Option<Id<User>>, now: Instant) {
    incident.acknowledged_at.get_or_insert(now);
    if incident.acknowledged_by_id.is_none() {
        incident.acknowledged_by_id = by;
    }
    incident.current_ack_at = Some(now);
    incident.current_ack_by_id = by;
    incident.assigned_to_id = incident.assigned_to_id.or(by);
}

/// "I have it." The acknowledger becomes assignee when there is none. `by` is absent when a machine acknowledges.
pub fn acknowledge(incident: &mut Incident, by: Option<Id<User>>, now: Instant) -> Result<Applied, Problem> {
    let applied = go(incident, Verb::Acknowledge, now)?;
    if applied == Applied::Changed {
        take(incident, by, now);
    }
    Ok(applied)
}

/// "I work on it." Acknowledges too.
pub fn start(incident: &mut Incident, by: Option<Id<User>>, now: Instant) -> Result<Applied, Problem> {
    let was_open = incident.status == State::Open;
    let applied = go(incident, Verb::Start, now)?;
    if applied == Applied::Changed {
        if was_open {
            take(incident, by, now);
        }
        incident.investigating_at.get_or_insert(now);
    }
    Ok(applied)
}

/// "It is over." Notes replace earlier ones when they say something.
pub fn resolve(incident: &mut Incident, by: Option<Id<User>>, notes: &str, now: Instant) -> Result<Applied, Problem> {
    let applied = go(incident, Verb::Resolve, now)?;
    if applied == Applied::Changed {
        incident.resolved_at = Some(now);
        incident.resolved_by_id = by;
        incident.auto_close_at = Some(now.plus(AUTO_CLOSE_MS));
        incident.snoozed_until = None;
        note(incident, notes);
    }
    Ok(applied)
}

/// Put away. What was not resolved is resolved at the same instant.
pub fn close(incident: &mut Incident, by: Option<Id<User>>, notes: &str, now: Instant) -> Result<Applied, Problem> {
    let applied = go(incident, Verb::Close, now)?;
    if applied == Applied::Changed {
        incident.closed_at = Some(now);
        incident.auto_close_at = None;
        incident.snoozed_until = None;
        if incident.resolved_at.is_none() {
            incident.resolved_at = Some(now);
            incident.resolved_by_id = by;
        }
        note(incident, notes);
    }
    Ok(applied)
}

fn note(incident: &mut Incident, notes: &str) {
    if !notes.trim().is_empty() {
        incident.resolution_notes = notes.trim().to_owned();
    }
}

/// "It is not over." Starts a new episode: the acknowledgement of the old one is gone, the assignee stays.
pub fn reopen(incident: &mut Incident, now: Instant) -> Result<Applied, Problem> {
    let applied = go(incident, Verb::Reopen, now)?;
    if applied == Applied::Changed {
        incident.resolved_at = None;
        incident.resolved_by_id = None;
        incident.auto_close_at = None;
        incident.current_ack_at = None;
        incident.current_ack_by_id = None;
        incident.episode_at = now;
    }
    Ok(applied)
}

/// Back to open, in the same episode.
pub fn hand_back(incident: &mut Incident, now: Instant) -> Result<Applied, Problem> {
    if incident.status == State::Open {
        return Ok(Applied::Already);
    }
    let applied = go(incident, Verb::HandBack, now)?;
    incident.current_ack_at = None;
    incident.current_ack_by_id = None;
    Ok(applied)
}

/// The acknowledgement never happened: within [`UNDO_MS`], by the person who gave it, while nothing came after.
pub fn undo_acknowledge(incident: &mut Incident, by: Id<User>, now: Instant) -> Result<Applied, Problem> {
    if incident.status == State::Open {
        return Ok(Applied::Already);
    }
    if incident.status != State::Acknowledged {
        return Err(Problem::conflict(format!("The acknowledgement cannot be undone: the incident is {} now.", incident.status.as_str())));
    }
    if incident.current_ack_by_id != Some(by) {
        return Err(Problem::conflict("Only the person who acknowledged can undo it."));
    }
    let given = incident.current_ack_at.unwrap_or(incident.updated_at);
    if now.since(given) > UNDO_MS {
        return Err(Problem::conflict("An acknowledgement can be undone for 10 seconds; hand the incident back instead."));
    }
    incident.status = State::Open;
    if incident.acknowledged_at == incident.current_ack_at {
        incident.acknowledged_at = None;
        incident.acknowledged_by_id = None;
        if incident.assigned_to_id == Some(by) {
            incident.assigned_to_id = None;
        }
    }
    incident.current_ack_at = None;
    incident.current_ack_by_id = None;
    touch(incident, now);
    Ok(Applied::Changed)
}

/// Gives it to somebody, or to nobody.
pub fn assign(incident: &mut Incident, to: Option<Id<User>>, now: Instant) -> Result<Applied, Problem> {
    if !incident.is_live() {
        return Err(Problem::conflict(format!(
            "An incident that is {} has no assignee to change; reopen it first.",
            incident.status.as_str()
        )));
    }
    if incident.assigned_to_id == to {
        return Ok(Applied::Already);
    }
    incident.assigned_to_id = to;
    touch(incident, now);
    Ok(Applied::Changed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::{IncidentIn, Severity};

    const T: Instant = Instant(1_763_672_642_000);

    fn user(n: u8) -> Id<User> {
        Id::mint(1, [n; 10])
    }

    fn open() -> Incident {
        let new = IncidentIn { title: "Checkout fails".into(), severity: Severity::High, ..IncidentIn::default() };
        Incident::declared(Id::mint(1, [1; 10]), 418, &new, crate::service::UNSORTED, T)
    }

    #[test]
    fn the_acknowledger_becomes_assignee_only_when_there_is_none() {
        let mut i = open();
        assert_eq!(acknowledge(&mut i, Some(user(1)), T.plus(5)), Ok(Applied::Changed));
        assert_eq!((i.assigned_to_id, i.acknowledged_at, i.rev), (Some(user(1)), Some(T.plus(5)), 2));
        assert_eq!(acknowledge(&mut i, Some(user(2)), T.plus(9)), Ok(Applied::Already));
        assert_eq!(i.current_ack_by_id, Some(user(1)));

        let mut i = open();
        assign(&mut i, Some(user(3)), T).unwrap();
        acknowledge(&mut i, Some(user(1)), T).unwrap();
        assert_eq!(i.assigned_to_id, Some(user(3)));
    }

    #[test]
    fn undo_makes_the_acknowledgement_never_have_happened() {
        let mut i = open();
        acknowledge(&mut i, Some(user(1)), T).unwrap();
        assert!(undo_acknowledge(&mut i.clone(), user(2), T).is_err());
        assert!(undo_acknowledge(&mut i.clone(), user(1), T.plus(UNDO_MS + 1)).is_err());
        assert_eq!(undo_acknowledge(&mut i, user(1), T.plus(UNDO_MS)), Ok(Applied::Changed));
        let never = open();
        assert_eq!((i.status, i.acknowledged_at, i.assigned_to_id, i.current_ack_at), (never.status, None, None, None));
    }

    #[test]
    fn undo_of_a_later_acknowledgement_keeps_the_first() {
        let mut i = open();
        acknowledge(&mut i, Some(user(1)), T).unwrap();
        hand_back(&mut i, T.plus(100)).unwrap();
        acknowledge(&mut i, Some(user(2)), T.plus(200)).unwrap();
        undo_acknowledge(&mut i, user(2), T.plus(300)).unwrap();
        assert_eq!((i.acknowledged_at, i.acknowledged_by_id), (Some(T), Some(user(1))));
    }

    #[test]
    fn starting_acknowledges_too() {
        let mut i = open();
        start(&mut i, Some(user(1)), T).unwrap();
        assert_eq!((i.status, i.acknowledged_at, i.investigating_at), (State::InProgress, Some(T), Some(T)));
    }

    #[test]
    fn closing_without_resolving_resolves_at_the_same_instant() {
        let mut i = open();
        close(&mut i, None, "gone", T.plus(7)).unwrap();
        assert_eq!((i.resolved_at, i.closed_at), (Some(T.plus(7)), Some(T.plus(7))));
        assert_eq!(i.resolution_notes, "gone");
    }

    #[test]
    fn reopening_clears_the_end_and_starts_an_episode() {
        let mut i = open();
        acknowledge(&mut i, Some(user(1)), T).unwrap();
        resolve(&mut i, Some(user(1)), "", T.plus(1)).unwrap();
        assert_eq!(i.auto_close_at, Some(T.plus(1 + AUTO_CLOSE_MS)));
        reopen(&mut i, T.plus(2)).unwrap();
        assert_eq!((i.status, i.resolved_at, i.current_ack_at, i.auto_close_at), (State::Open, None, None, None));
        assert_eq!((i.episode_at, i.assigned_to_id, i.acknowledged_at), (T.plus(2), Some(user(1)), Some(T)));
    }

    #[test]
    fn a_closed_incident_is_continued_by_a_new_one() {
        let mut i = open();
        close(&mut i, None, "", T).unwrap();
        assert_eq!(reopen(&mut i, T), Ok(Applied::Continue));
        assert_eq!(i.status, State::Closed);
    }
}
