//! The rule of alerts in: what a signal does to the alert that is known under its key (spec: alerts in, "Alert").

use super::{Alert, AlertStatus, EndReason, Explanation, Signal, SignalStatus};
use crate::{
    Id, Instant, Millis,
    incident::Severity,
    integration::Integration,
    service::{AlertSettings, Grouping, Service},
    time::MINUTE,
};

/// This many changes of state within [`FLAP_WINDOW_MS`] is flapping.
pub const FLAP_CHANGES: usize = 4;
/// The window in which changes are counted.
pub const FLAP_WINDOW_MS: Millis = 30 * MINUTE;
/// A flapping alert's incident resolves by itself only after this long without a change.
pub const FLAP_QUIET_MS: Millis = 15 * MINUTE;

/// What happened to the alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// New: needs an incident, or a hold.
    Opened,
    /// Fires again within the reopen window: its incident comes back.
    Reopened,
    /// Firing already; seen again. No event.
    Repeated,
    /// Firing already, and worse than before.
    SeverityRose {
        /// Before.
        from: Severity,
    },
    /// Over.
    Resolved,
    /// The source's people took it.
    AcknowledgedAtSource,
    /// Nothing to do: a resolve or acknowledge for what does not fire.
    Ignored,
}

/// What a signal makes of an alert.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The alert to store; absent when nothing is known and nothing fires.
    pub alert: Option<Alert>,
    /// What happened.
    pub change: Change,
    /// The alert that was known is history now: the one in `alert` is new under its key.
    pub supersedes: bool,
}

/// Where a signal came from.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// The service that the integration belongs to.
    pub service_id: Id<Service>,
    /// The integration; absent for OpsGuard's own alerts.
    pub integration_id: Option<Id<Integration>>,
    /// The word of its kind.
    pub rule: &'a str,
}

/// Folds a signal into what is known under its key. `fresh` is the id of a new alert, when one is made.
pub fn fold(
    known: Option<&Alert>,
    signal: &Signal,
    origin: Origin<'_>,
    settings: &AlertSettings,
    fresh: Id<Alert>,
    now: Instant,
) -> Outcome {
    match (known, signal.status) {
        (Some(alert), SignalStatus::Firing) if alert.status == AlertStatus::Firing => again(alert, signal, now),
        (Some(alert), SignalStatus::Firing) if may_reopen(alert, settings, now) => reopen(alert, signal, now),
        (_, SignalStatus::Firing) => {
            Outcome { alert: Some(open(signal, origin, settings, fresh, now)), change: Change::Opened, supersedes: known.is_some() }
        }
        (Some(alert), SignalStatus::Resolved) if alert.status == AlertStatus::Firing => {
            let mut alert = alert.clone();
            alert.end(EndReason::Source, now);
            Outcome { alert: Some(alert), change: Change::Resolved, supersedes: false }
        }
        (Some(alert), SignalStatus::Acknowledged) if alert.status == AlertStatus::Firing => {
            Outcome { alert: Some(alert.clone()), change: Change::AcknowledgedAtSource, supersedes: false }
        }
        (_, SignalStatus::Resolved | SignalStatus::Acknowledged) => Outcome { alert: None, change: Change::Ignored, supersedes: false },
    }
}

/// A person who ended the incident ended the alert for good: the next firing is a new one.
fn may_reopen(alert: &Alert, settings: &AlertSettings, now: Instant) -> bool {
    alert.end_reason != Some(EndReason::IncidentResolved) && alert.resolved_at.is_some_and(|end| now.since(end) <= settings.reopen_ms())
}

fn open(signal: &Signal, origin: Origin<'_>, settings: &AlertSettings, id: Id<Alert>, now: Instant) -> Alert {
    let hold = (settings.auto_pause_minutes > 0).then(|| now.plus(Millis::from(settings.auto_pause_minutes) * MINUTE));
    let grouping = match settings.grouping {
        Grouping::None => "none",
        Grouping::Labels { .. } => "labels",
        Grouping::Window { .. } => "window",
    };
    Alert {
        id,
        service_id: origin.service_id,
        integration_id: origin.integration_id,
        incident_id: None,
        dedup_key: signal.dedup_key.clone(),
        status: AlertStatus::Firing,
        severity: signal.severity,
        title: signal.title.clone(),
        description: signal.description.clone(),
        labels: signal.labels.clone(),
        links: signal.links.clone(),
        count: 1,
        first_seen_at: now,
        last_seen_at: now,
        resolved_at: None,
        end_reason: None,
        hold_until: hold,
        flips: vec![now],
        explanation: Explanation {
            rule: origin.rule.to_owned(),
            key_from: signal.key_from.clone(),
            severity_from: signal.severity_from.clone(),
            grouping: grouping.into(),
            group_key: group_key(&settings.grouping, signal),
            incident: String::new(),
            policy_id: None,
        },
        rev: 1,
    }
}

fn again(alert: &Alert, signal: &Signal, now: Instant) -> Outcome {
    let mut next = alert.clone();
    next.see(signal, now);
    let change = if signal.severity > alert.severity {
        next.severity = signal.severity;
        next.explanation.severity_from = signal.severity_from.clone();
        next.rev += 1;
        Change::SeverityRose { from: alert.severity }
    } else {
        Change::Repeated
    };
    Outcome { alert: Some(next), change, supersedes: false }
}

fn reopen(alert: &Alert, signal: &Signal, now: Instant) -> Outcome {
    let mut next = alert.clone();
    next.see(signal, now);
    next.status = AlertStatus::Firing;
    next.severity = next.severity.max(signal.severity);
    next.resolved_at = None;
    next.end_reason = None;
    next.flip(now);
    Outcome { alert: Some(next), change: Change::Reopened, supersedes: false }
}

impl Alert {
    fn see(&mut self, signal: &Signal, now: Instant) {
        self.count += 1;
        self.last_seen_at = now;
        self.title.clone_from(&signal.title);
        self.description.clone_from(&signal.description);
        self.labels.clone_from(&signal.labels);
        self.links.clone_from(&signal.links);
    }

    fn flip(&mut self, now: Instant) {
        self.flips.retain(|at| now.since(*at) < FLAP_WINDOW_MS);
        self.flips.push(now);
        self.rev += 1;
    }

    /// It is over, for this reason.
    pub fn end(&mut self, reason: EndReason, now: Instant) {
        self.status = AlertStatus::Resolved;
        self.resolved_at = Some(now);
        self.end_reason = Some(reason);
        self.hold_until = None;
        self.flip(now);
    }
}

/// The group of a signal under a service's grouping; `None` when each alert has an incident of its own.
pub fn group_key(grouping: &Grouping, signal: &Signal) -> Option<String> {
    match grouping {
        Grouping::None => None,
        Grouping::Window { .. } => Some("window".into()),
        Grouping::Labels { labels } => {
            let pair = |l: &String| format!("{l}={}", signal.labels.get(l).map_or("", String::as_str));
            Some(labels.iter().map(pair).collect::<Vec<_>>().join(","))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::UNSORTED;

    const T: Instant = Instant(1_763_672_642_000);

    fn signal(status: SignalStatus, severity: Severity) -> Signal {
        Signal {
            dedup_key: "k".into(),
            key_from: "fingerprint".into(),
            status,
            title: "Disk full".into(),
            description: String::new(),
            severity,
            severity_from: "labels.severity".into(),
            labels: [("host".to_string(), "a".to_string())].into(),
            links: vec![],
            started_at: None,
        }
    }

    fn step(known: Option<&Alert>, status: SignalStatus, severity: Severity, settings: &AlertSettings, at: Instant) -> Outcome {
        let origin = Origin { service_id: UNSORTED, integration_id: None, rule: "generic" };
        fold(known, &signal(status, severity), origin, settings, Id::mint(at.ms(), [1; 10]), at)
    }

    fn firing(settings: &AlertSettings) -> Alert {
        step(None, SignalStatus::Firing, Severity::Medium, settings, T).alert.unwrap()
    }

    #[test]
    fn a_first_firing_opens_and_a_repeat_only_counts() {
        let set = AlertSettings::default();
        let alert = firing(&set);
        let again = step(Some(&alert), SignalStatus::Firing, Severity::Medium, &set, T.plus(5));
        assert_eq!(again.change, Change::Repeated);
        let next = again.alert.unwrap();
        assert_eq!((next.count, next.last_seen_at, next.rev), (2, T.plus(5), alert.rev));
    }

    #[test]
    fn a_rise_in_severity_is_told_and_a_fall_is_only_noted() {
        let set = AlertSettings::default();
        let alert = firing(&set);
        let up = step(Some(&alert), SignalStatus::Firing, Severity::Critical, &set, T);
        assert_eq!(up.change, Change::SeverityRose { from: Severity::Medium });
        let up = up.alert.unwrap();
        let down = step(Some(&up), SignalStatus::Firing, Severity::Low, &set, T);
        assert_eq!((down.change, down.alert.unwrap().severity), (Change::Repeated, Severity::Critical));
    }

    #[test]
    fn the_reopen_window_decides_between_the_same_and_a_new_alert() {
        let set = AlertSettings::default();
        let over = step(Some(&firing(&set)), SignalStatus::Resolved, Severity::Medium, &set, T).alert.unwrap();
        for (after, change, supersedes) in [(10 * MINUTE, Change::Reopened, false), (10 * MINUTE + 1, Change::Opened, true)] {
            let got = step(Some(&over), SignalStatus::Firing, Severity::Medium, &set, T.plus(after));
            assert_eq!((got.change, got.supersedes), (change, supersedes), "after {after} ms");
        }
    }

    #[test]
    fn what_a_person_ended_opens_anew() {
        let set = AlertSettings::default();
        let mut over = firing(&set);
        over.end(EndReason::IncidentResolved, T);
        assert_eq!(step(Some(&over), SignalStatus::Firing, Severity::Medium, &set, T.plus(1)).change, Change::Opened);
    }

    #[test]
    fn a_resolve_or_acknowledge_of_nothing_is_ignored() {
        let set = AlertSettings::default();
        for status in [SignalStatus::Resolved, SignalStatus::Acknowledged] {
            assert_eq!(step(None, status, Severity::Low, &set, T).change, Change::Ignored);
        }
    }

    #[test]
    fn four_changes_in_half_an_hour_is_flapping_until_it_is_quiet() {
        let set = AlertSettings::default();
        let mut alert = firing(&set);
        for n in 1..=3 {
            let status = if n % 2 == 1 { SignalStatus::Resolved } else { SignalStatus::Firing };
            assert!(!alert.is_flapping(T.plus(n * MINUTE)));
            alert = step(Some(&alert), status, Severity::Medium, &set, T.plus(n * MINUTE)).alert.unwrap();
        }
        assert!(alert.is_flapping(T.plus(3 * MINUTE)));
        assert!(!alert.is_flapping(T.plus(3 * MINUTE + FLAP_QUIET_MS)));
    }

    #[test]
    fn auto_pause_holds_a_new_alert() {
        let set = AlertSettings { auto_pause_minutes: 5, ..AlertSettings::default() };
        assert_eq!(firing(&set).hold_until, Some(T.plus(5 * MINUTE)));
    }

    #[test]
    fn the_group_is_made_of_the_named_labels() {
        let s = signal(SignalStatus::Firing, Severity::Low);
        let by = Grouping::Labels { labels: vec!["host".into(), "zone".into()] };
        assert_eq!(group_key(&by, &s).as_deref(), Some("host=a,zone="));
        assert_eq!(group_key(&Grouping::None, &s), None);
    }
}
