//! Blockers in the database.

use std::cmp::Reverse;

use domain::{
    Id, Instant, Problem,
    account::{Scope, Target, Team},
    list::{Page, Paging},
    log::{Blocker, BlockerFilter, BlockerRow, BlockerState},
    service::Visibility,
    time::DAY,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, JoinType, Order, QueryFilter, QueryOrder, QueryResult, QuerySelect, QueryTrait,
    Select,
    sea_query::{Expr, Query, SelectStatement},
};

use super::entity::{Column, Entity, Model};
use crate::{
    Cx, Result,
    account::names,
    log::{cursor, older, parsed},
    store::{self, page as paged, search},
};

/// A blocker with what only its row knows: its number, and who may know of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stored {
    pub blocker: Blocker,
    pub number: i64,
    pub team: Option<Id<Team>>,
    pub visibility: Visibility,
}

impl Stored {
    pub fn of(m: Model) -> Self {
        Self {
            number: m.number,
            team: m.team_id.map(Id::new),
            visibility: if m.visibility == "team" { Visibility::Team } else { Visibility::All },
            blocker: Blocker {
                id: Id::new(m.id),
                description: m.description,
                impact: m.impact,
                status: if m.active { BlockerState::Active } else { BlockerState::Resolved },
                owner_id: Id::new(m.owner_id),
                waits_for_id: m.waits_for_id.map(Id::new),
                waits_for: m.waits_for,
                related_status_id: m.related_status_id.map(Id::new),
                related_incident_id: m.related_incident_id.map(Id::new),
                resolution_notes: m.resolution_notes,
                resolved_at: m.resolved_at.map(Instant),
                resolved_by_id: m.resolved_by_id.map(Id::new),
                created_at: Instant(m.created_at),
                updated_at: Instant(m.updated_at),
                version: m.version,
                rev: m.rev,
            },
        }
    }

    pub fn model(&self) -> Model {
        let b = &self.blocker;
        Model {
            id: b.id.uuid(),
            number: self.number,
            description: b.description.clone(),
            impact: b.impact.clone(),
            active: b.status == BlockerState::Active,
            owner_id: b.owner_id.uuid(),
            waits_for_id: b.waits_for_id.map(Id::uuid),
            waits_for: b.waits_for.clone(),
            related_status_id: b.related_status_id.map(Id::uuid),
            related_incident_id: b.related_incident_id.map(Id::uuid),
            team_id: self.team.map(Id::uuid),
            visibility: if self.visibility == Visibility::Team { "team".into() } else { "all".into() },
            resolution_notes: b.resolution_notes.clone(),
            resolved_at: b.resolved_at.map(Instant::ms),
            resolved_by_id: b.resolved_by_id.map(Id::uuid),
            created_at: b.created_at.ms(),
            updated_at: b.updated_at.ms(),
            version: b.version,
            rev: b.rev,
        }
    }

    pub fn target(&self) -> Target {
        Target { team: self.team, visibility: self.visibility, owner: None }
    }
}

fn within(scope: &Scope) -> Condition {
    store::within(scope, Column::Visibility.eq("all"), Column::TeamId)
}

/// How many active blockers refer to the update of the row, as far as the reader may know of them.
pub(crate) fn active_of_update(scope: &Scope) -> Expr {
    let count = Query::select()
        .expr(Expr::cust("COUNT(*)"))
        .from(Entity)
        .cond_where(Condition::all().add(within(scope)).add(Expr::cust("blocker.active AND blocker.related_status_id = status_update.id")))
        .to_owned();
    Expr::SubQuery(None, Box::new(count.into()))
}

/// A blocker with the names beside it.
#[derive(FromQueryResult)]
struct Shown {
    #[sea_orm(nested)]
    model: Model,
    owner_name: String,
    waits_for_name: Option<String>,
    resolved_by_name: Option<String>,
    related_status_title: Option<String>,
    related_incident_number: Option<i64>,
}

/// Whose name, by which column, under which alias.
const NAMES: [(&str, &str, &str); 3] = [
    ("account", "blocker.owner_id", "owner_name"),
    ("account", "blocker.waits_for_id", "waits_for_name"),
    ("account", "blocker.resolved_by_id", "resolved_by_name"),
];

impl Shown {
    fn of(mut select: Select<Entity>) -> Select<Entity> {
        Self::names(QueryTrait::query(&mut select), "");
        select
    }

    /// Adds what stands beside the row, each under a prefix.
    fn names(query: &mut SelectStatement, prefix: &str) {
        for (table, reference, alias) in NAMES {
            query.expr_as(names::of_column(table, reference), format!("{prefix}{alias}"));
        }
        let title = "(SELECT u.title FROM status_update u WHERE u.id = blocker.related_status_id AND u.deleted_at IS NULL)";
        let number = "(SELECT i.number FROM incident i WHERE i.id = blocker.related_incident_id)";
        query.expr_as(Expr::cust(title), format!("{prefix}related_status_title"));
        query.expr_as(Expr::cust(number), format!("{prefix}related_incident_number"));
    }

    fn row(self) -> BlockerRow {
        BlockerRow {
            blocker: Stored::of(self.model).blocker,
            owner_name: self.owner_name,
            waits_for_name: self.waits_for_name,
            related_status_title: self.related_status_title,
            related_incident_number: self.related_incident_number,
            resolved_by_name: self.resolved_by_name,
        }
    }
}

/// Active first, newest first.
fn ordered(select: Select<Entity>) -> Select<Entity> {
    select.order_by(Column::Active, Order::Desc).order_by(Column::CreatedAt, Order::Desc).order_by(Column::Id, Order::Desc)
}

/// Blockers, active first, newest first.
pub async fn list(cx: &Cx, filter: &BlockerFilter, paging: &Paging) -> Result<Page<BlockerRow>> {
    let mut select = Entity::find().filter(within(&cx.scope("log")?));
    if let Some(status) = filter.status {
        select = select.filter(Column::Active.eq(status == BlockerState::Active));
    }
    for (column, id) in [
        (Column::OwnerId, filter.owner_id.map(Id::uuid)),
        (Column::WaitsForId, filter.waits_for_id.map(Id::uuid)),
        (Column::RelatedStatusId, filter.related_status_id.map(Id::uuid)),
        (Column::RelatedIncidentId, filter.related_incident_id.map(Id::uuid)),
    ] {
        if let Some(id) = id {
            select = select.filter(column.eq(id));
        }
    }
    if let Some(words) = filter.q.as_deref().map(str::trim).filter(|q| !q.is_empty()) {
        select = select.filter(search::found(cx.app.store.backend(), "blocker", words));
    }
    let total = paged::counted(select.clone(), Column::Id);
    if let Some(after) = &paging.after {
        select = select.filter(behind(after)?);
    }
    let found = paged::page::<_, Shown>(cx.reader(), total, ordered(Shown::of(select)), paging).await?;
    let next = found.rows.last().filter(|_| found.more);
    let next = next.map(|s| format!("{}.{}", u8::from(s.model.active), cursor(s.model.created_at, s.model.id)));
    Ok(Page::new(found.rows.into_iter().map(Shown::row).collect(), found.total, paging, next))
}

/// `<active>.<made at>.<id>` of the last row.
fn behind(cursor: &str) -> Result<Condition> {
    let (active, rest) = cursor.split_once('.').unwrap_or(("", cursor));
    let later = older(Column::CreatedAt, Column::Id, parsed(rest)?);
    let of_the_kind = |active: bool| Condition::all().add(Column::Active.eq(active)).add(later.clone());
    Ok(match active {
        "1" => Condition::any().add(of_the_kind(true)).add(Column::Active.eq(false)),
        _ => Condition::all().add(of_the_kind(false)),
    })
}

/// Before each column of a blocker that comes with its incident.
const BESIDE: &str = "blocker_";

/// Brings the blockers of an incident along with it, a row for each. Who may know of an incident may know of its blockers.
pub(crate) fn beside_incident(query: &mut SelectStatement) {
    query.join(JoinType::LeftJoin, "blocker", Expr::cust("blocker.related_incident_id = incident.id"));
    paged::also::<Entity>(query, BESIDE);
    Shown::names(query, BESIDE);
    query.limit(200);
}

/// The blockers that came with an incident: active first, newest first, at most 50.
pub(crate) fn of_rows(rows: &[QueryResult]) -> Result<Vec<BlockerRow>> {
    let came = rows.iter().filter_map(|row| of_row(row).transpose());
    let mut blockers = came.collect::<Result<Vec<BlockerRow>>>()?;
    blockers.sort_by_key(|row| (row.blocker.status == BlockerState::Resolved, Reverse(row.blocker.id)));
    blockers.truncate(50);
    Ok(blockers)
}

fn of_row(row: &QueryResult) -> Result<Option<BlockerRow>> {
    let Some(model) = Model::from_query_result_optional(row, BESIDE)? else { return Ok(None) };
    let shown = Shown {
        model,
        owner_name: row.try_get(BESIDE, "owner_name")?,
        waits_for_name: row.try_get(BESIDE, "waits_for_name")?,
        resolved_by_name: row.try_get(BESIDE, "resolved_by_name")?,
        related_status_title: row.try_get(BESIDE, "related_status_title")?,
        related_incident_number: row.try_get(BESIDE, "related_incident_number")?,
    };
    Ok(Some(shown.row()))
}

/// One blocker by its id.
pub async fn one(cx: &Cx, id: &str) -> Result<BlockerRow> {
    let id: Id<Blocker> = id.parse().map_err(|_| Problem::not_found("blocker"))?;
    let one = Shown::of(Entity::find_by_id(id.uuid()).filter(within(&cx.scope("log")?)));
    Ok(one.into_model::<Shown>().one(cx.reader()).await?.ok_or_else(|| Problem::not_found("blocker"))?.row())
}

/// What concerns the caller now: active blockers that wait for them, and those of theirs that somebody else resolved within
/// the last day. At most 20.
pub async fn on_me(cx: &Cx) -> Result<Vec<BlockerRow>> {
    let me = cx.user()?.uuid();
    let waiting = Condition::all().add(Column::Active.eq(true)).add(Column::WaitsForId.eq(me));
    let freed = Condition::all()
        .add(Column::OwnerId.eq(me))
        .add(Column::ResolvedAt.gte(cx.now().plus(-DAY).ms()))
        .add(Condition::any().add(Column::ResolvedById.is_null()).add(Column::ResolvedById.ne(me)));
    let select = Entity::find().filter(within(&cx.scope("log")?)).filter(Condition::any().add(waiting).add(freed));
    let rows = ordered(Shown::of(select)).limit(20).into_model::<Shown>().all(cx.reader()).await?;
    Ok(rows.into_iter().map(Shown::row).collect())
}
