//! Reading one incident: by any of its names, with everything its page shows.

use domain::{
    Id, Problem,
    incident::{Detail, Incident, Row, TimelineItem},
};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryResult, QuerySelect, QueryTrait, Select, sea_query::Expr,
};

use super::{
    entity::{Column, Entity},
    list::{Named, within},
    note, note_entity,
};
use crate::{
    Cx, Result,
    account::names,
    event::{self, read::Query},
    log, service,
    store::{Kind, page},
};

/// Entries of a timeline that a page shows; the rest is asked for.
const TIMELINE: u64 = 200;

/// What people write of an incident.
enum Reference {
    Id(Id<Incident>),
    Number(i64),
}

/// UUID, `inc_..`, `418`, `INC-418`.
fn read(reference: &str) -> Result<Reference> {
    if let Ok(id) = reference.parse::<Id<Incident>>() {
        return Ok(Reference::Id(id));
    }
    let digits = reference.strip_prefix("INC-").or_else(|| reference.strip_prefix("inc-")).unwrap_or(reference);
    Ok(Reference::Number(digits.parse().map_err(|_| Problem::not_found("incident"))?))
}

fn find(reference: &Reference) -> Select<Entity> {
    match reference {
        Reference::Id(id) => Entity::find_by_id(id.uuid()),
        Reference::Number(number) => Entity::find().filter(Column::Number.eq(*number)),
    }
}

/// The id behind what people write.
pub async fn by_reference(cx: &Cx, reference: &str) -> Result<Id<Incident>> {
    let reference = read(reference)?;
    if let Reference::Id(id) = reference {
        return Ok(id);
    }
    cx.scope("incidents")?;
    let found: Option<uuid::Uuid> = find(&reference).select_only().column(Column::Id).into_tuple().one(cx.reader()).await?;
    Ok(Id::new(found.ok_or_else(|| Problem::not_found("incident"))?))
}

/// One incident with its names.
pub async fn get(cx: &Cx, id: Id<Incident>) -> Result<Row> {
    let visible = find(&Reference::Id(id)).filter(within(&cx.scope("incidents")?));
    let found = Named::of(visible).into_model::<Named>().one(cx.reader()).await?;
    found.ok_or_else(|| Problem::not_found("incident"))?.row()
}

/// Everything that the page of an incident shows, of one instant: its state and the event that says so are both there. By
/// UUID, `inc_..`, `418` or `INC-418`.
pub async fn detail(cx: &Cx, reference: &str) -> Result<Detail> {
    let reference = read(reference)?;
    cx.read(move |cx| async move { whole(&cx, &reference).await }).await
}

/// Further names that the page shows: whose, by which column, under which alias.
const MORE_NAMES: [(&str, &str, &str); 4] = [
    ("account", "incident.reported_by_id", "reported_by_name"),
    ("account", "COALESCE(incident.current_ack_by_id, incident.acknowledged_by_id)", "acknowledged_by_name"),
    ("account", "incident.resolved_by_id", "resolved_by_name"),
    ("team", "incident.team_id", "team_name"),
];
/// Before each column of the service.
const OF_SERVICE: &str = "of_";

/// The incident itself, with its service and all names: a row for each of its blockers, or one.
async fn one(cx: &Cx, reference: &Reference) -> Result<Vec<QueryResult>> {
    let visible = find(reference).filter(within(&cx.scope("incidents")?));
    let mut select = MORE_NAMES
        .iter()
        .fold(Named::of(visible), |select, (table, column, alias)| select.expr_as(names::of_column(table, column), *alias));
    let query = QueryTrait::query(&mut select);
    query.join(JoinType::InnerJoin, "service", Expr::cust("service.id = incident.service_id"));
    page::also::<service::Entity>(query, OF_SERVICE);
    log::beside_incident(query);
    use sea_orm::ConnectionTrait;
    Ok(cx.reader().query_all_raw(select.build(cx.app.store.backend())).await?)
}

async fn whole(cx: &Cx, reference: &Reference) -> Result<Detail> {
    let rows = one(cx, reference).await?;
    let found = rows.first().ok_or_else(|| Problem::not_found("incident"))?;
    let (stored, row) = Named::from_query_result(found, "")?.split()?;
    let i = &row.incident;
    let rendered = |text: &str| if text.is_empty() { String::new() } else { note::render(text) };
    Ok(Detail {
        reported_by_name: found.try_get("", "reported_by_name")?,
        acknowledged_by_name: found.try_get("", "acknowledged_by_name")?,
        resolved_by_name: found.try_get("", "resolved_by_name")?,
        team_id: stored.team,
        team_name: found.try_get("", "team_name")?,
        alerts: crate::alert::of_incident(cx, i.id, 50).await?,
        blockers: log::blockers_of_rows(&rows)?,
        timeline: told(cx, i.id, None).await?,
        service: service::seen_by(cx, service::Model::from_query_result(found, OF_SERVICE)?)?,
        description_html: rendered(&i.description),
        resolution_html: rendered(&i.resolution_notes),
        row,
    })
}

/// The events of an incident, newest first, before a seq when one is given; with the notes that they speak of.
pub async fn timeline(cx: &Cx, id: Id<Incident>, before: Option<i64>) -> Result<Vec<TimelineItem>> {
    cx.read(move |cx| async move {
        get(&cx, id).await?;
        told(&cx, id, before).await
    })
    .await
}

/// Before each column of the note.
const OF_NOTE: &str = "note_";

/// An event of an incident with the note that it speaks of.
#[derive(FromQueryResult)]
struct Told {
    #[sea_orm(nested)]
    event: event::read::Named,
    #[sea_orm(nested(prefix = "note_"))]
    note: Option<note_entity::Model>,
}

/// The timeline of an incident that the caller was shown already.
async fn told(cx: &Cx, id: Id<Incident>, before: Option<i64>) -> Result<Vec<TimelineItem>> {
    let query = Query { incident: Some(id), before, limit: TIMELINE, ..Default::default() };
    // An edit shows on the note itself.
    let mut select =
        event::read::matching(&domain::account::Scope::All, &query).filter(event::read::Column::Kind.ne("incident.note_edited"));
    let note_id = match cx.app.store.kind {
        Kind::Sqlite => "unhex(replace(json_extract(event.payload, '$.note_id'), '-', ''))",
        Kind::Postgres => "CAST(CAST(event.payload AS jsonb) ->> 'note_id' AS uuid)",
    };
    let spoken_of = format!("note.id = CASE event.kind WHEN 'incident.noted' THEN {note_id} END");
    let joined = QueryTrait::query(&mut select);
    joined.join(JoinType::LeftJoin, "note", Expr::cust(spoken_of));
    page::also::<note_entity::Entity>(joined, OF_NOTE);
    let told = select.into_model::<Told>().all(cx.reader()).await?;
    Ok(told.into_iter().map(|t| TimelineItem { note: t.note.map(note::of), event: t.event.event() }).collect())
}
