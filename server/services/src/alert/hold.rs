//! Auto-pause: a held alert that still fires at the end of its hold opens an incident.

use std::collections::{HashMap, HashSet};

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{
    apply::Incidents,
    entity::{Column, Entity},
    repo::{self, Known},
};
use crate::{Cx, Result, incident, service};

/// Alerts that one write releases.
const CHUNK: u64 = 50;

/// Opens what was held long enough; answers how many.
pub async fn release_held(cx: &Cx) -> Result<u64> {
    let due = |now: domain::Instant| {
        Entity::find().filter(Column::HoldUntil.lte(now.ms())).order_by_asc(Column::ServiceId).order_by_asc(Column::DedupKey).limit(CHUNK)
    };
    if due(cx.now()).one(cx.reader()).await?.is_none() {
        return Ok(0);
    }
    cx.write_plain(move |tx| async move {
        let rows = tx.for_update(due(tx.now())).all(tx.conn()).await?;
        let mut held = rows.into_iter().map(Known::of).collect::<Result<Vec<_>>>()?;
        let ids: HashSet<_> = held.iter().map(|k| k.alert.service_id.uuid()).collect();
        let services: HashMap<_, _> =
            service::load_many(&tx, ids.into_iter().collect()).await?.into_iter().map(|s| (s.id.uuid(), s)).collect();
        let groups = held.iter().filter_map(|k| Some((k.alert.service_id.uuid(), k.alert.explanation.group_key.clone()?))).collect();
        let mut incidents = Incidents::of(&tx, incident::live_of_groups(&tx, &groups).await?.into_iter().collect()).await?;
        for known in &mut held {
            known.alert.hold_until = None;
            known.alert.rev += 1;
            if let Some(service) = services.get(&known.alert.service_id.uuid()) {
                incidents.attach(&tx, known, service, None);
            }
        }
        incidents.store(&tx, &services, 0).await?;
        repo::upsert_many(&tx, &held.iter().collect::<Vec<_>>()).await?;
        Ok(held.len() as u64)
    })
    .await
}
