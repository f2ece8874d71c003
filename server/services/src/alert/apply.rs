//! A batch of alerts becomes alerts, incidents and events, in one transaction.
//!
//! First the rule of `domain` is folded over the signals in memory; then what changed is carried to the incidents; then
//! every table is written with one statement per chunk. A repeat touches its alert and nothing else.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use domain::{
    Id,
    alert::{Alert, Change, Origin, SignalStatus, fold},
    incident::Incident,
    service::Service,
};
use uuid::Uuid;

use super::{
    queue::Delivery,
    repo::{self, Known},
};
use crate::{
    Actor, Cx, Result, Tx,
    incident::{self, Stored},
    service,
    store::{
        self,
        counter::{self, ALERTS},
    },
};

type Key = (Uuid, String);

/// Applies the deliveries in order, as one write: what the queue commits, and what demo data brings with a time of its own.
pub(crate) async fn apply(cx: &Cx, deliveries: Arc<Vec<Delivery>>) -> Result<()> {
    cx.write_plain(move |tx| {
        let deliveries = deliveries.clone();
        async move { in_tx(&tx, &deliveries).await }
    })
    .await
}

/// What a signal changed, to be carried to an incident.
struct Changed {
    key: Key,
    change: Change,
    actor: Option<Actor>,
}

async fn in_tx(tx: &Tx, deliveries: &[Delivery]) -> Result<()> {
    let services: HashMap<Uuid, Service> =
        service::load_many(tx, service_ids(deliveries)).await?.into_iter().map(|s| (s.id.uuid(), s)).collect();
    let mut alerts: HashMap<Key, Known> = HashMap::new();
    for known in repo::by_keys(tx, &keys(deliveries)).await? {
        alerts.insert((known.alert.service_id.uuid(), known.alert.dedup_key.clone()), known);
    }
    let stored: HashSet<Uuid> = alerts.values().map(|known| known.alert.id.uuid()).collect();
    let mut superseded = Vec::new();
    let mut touched: HashSet<Key> = HashSet::new();
    let mut changes = Vec::new();

    for delivery in deliveries {
        let Some(service) = services.get(&delivery.source.service.uuid()) else { continue };
        let origin = Origin { service_id: service.id, integration_id: delivery.source.integration, rule: delivery.source.rule() };
        for signal in &delivery.signals {
            let key = (service.id.uuid(), signal.dedup_key.clone());
            let overridden = service.alerts.severity_label.as_deref().map(|label| {
                let mut signal = signal.clone();
                signal.override_severity(label);
                signal
            });
            let signal = overridden.as_ref().unwrap_or(signal);
            let known = alerts.get(&key);
            let outcome = fold(known.map(|k| &k.alert), signal, origin, &service.alerts, store::id(tx.now()), tx.now());
            if outcome.supersedes {
                superseded.extend(known.map(|k| k.alert.id.uuid()));
            }
            let Some(alert) = outcome.alert else { continue };
            alerts.insert(key.clone(), Known::new(alert, service));
            touched.insert(key.clone());
            if outcome.change != Change::Repeated {
                let actor = delivery.source.integration.map(|id| Actor::integration(id.uuid()));
                changes.push(Changed { key, change: outcome.change, actor });
            }
        }
    }

    let new = touched.iter().filter_map(|key| alerts.get(key)).filter(|known| !stored.contains(&known.alert.id.uuid())).count() as i64;
    let mut incidents = Incidents::load(tx, &alerts, &changes, &services).await?;
    for change in changes {
        if let (Some(known), Some(service)) = (alerts.get_mut(&change.key), services.get(&change.key.0)) {
            incidents.carry(tx, known, service, change.change, change.actor);
        }
    }
    incidents.store(tx, &services, new).await?;
    repo::supersede(tx, superseded).await?;
    let mut rows: Vec<_> = touched.into_iter().collect();
    rows.sort();
    repo::upsert_many(tx, &rows.iter().filter_map(|key| alerts.get(key)).collect::<Vec<_>>()).await
}

fn service_ids(deliveries: &[Delivery]) -> Vec<Uuid> {
    let ids: HashSet<_> = deliveries.iter().map(|d| d.source.service.uuid()).collect();
    ids.into_iter().collect()
}

fn keys(deliveries: &[Delivery]) -> BTreeMap<Uuid, Vec<String>> {
    let mut keys: BTreeMap<Uuid, std::collections::BTreeSet<String>> = BTreeMap::new();
    for delivery in deliveries {
        keys.entry(delivery.source.service.uuid()).or_default().extend(delivery.signals.iter().map(|s| s.dedup_key.clone()));
    }
    keys.into_iter().map(|(service, keys)| (service, keys.into_iter().collect())).collect()
}

/// The incidents that a batch touches, in memory until they are written.
pub(super) struct Incidents {
    by_id: HashMap<Uuid, Stored>,
    /// New ones, in the order of their numbers.
    fresh: Vec<Uuid>,
    changed: HashSet<Uuid>,
    /// Events to append when numbers are known: incident, kind, payload, actor.
    events: Vec<(Uuid, &'static str, serde_json::Value, Option<Actor>)>,
    flapping: HashSet<Uuid>,
}

impl Incidents {
    async fn load(tx: &Tx, alerts: &HashMap<Key, Known>, changes: &[Changed], services: &HashMap<Uuid, Service>) -> Result<Self> {
        let mut ids: HashSet<Uuid> = changes.iter().filter_map(|c| alerts.get(&c.key)?.alert.incident_id).map(Id::uuid).collect();
        let groups: HashSet<(Uuid, String)> = changes
            .iter()
            .filter(|c| c.change == Change::Opened)
            .filter_map(|c| Some((c.key.0, alerts.get(&c.key)?.alert.explanation.group_key.clone()?)))
            .collect();
        if !groups.is_empty() {
            debug_assert!(groups.iter().all(|g| services.contains_key(&g.0)));
            ids.extend(incident::live_of_groups(tx, &groups).await?);
        }
        Self::of(tx, ids).await
    }

    pub(super) async fn of(tx: &Tx, ids: HashSet<Uuid>) -> Result<Self> {
        let loaded = incident::load_many(tx, ids.into_iter().collect()).await?;
        Ok(Self {
            by_id: loaded.into_iter().map(|s| (s.incident.id.uuid(), s)).collect(),
            fresh: Vec::new(),
            changed: HashSet::new(),
            events: Vec::new(),
            flapping: HashSet::new(),
        })
    }

    /// Carries what happened to an alert to its incident.
    pub(super) fn carry(&mut self, tx: &Tx, known: &mut Known, service: &Service, change: Change, actor: Option<Actor>) {
        use serde_json::json;
        let now = tx.now();
        match change {
            Change::Opened if known.alert.hold_until.is_some() => {
                known.alert.explanation.incident = "held".into();
                if let Some(until) = known.alert.hold_until {
                    tx.due(until);
                }
                tx.event(crate::store::NewEvent {
                    actor,
                    ..known.event("alert.held", json!({ "title": known.alert.title, "until": known.alert.hold_until }))
                });
            }
            Change::Opened => self.attach(tx, known, service, actor),
            Change::Reopened => match known.alert.incident_id.map(Id::uuid).filter(|id| self.by_id.contains_key(id)) {
                None => self.attach(tx, known, service, actor),
                Some(id) => {
                    let flapping = known.alert.is_flapping(now);
                    let alert = known.alert.clone();
                    known.alert.explanation.incident = "reopened".into();
                    self.change(id, actor, |s| {
                        let again = domain::incident::alert_fires_again(&mut s.incident, alert.severity, now);
                        s.incident.flapping |= flapping;
                        s.quiet_until = None;
                        (
                            if again { "incident.reopened" } else { "incident.alert_reopened" },
                            json!({ "by": "alert", "alert_id": alert.id, "title": alert.title }),
                        )
                    });
                }
            },
            Change::SeverityRose { from } => {
                if let Some(id) = known.alert.incident_id {
                    let (to, alert) = (known.alert.severity, known.alert.id);
                    self.change(id.uuid(), actor, |s| {
                        domain::incident::raise(&mut s.incident, to, now);
                        ("incident.severity_raised", json!({ "alert_id": alert, "from": from, "to": to }))
                    });
                }
            }
            Change::Resolved => match known.alert.incident_id {
                None => {
                    tx.event(crate::store::NewEvent { actor, ..known.event("alert.suppressed", json!({ "title": known.alert.title })) })
                }
                Some(id) => self.alert_over(tx, id.uuid(), known, service, actor),
            },
            Change::AcknowledgedAtSource => {
                if let Some(id) = known.alert.incident_id {
                    self.change_if(id.uuid(), actor, |s| {
                        let changed = domain::incident::acknowledge(&mut s.incident, None, now) == Ok(domain::incident::Applied::Changed);
                        changed.then(|| ("incident.acknowledged", json!({ "by": "source" })))
                    });
                }
            }
            Change::Repeated | Change::Ignored => {}
        }
    }

    /// A firing alert gets its incident: the open one of its group, or a new one.
    pub(super) fn attach(&mut self, tx: &Tx, known: &mut Known, service: &Service, actor: Option<Actor>) {
        use serde_json::json;
        let alert = &mut known.alert;
        let payload = json!({ "by": "alert", "alert_id": alert.id, "title": alert.title, "severity": alert.severity, "rule": alert.explanation.rule, "dedup_key": alert.dedup_key });
        let group = alert.explanation.group_key.clone();
        match group.as_ref().and_then(|g| self.open_of_group(tx, service, g)) {
            Some(id) => {
                alert.explanation.incident = "joined".into();
                alert.incident_id = Some(Id::new(id));
                let severity = alert.severity;
                self.change(id, actor, |s| {
                    domain::incident::alert_joins(&mut s.incident, severity, tx.now());
                    ("incident.alert_joined", payload)
                });
            }
            None => {
                alert.explanation.incident = "opened".into();
                let stored = from_alert(tx, alert, service, group);
                let id = stored.incident.id;
                alert.incident_id = Some(id);
                self.by_id.insert(id.uuid(), stored);
                self.fresh.push(id.uuid());
                self.events.push((id.uuid(), "incident.opened", payload, actor));
            }
        }
    }

    fn open_of_group(&self, tx: &Tx, service: &Service, group: &str) -> Option<Uuid> {
        let fits = |s: &&Stored| {
            s.incident.service_id == service.id
                && s.group_key.as_deref() == Some(group)
                && domain::incident::may_join(&s.incident, &service.alerts.grouping, tx.now())
        };
        self.by_id.values().filter(fits).max_by_key(|s| (s.incident.created_at, s.incident.id)).map(|s| s.incident.id.uuid())
    }

    fn alert_over(&mut self, tx: &Tx, id: Uuid, known: &Known, service: &Service, actor: Option<Actor>) {
        use domain::incident::{AfterAlerts, alert_over};
        use serde_json::json;
        let now = tx.now();
        let flapping = known.alert.is_flapping(now);
        if flapping {
            self.flapping.insert(id);
        }
        let alert = known.alert.clone();
        self.change(id, actor, |s| {
            s.incident.flapping |= flapping;
            let after = alert_over(&mut s.incident, service.alerts.auto_resolve, now);
            let payload =
                json!({ "by": "alert", "alert_id": alert.id, "title": alert.title, "all_resolved": s.incident.firing_count == 0 });
            match after {
                AfterAlerts::Resolved => {
                    if let Some(at) = s.incident.auto_close_at {
                        tx.due(at);
                    }
                    ("incident.resolved", payload)
                }
                AfterAlerts::WaitsForQuiet(until) => {
                    s.quiet_until = Some(until);
                    tx.due(until);
                    ("incident.alert_resolved", payload)
                }
                AfterAlerts::StaysOpen => ("incident.alert_resolved", payload),
            }
        });
    }

    fn change(&mut self, id: Uuid, actor: Option<Actor>, run: impl FnOnce(&mut Stored) -> (&'static str, serde_json::Value)) {
        self.change_if(id, actor, |s| Some(run(s)));
    }

    fn change_if(&mut self, id: Uuid, actor: Option<Actor>, run: impl FnOnce(&mut Stored) -> Option<(&'static str, serde_json::Value)>) {
        let Some(stored) = self.by_id.get_mut(&id) else { return };
        if let Some((kind, payload)) = run(stored) {
            if !self.fresh.contains(&id) {
                self.changed.insert(id);
            }
            self.events.push((id, kind, payload, actor));
        }
    }

    /// Writes what was touched and journals what happened. `new` alerts are counted with new incidents, in one statement.
    pub(super) async fn store(mut self, tx: &Tx, services: &HashMap<Uuid, Service>, new: i64) -> Result<()> {
        if !self.fresh.is_empty() {
            let count = self.fresh.len() as i64;
            let [_, last] = counter::add_all(tx, [(ALERTS, new), (counter::NUMBERS, count)]).await?;
            let mut number = last - count + 1;
            for id in &self.fresh {
                if let Some(stored) = self.by_id.get_mut(id) {
                    stored.incident.number = number;
                    number += 1;
                }
            }
            let opened: Vec<Stored> = self.fresh.iter().filter_map(|id| self.by_id.get(id).cloned()).collect();
            incident::insert_many(tx, &opened).await?;
        } else if new > 0 {
            counter::add(tx, ALERTS, new).await?;
        }
        let mut changed: Vec<Stored> = self.changed.iter().filter_map(|id| self.by_id.get(id).cloned()).collect();
        changed.sort_by_key(|s| s.incident.id);
        incident::upsert_many(tx, &changed).await?;
        let assignees = incident::assignee_names(tx, self.by_id.values()).await?;
        for (id, kind, payload, actor) in self.events {
            if let (Some(stored), Some(service)) =
                (self.by_id.get(&id), self.by_id.get(&id).and_then(|s| services.get(&s.incident.service_id.uuid())))
            {
                let assignee = stored.incident.assigned_to_id.and_then(|a| assignees.get(&a.uuid()).cloned());
                incident::journal(tx, stored, kind, payload, &service.name, assignee, actor);
            }
        }
        Ok(())
    }
}

fn from_alert(tx: &Tx, alert: &Alert, service: &Service, group: Option<String>) -> Stored {
    let new = domain::incident::IncidentIn { title: alert.title.clone(), severity: alert.severity, ..Default::default() };
    let mut stored = incident::fresh(tx, &new, service, 0);
    let i: &mut Incident = &mut stored.incident;
    i.alert_count = 1;
    i.firing_count = 1;
    stored.group_key = group;
    stored
}

/// A signal of OpsGuard's own about an integration that rejects payloads, or takes them again.
pub(crate) fn rejects(integration: &str, id: Uuid, status: SignalStatus, detail: &str) -> domain::alert::Signal {
    domain::alert::Signal {
        dedup_key: rejects_key(id),
        key_from: "integration".into(),
        status,
        title: domain::alert::Signal::clean_title(&format!("Integration {integration} rejects payloads")),
        description: detail.to_owned(),
        severity: domain::incident::Severity::High,
        severity_from: "opsguard".into(),
        labels: Default::default(),
        links: Vec::new(),
        started_at: None,
    }
}

/// The dedup key of that signal.
pub(crate) fn rejects_key(id: Uuid) -> String {
    format!("opsguard:integration-rejects:{id}")
}
