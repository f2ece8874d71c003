//! Demo data: a believable organisation to look at, made through the use cases and taken out again completely.
//!
//! Everything is written by the verbs that people and sources use, with their rights, rules and events; only the instant is
//! set ([`Cx::at`]), because a month of history cannot be waited for. The acts are played in the order of their instants, so
//! that numbers and journal run as they would have.
//!
//! **What belongs to the demo is what the journal says that the source `demo` made**: the entry stands in the transaction of
//! its row, so that even a demo that was cut off half-way can be removed. [`remove`] deletes the demo's services with all
//! that happened on them, whoever did it, then its people and teams; one that something else refers to is archived instead.
//! The journal is append-only: its entries of the demo stay, and numbers of incidents are not given again.
//!
//! The people of the demo have no password, so nobody can sign in as one of them, and none is an administrator.

mod log;
mod organisation;
mod play;
mod remove;
mod service;
mod story;

pub use remove::{Removed, remove};

use domain::{
    Instant, Problem,
    account::{Action, Target},
};
use sea_orm::{ConnectionTrait, Statement};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    Cx, Request, Result,
    event::feed,
    store::{self, NewEvent, setting},
};

/// The source that the journal names.
const SOURCE: &str = "demo";
/// The setting that says that there is demo data.
const SETTING: &str = "demo";
const NOUN: &str = "demo data";

/// What the setting holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Mark {
    /// The demo's events come after this one.
    after_seq: i64,
    /// False while it is being made, and after it was cut off.
    complete: bool,
}

/// What an installation has of the demo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nothing, and nothing else either: nobody made a team, a service or an incident yet.
    Empty,
    /// None, but people work here.
    InUse,
    /// All of it.
    Seeded,
    /// Part of it: making it was cut off. Removing it helps.
    CutOff,
}

/// What was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Teams.
    pub teams: usize,
    /// People, without passwords.
    pub people: usize,
    /// Services.
    pub services: usize,
    /// Their integrations.
    pub integrations: usize,
    /// Incidents of the last 30 days.
    pub incidents: i64,
    /// Of these, not over.
    pub live: i64,
    /// Their alerts.
    pub alerts: i64,
}

/// Whether there is demo data.
pub async fn state(cx: &Cx) -> Result<State> {
    let store = &cx.app.store;
    if let Some(mark) = mark(&store.reader).await? {
        return Ok(if mark.complete { State::Seeded } else { State::CutOff });
    }
    let any = "SELECT 1 FROM team UNION ALL SELECT 1 FROM incident UNION ALL SELECT 1 FROM service WHERE id <> $1 LIMIT 1";
    let any = Statement::from_sql_and_values(store.backend(), any, [domain::service::UNSORTED.uuid().into()]);
    Ok(if store.reader.query_one_raw(any).await?.is_some() { State::InUse } else { State::Empty })
}

/// Makes the demo data. Refused while there is some, and where one of its names is in use.
pub async fn seed(cx: &Cx) -> Result<Summary> {
    cx.authorize(Action::Administer, &Target::ANY, NOUN)?;
    if mark(cx.reader()).await?.is_some() {
        return Err(already().into());
    }
    let demo = inside(cx);
    organisation::refuse_taken(&demo).await?;
    begin(&demo).await?;
    match make(&demo).await {
        Ok(summary) => Ok(summary),
        Err(cause) => {
            if let Err(e) = remove(cx).await {
                tracing::warn!(error = %e, "demo data is half made; `opsguard seed-demo --remove` takes it out");
            }
            Err(cause)
        }
    }
}

/// The same caller, named as the demo by the journal; whoever works meanwhile goes first.
fn inside(cx: &Cx) -> Cx {
    Cx { request: Request { id: cx.request.id.clone(), ..Request::inside(SOURCE) }.into(), idempotency: None, ..cx.bulk() }
}

async fn mark<C: ConnectionTrait>(conn: &C) -> Result<Option<Mark>> {
    Ok(setting::get(conn, SETTING).await?.map(|text| serde_json::from_str(&text)).transpose()?)
}

/// Takes the mark; of two that seed at once, one does.
async fn begin(cx: &Cx) -> Result<()> {
    let mark = Mark { after_seq: feed::newest(&cx.app.store).await?, complete: false };
    let (text, backend) = (store::json(&mark)?, cx.app.store.backend());
    let taken = cx
        .write_plain(move |tx| {
            let insert = "INSERT INTO setting (name, value, updated_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING";
            let insert = Statement::from_sql_and_values(backend, insert, [SETTING.into(), text.clone().into(), tx.now().ms().into()]);
            async move { Ok(tx.conn().execute_raw(insert).await?.rows_affected() == 1) }
        })
        .await?;
    if taken { Ok(()) } else { Err(already().into()) }
}

fn already() -> Problem {
    Problem::conflict("There is demo data already; remove it first (`opsguard seed-demo --remove`).")
}

async fn make(cx: &Cx) -> Result<Summary> {
    let now = cx.now();
    let organisation = organisation::make(cx, now).await?;
    play::play(cx, &organisation, now).await?;
    log::write(cx, &organisation, now).await?;
    finish(cx, &organisation).await
}

/// Counts what was made, and says in the mark and in the journal that all of it is there.
async fn finish(cx: &Cx, organisation: &organisation::Organisation) -> Result<Summary> {
    let ids: Vec<_> = organisation.services().collect();
    let (counted, backend) = (ids.len(), cx.app.store.backend());
    let marks = (1..=counted).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ");
    let sql = format!(
        "SELECT (SELECT COUNT(*) FROM incident WHERE service_id IN ({marks})), (SELECT COUNT(*) FROM incident WHERE live AND service_id IN ({marks})), \
         (SELECT COUNT(*) FROM alert WHERE service_id IN ({marks}))"
    );
    let row = cx.reader().query_one_raw(Statement::from_sql_and_values(backend, sql, ids.iter().map(|id| id.uuid().into()))).await?;
    let row = row.ok_or_else(|| crate::Error::Stored("counts have no row".into()))?;
    let summary = Summary {
        teams: organisation.teams.len(),
        people: organisation.people.len(),
        services: counted,
        integrations: organisation.integrations,
        incidents: row.try_get_by_index(0)?,
        live: row.try_get_by_index(1)?,
        alerts: row.try_get_by_index(2)?,
    };
    let payload = serde_json::to_value(&summary)?;
    cx.write_plain(move |tx| {
        let payload = payload.clone();
        async move {
            let mark = mark(tx.conn()).await?.ok_or_else(|| Problem::conflict("The demo data was removed while it was being made."))?;
            setting::put(tx.conn(), SETTING, &store::json(&Mark { complete: true, ..mark })?, tx.now()).await?;
            tx.event(event("demo.seeded", payload));
            Ok(())
        }
    })
    .await?;
    Ok(summary)
}

fn event(kind: &'static str, payload: serde_json::Value) -> NewEvent {
    NewEvent::record("settings", kind, "setting:demo".into(), 1, if payload.is_null() { json!({}) } else { payload })
}

/// So many minutes before this instant.
const fn ago(now: Instant, minutes: i64) -> Instant {
    now.plus(-minutes * domain::time::MINUTE)
}
