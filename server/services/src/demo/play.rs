//! Plays the stories: every act at its instant, in the order in which they happened.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use domain::{
    Id, Instant,
    alert::{Signal, SignalStatus},
    incident::{AUTO_CLOSE_MS, Incident, IncidentIn},
    integration::Kind,
    list::Paging,
    time::MINUTE,
};

use super::{
    ago,
    organisation::Organisation,
    service::SERVICES,
    story::{Act, Opening, Sign, Tale, tales},
};
use crate::{
    Actor, Cx, Error, Result,
    alert::{self, Delivery},
    incident,
};

/// Plays every tale up to `now`.
pub(super) async fn play(cx: &Cx, organisation: &Organisation, now: Instant) -> Result<()> {
    let mut steps: Vec<(Instant, usize, Option<&'static Act>)> = Vec::new();
    let tales: Vec<&'static Tale> = tales().collect();
    for (index, tale) in tales.iter().enumerate() {
        let begins = ago(now, tale.ago);
        steps.push((begins, index, None));
        steps.extend(tale.then.iter().map(|(seconds, act)| (begins.plus(seconds * 1_000), index, Some(act))));
    }
    steps.sort_by_key(|(at, ..)| *at);
    let system = Cx { actor: Actor::system().into(), ..cx.clone() };
    let mut stage = Stage { system, organisation, due: BTreeSet::new(), incidents: HashMap::new(), signs: HashMap::new() };
    for (at, index, act) in steps {
        // A tale that reaches into the future has not got that far.
        if at > now {
            continue;
        }
        stage.time_passes(at).await?;
        stage.act(at, index, tales[index], act).await?;
    }
    stage.time_passes(now).await
}

struct Stage<'a> {
    system: Cx,
    organisation: &'a Organisation,
    /// When holds end and resolved incidents close.
    due: BTreeSet<Instant>,
    incidents: HashMap<usize, Id<Incident>>,
    signs: HashMap<(usize, &'static str), &'static Sign>,
}

impl Stage<'_> {
    /// What the engine would have done until then. A node that serves at the same time may be first: it does the same, later.
    async fn time_passes(&mut self, until: Instant) -> Result<()> {
        while let Some(at) = self.due.first().copied().filter(|at| *at <= until) {
            self.due.remove(&at);
            let then = self.system.at(at);
            alert::release_held(&then).await?;
            incident::auto_close(&then).await?;
        }
        Ok(())
    }

    async fn act(&mut self, at: Instant, index: usize, tale: &'static Tale, act: Option<&'static Act>) -> Result<()> {
        match act {
            None => match &tale.opening {
                Opening::Alert(sign) => self.fires(at, index, tale, sign).await?,
                Opening::Declared { by, title, severity, description } => {
                    let service = self.organisation.source(tale.service)?.service;
                    let new = IncidentIn {
                        title: (*title).into(),
                        description: (*description).into(),
                        severity: *severity,
                        service_id: Some(service),
                        impact_started_at: Some(at.plus(-20 * MINUTE)),
                        ..IncidentIn::default()
                    };
                    let declared = incident::declare(&self.person(by, at)?, new).await?;
                    self.incidents.insert(index, declared.id);
                }
            },
            Some(Act::Fires(sign)) => self.fires(at, index, tale, sign).await?,
            Some(Act::Again(key)) => {
                let sign = self.signs.get(&(index, *key)).copied().ok_or_else(|| lost(key))?;
                self.deliver(at, tale, signal(sign, SignalStatus::Firing, tale.kind(self.organisation)?)).await?;
            }
            Some(Act::Over(key)) => {
                let sign = self.signs.get(&(index, *key)).copied().ok_or_else(|| lost(key))?;
                self.deliver(at, tale, signal(sign, SignalStatus::Resolved, tale.kind(self.organisation)?)).await?;
                self.due.insert(at.plus(AUTO_CLOSE_MS));
            }
            Some(Act::Acknowledge(who)) => drop(incident::acknowledge(&self.person(who, at)?, self.incident(index, tale).await?).await?),
            Some(Act::Start(who)) => drop(incident::start(&self.person(who, at)?, self.incident(index, tale).await?).await?),
            Some(Act::Assign(who, to)) => {
                let to = self.organisation.person(to)?.user()?;
                incident::assign(&self.person(who, at)?, self.incident(index, tale).await?, Some(to)).await?;
            }
            Some(Act::Note(who, text)) => {
                drop(incident::add_note(&self.person(who, at)?, self.incident(index, tale).await?, (*text).into()).await?)
            }
            Some(Act::Resolve(who, notes)) => {
                incident::resolve(&self.person(who, at)?, self.incident(index, tale).await?, (*notes).into()).await?;
                self.due.insert(at.plus(AUTO_CLOSE_MS));
            }
        }
        Ok(())
    }

    fn person(&self, name: &str, at: Instant) -> Result<Cx> {
        Ok(self.organisation.person(name)?.at(at))
    }

    async fn fires(&mut self, at: Instant, index: usize, tale: &'static Tale, sign: &'static Sign) -> Result<()> {
        self.signs.insert((index, sign.key), sign);
        let pause = SERVICES.iter().find(|s| s.name == tale.service).map_or(0, |s| s.auto_pause_minutes);
        if pause > 0 {
            self.due.insert(at.plus(i64::from(pause) * MINUTE));
        }
        self.deliver(at, tale, signal(sign, SignalStatus::Firing, tale.kind(self.organisation)?)).await
    }

    /// Brings a signal in as the queue does, with a time of its own.
    async fn deliver(&self, at: Instant, tale: &Tale, signal: Signal) -> Result<()> {
        let source = self.organisation.source(tale.service)?.clone();
        alert::apply(&self.system.at(at), Arc::new(vec![Delivery { source, signals: vec![signal] }])).await
    }

    /// The incident of a tale: declared, or that of its first alert.
    async fn incident(&mut self, index: usize, tale: &Tale) -> Result<Id<Incident>> {
        if let Some(id) = self.incidents.get(&index) {
            return Ok(*id);
        }
        let Opening::Alert(sign) = &tale.opening else { return Err(lost(tale.service)) };
        let filter = alert::Filter { service_id: Some(self.organisation.source(tale.service)?.service), ..alert::Filter::default() };
        let latest = alert::list(&self.system, &filter, &Paging::default()).await?.items;
        let id = latest.into_iter().find(|a| a.dedup_key == sign.key).and_then(|a| a.incident_id).ok_or_else(|| lost(sign.key))?;
        self.incidents.insert(index, id);
        Ok(id)
    }
}

fn lost(what: &str) -> Error {
    Error::Stored(format!("the demo's story has lost {what}"))
}

impl Tale {
    fn kind(&self, organisation: &Organisation) -> Result<Kind> {
        Ok(organisation.source(self.service)?.kind.unwrap_or(Kind::Generic))
    }
}

/// A signal as the reader of this kind makes it.
fn signal(sign: &Sign, status: SignalStatus, kind: Kind) -> Signal {
    let (key_from, severity_from) = match kind {
        Kind::Alertmanager => ("fingerprint", "labels.severity"),
        Kind::Pagerduty => ("dedup_key", "payload.severity"),
        Kind::Generic => ("dedup_key", "severity"),
    };
    let mut labels: std::collections::BTreeMap<String, String> = sign.labels.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
    labels.insert("severity".into(), sign.severity.as_str().into());
    Signal {
        dedup_key: sign.key.into(),
        key_from: key_from.into(),
        status,
        title: Signal::clean_title(sign.title),
        description: sign.description.into(),
        severity: sign.severity,
        severity_from: severity_from.into(),
        labels,
        links: Vec::new(),
        started_at: None,
    }
}
