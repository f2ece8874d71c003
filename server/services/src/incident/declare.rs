//! Declaring an incident by hand or API, and continuing a closed one.

use domain::{
    Millis,
    account::{Action, Target},
    incident::{Incident, IncidentIn, validate_new},
    service::{Service, UNSORTED},
    time::MINUTE,
};
use serde_json::json;

use super::repo::{self, Stored, insert_many, opened};
use crate::{Cx, Result, Tx, service, store};

/// Declares an incident; without a service it goes to "Unsorted".
pub async fn declare(cx: &Cx, new: IncidentIn) -> Result<Incident> {
    let new = validate_new(new, cx.now())?;
    if let Some(to) = new.assigned_to_id {
        crate::account::require_active(cx, to, "assigned_to_id").await?;
    }
    let call = cx.clone();
    cx.write(move |tx| {
        let (cx, new) = (call.clone(), new.clone());
        async move {
            let service = service::load_active(&cx, &tx, new.service_id.unwrap_or(UNSORTED), "service_id").await?;
            cx.authorize(
                Action::DeclareIncident,
                &Target { team: service.team_id, visibility: service.visibility, owner: None },
                "service",
            )?;
            let mut stored = fresh(&tx, &new, &service, repo::number(&tx).await?);
            stored.incident.reported_by_id = cx.actor.caller.user();
            insert_many(&tx, std::slice::from_ref(&stored)).await?;
            opened(&tx, &stored, &service, json!({ "by": "person" }));
            Ok(stored.incident)
        }
    })
    .await
}

/// A new incident of a service, with what the service promises.
pub(crate) fn fresh(tx: &Tx, new: &IncidentIn, service: &Service, number: i64) -> Stored {
    let mut incident = Incident::declared(store::id(tx.now()), number, new, service.id, tx.now());
    let due = |minutes: Option<u32>| minutes.map(|m| tx.now().plus(Millis::from(m) * MINUTE));
    incident.ack_due_at = due(service.target_ack_minutes);
    incident.resolve_due_at = due(service.target_resolve_minutes);
    Stored { incident, team: service.team_id, visibility: service.visibility, group_key: None, quiet_until: None }
}

/// A new incident that continues a closed one.
pub(crate) async fn continuation(cx: &Cx, tx: &Tx, closed: &Stored) -> Result<Incident> {
    let old = &closed.incident;
    let new = IncidentIn {
        title: old.title.clone(),
        description: old.description.clone(),
        severity: old.severity,
        urgency: Some(old.urgency),
        service_id: Some(old.service_id),
        assigned_to_id: None,
        impact_started_at: None,
    };
    let service = service::load(tx, old.service_id).await?;
    let mut stored = fresh(tx, &new, &service, repo::number(tx).await?);
    stored.incident.reported_by_id = cx.actor.caller.user();
    stored.incident.continues_id = Some(old.id);
    insert_many(tx, std::slice::from_ref(&stored)).await?;
    opened(tx, &stored, &service, json!({ "by": "person", "continues": old.id, "continues_number": old.number }));
    repo::changed(tx, closed, "incident.continued", json!({ "by": stored.incident.id, "by_number": stored.incident.number })).await?;
    Ok(stored.incident)
}
