//! What alerts do to their incident (spec: alerts in, "Alert", "Grouping").

use super::{Incident, Severity, State, resolve};
use crate::{Instant, Millis, alert::FLAP_QUIET_MS, service::Grouping, time::MINUTE};

/// What became of the incident when one of its alerts ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterAlerts {
    /// It resolved with its last alert.
    Resolved,
    /// It flapped: it resolves then, if it stays quiet.
    WaitsForQuiet(Instant),
    /// Other alerts fire, somebody works on it, or the service wants a person to decide.
    StaysOpen,
}

fn touch(incident: &mut Incident, now: Instant) {
    incident.rev += 1;
    incident.updated_at = now;
}

fn worsen(incident: &mut Incident, to: Severity) {
    if to > incident.severity {
        incident.severity = to;
        incident.urgency = incident.urgency.max(to.urgency());
    }
}

/// An alert became worse: severity and urgency rise, never fall.
pub fn raise(incident: &mut Incident, to: Severity, now: Instant) {
    worsen(incident, to);
    touch(incident, now);
}

/// A further alert belongs to it.
pub fn alert_joins(incident: &mut Incident, severity: Severity, now: Instant) {
    incident.alert_count += 1;
    incident.firing_count += 1;
    raise(incident, severity, now);
}

/// An alert fires again within its reopen window. A resolved incident comes back with its assignee and acknowledgement, and
/// in the same episode: nobody is paged. Answers whether it came back.
pub fn alert_fires_again(incident: &mut Incident, severity: Severity, now: Instant) -> bool {
    incident.firing_count += 1;
    let came_back = incident.status == State::Resolved;
    if came_back {
        incident.status = if incident.current_ack_at.is_some() { State::Acknowledged } else { State::Open };
        incident.resolved_at = None;
        incident.resolved_by_id = None;
        incident.auto_close_at = None;
    }
    raise(incident, severity, now);
    came_back
}

/// One of its alerts ended.
pub fn alert_over(incident: &mut Incident, auto_resolve: bool, now: Instant) -> AfterAlerts {
    incident.firing_count = (incident.firing_count - 1).max(0);
    let last = incident.firing_count == 0;
    let worked_on = incident.status == State::InProgress;
    if !last || !auto_resolve || worked_on || !incident.is_live() {
        touch(incident, now);
        return AfterAlerts::StaysOpen;
    }
    if incident.flapping {
        touch(incident, now);
        return AfterAlerts::WaitsForQuiet(now.plus(FLAP_QUIET_MS));
    }
    // The table allows it: the incident is live.
    match resolve(incident, None, "", now) {
        Ok(_) => AfterAlerts::Resolved,
        Err(_) => AfterAlerts::StaysOpen,
    }
}

/// Whether a new alert of its group may join it.
pub fn may_join(incident: &Incident, grouping: &Grouping, now: Instant) -> bool {
    incident.is_live()
        && match grouping {
            Grouping::None => false,
            Grouping::Labels { .. } => true,
            Grouping::Window { minutes } => now.since(incident.created_at) < Millis::from(*minutes) * MINUTE,
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Id,
        incident::{IncidentIn, Urgency, acknowledge, start},
    };

    const T: Instant = Instant(1_763_672_642_000);

    fn with_alerts(firing: i64) -> Incident {
        let new = IncidentIn { title: "Disk".into(), ..IncidentIn::default() };
        let mut i = Incident::declared(Id::mint(1, [1; 10]), 1, &new, crate::service::UNSORTED, T);
        (i.alert_count, i.firing_count) = (firing, firing);
        i
    }

    #[test]
    fn the_last_alert_resolves_its_incident_unless_somebody_works_on_it() {
        let mut i = with_alerts(2);
        assert_eq!(alert_over(&mut i, true, T), AfterAlerts::StaysOpen);
        assert_eq!(alert_over(&mut i, true, T.plus(1)), AfterAlerts::Resolved);
        assert_eq!((i.status, i.resolved_at, i.resolved_by_id), (State::Resolved, Some(T.plus(1)), None));

        let mut i = with_alerts(1);
        start(&mut i, None, T).unwrap();
        assert_eq!(alert_over(&mut i, true, T), AfterAlerts::StaysOpen);
        assert_eq!((i.status, i.firing_count), (State::InProgress, 0));
        assert_eq!(alert_over(&mut with_alerts(1), false, T), AfterAlerts::StaysOpen);
    }

    #[test]
    fn what_flapped_resolves_only_after_quiet() {
        let mut i = with_alerts(1);
        i.flapping = true;
        assert_eq!(alert_over(&mut i, true, T), AfterAlerts::WaitsForQuiet(T.plus(FLAP_QUIET_MS)));
        assert!(i.is_live());
    }

    #[test]
    fn an_incident_that_comes_back_keeps_who_has_it() {
        let mut i = with_alerts(1);
        let mara = Id::mint(1, [2; 10]);
        acknowledge(&mut i, Some(mara), T).unwrap();
        alert_over(&mut i, true, T.plus(1));
        assert!(alert_fires_again(&mut i, Severity::Critical, T.plus(2)));
        assert_eq!((i.status, i.assigned_to_id, i.current_ack_by_id), (State::Acknowledged, Some(mara), Some(mara)));
        assert_eq!((i.severity, i.urgency, i.episode_at), (Severity::Critical, Urgency::High, T));
    }

    #[test]
    fn severity_rises_and_never_falls() {
        let mut i = with_alerts(1);
        raise(&mut i, Severity::Low, T);
        assert_eq!(i.severity, Severity::Medium);
        alert_joins(&mut i, Severity::High, T);
        assert_eq!((i.severity, i.alert_count, i.firing_count), (Severity::High, 2, 2));
    }

    #[test]
    fn a_window_ends() {
        let i = with_alerts(1);
        let window = Grouping::Window { minutes: 5 };
        assert!(may_join(&i, &window, T.plus(5 * MINUTE - 1)));
        assert!(!may_join(&i, &window, T.plus(5 * MINUTE)));
        assert!(!may_join(&i, &Grouping::None, T));
    }
}
