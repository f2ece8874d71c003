//! Editing an incident's fields, guarded by the version that the person saw.

use domain::{
    Id, Problem,
    account::Action,
    incident::{Incident, IncidentPatch, validate_patch},
};
use serde_json::{Value, json};

use super::repo::{self, load};
use crate::{Cx, Result};

/// Applies an edit made on top of `seen` (the version in If-Match); stale edits are refused with what is there now and
/// the fields that others changed.
pub async fn edit(cx: &Cx, id: Id<Incident>, patch: IncidentPatch, seen: i64) -> Result<Incident> {
    let patch = validate_patch(patch, cx.now())?;
    let call = cx.clone();
    cx.write(move |tx| {
        let (cx, patch) = (call.clone(), patch.clone());
        async move {
            let mut stored = load(&cx, &tx, id, Action::Respond).await?;
            if stored.incident.version != seen {
                let changed = changed_since(&cx, &tx, id, seen).await?;
                return Err(Problem::stale(serde_json::to_value(&stored.incident)?, changed).into());
            }
            let before = serde_json::to_value(&stored.incident)?;
            let from = stored.incident.status;
            let fields = patch.apply(&mut stored.incident, tx.now());
            if !fields.is_empty() {
                let after = serde_json::to_value(&stored.incident)?;
                let pick = |v: &Value| fields.iter().map(|f| ((*f).to_owned(), v[*f].clone())).collect::<serde_json::Map<_, _>>();
                let payload =
                    json!({ "fields": fields, "version": stored.incident.version, "before": pick(&before), "after": pick(&after) });
                repo::store(&tx, &stored, "incident.edited", from, payload).await?;
            }
            Ok(stored.incident)
        }
    })
    .await
}

/// The fields that edits after version `seen` changed, from the journal.
async fn changed_since(cx: &Cx, tx: &crate::Tx, id: Id<Incident>, seen: i64) -> Result<Vec<String>> {
    use sea_orm::{ConnectionTrait, Statement};
    let sql = "SELECT payload FROM event WHERE incident_id = $1 AND kind = 'incident.edited' ORDER BY seq DESC LIMIT 200";
    let rows = tx.conn().query_all_raw(Statement::from_sql_and_values(cx.app.store.backend(), sql, [id.uuid().into()])).await?;
    let mut fields = std::collections::BTreeSet::new();
    for row in rows {
        let payload: Option<String> = row.try_get_by_index(0)?;
        let payload: Value = payload.map(|p| serde_json::from_str(&p)).transpose()?.unwrap_or_default();
        if payload["version"].as_i64().is_some_and(|v| v > seen) {
            fields.extend(payload["fields"].as_array().into_iter().flatten().filter_map(|f| f.as_str().map(str::to_owned)));
        }
    }
    Ok(fields.into_iter().collect())
}
