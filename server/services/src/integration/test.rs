//! The test alert: a payload as the integration's own source would send it, through the same door as every other, so that
//! people watch a real incident open.

use domain::{
    Id, Problem,
    account::Action,
    alert::AlertStatus,
    incident::Incident,
    integration::{Integration, Kind},
    list::Paging,
};
use serde_json::{Value, json};

use super::{
    accept::{Rejected, accept},
    keys::Found,
    verb::load,
};
use crate::{Cx, Result, alert, incident, store::NewEvent};

/// The alert's key at its source; a second test is the same alert firing again.
const KEY: &str = "opsguard-test";
const TITLE: &str = "Test alert from OpsGuard";

/// As the source would write it.
fn payload(kind: Kind) -> Value {
    match kind {
        Kind::Generic => {
            json!({ "title": TITLE, "severity": "high", "dedup_key": KEY, "description": "Sent from the page of the integration." })
        }
        Kind::Alertmanager => {
            let labels = json!({ "alertname": TITLE, "severity": "high" });
            let alert = json!({ "status": "firing", "labels": labels, "annotations": { "summary": TITLE }, "endsAt": "0001-01-01T00:00:00Z", "fingerprint": KEY });
            json!({ "version": "4", "groupKey": KEY, "status": "firing", "receiver": "opsguard", "groupLabels": {}, "commonLabels": labels, "alerts": [alert] })
        }
        Kind::Pagerduty => {
            json!({ "event_action": "trigger", "dedup_key": KEY, "payload": { "summary": TITLE, "source": "OpsGuard", "severity": "error" } })
        }
    }
}

/// Sends the test alert; answers the number of the incident that it is in, and nothing while the service holds it.
pub async fn send_test(cx: &Cx, id: Id<Integration>) -> Result<Option<i64>> {
    let (integration, service) = load(cx, cx.reader(), id, Action::ConfigureService).await?;
    let found = Found::of(&integration, &service);
    match accept(&cx.app, &found, "application/json", payload(integration.kind).to_string().as_bytes()).await {
        Ok(_) => {}
        Err(Rejected::Unreadable(faults)) => {
            return Err(Problem::conflict(format!("The test alert could not be read: {}", faults.join("; "))).into());
        }
        Err(Rejected::Fault(e)) => return Err(e),
    }
    let (team, service) = (service.team_id, service.id);
    cx.write_plain(move |tx| async move {
        let event = NewEvent::record("services", "integration.tested", format!("integration:{id}"), 0, json!({}));
        tx.event(NewEvent { service: Some(service), team, ..event });
        Ok(())
    })
    .await?;
    let filter = alert::Filter { status: Some(AlertStatus::Firing), service_id: Some(service), incident_id: None };
    let firing = alert::list(cx, &filter, &Paging { page_size: 200, ..Paging::default() }).await?;
    let incident: Option<Id<Incident>> =
        firing.items.into_iter().filter(|a| a.integration_id == Some(id)).find(|a| a.title == TITLE).and_then(|a| a.incident_id);
    let Some(incident) = incident else { return Ok(None) };
    Ok(incident::rows_by_ids(cx, vec![incident]).await?.pop().map(|row| row.incident.number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::integration::{Settings, read_alertmanager, read_generic, read_pagerduty};

    #[test]
    fn each_kind_reads_its_own_test() {
        for kind in Kind::ALL {
            let body = payload(kind).to_string();
            let signals = match kind {
                Kind::Generic => read_generic(body.as_bytes()).signals,
                Kind::Alertmanager => read_alertmanager(body.as_bytes(), &Settings::default()).signals,
                Kind::Pagerduty => vec![read_pagerduty(body.as_bytes(), "made").unwrap().signal],
            };
            let read: Vec<_> = signals.iter().map(|s| (s.title.as_str(), s.dedup_key.as_str())).collect();
            assert_eq!(read, [(TITLE, KEY)], "{kind:?}");
        }
    }
}
