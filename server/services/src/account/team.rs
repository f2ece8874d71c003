//! Teams: made, edited, archived.

use domain::{
    FieldError, Id, Instant, Problem,
    account::{Action, Target, Team, TeamIn, TeamPatch, TeamRow},
    list::{Page, Paging},
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, ExprTrait},
};
use serde_json::{Value, json};

use super::{
    team_entity::{Column, Entity, Model},
    user::part_of,
    zone,
};
use crate::{
    Cx, Result, Tx,
    store::{
        self, NewEvent,
        by_name::{self, lower},
        page as paged,
    },
};

fn of(m: Model) -> Team {
    Team {
        id: Id::new(m.id),
        name: m.name,
        description: m.description,
        time_zone: m.time_zone,
        locale: m.locale,
        archived_at: m.archived_at.map(Instant),
        created_at: Instant(m.created_at),
        updated_at: Instant(m.updated_at),
        version: m.version,
        rev: m.rev,
    }
}

fn row(t: &Team) -> Model {
    Model {
        id: t.id.uuid(),
        name: t.name.clone(),
        description: t.description.clone(),
        time_zone: t.time_zone.clone(),
        locale: t.locale.clone(),
        archived_at: t.archived_at.map(Instant::ms),
        created_at: t.created_at.ms(),
        updated_at: t.updated_at.ms(),
        version: t.version,
        rev: t.rev,
    }
}

pub(super) fn journal(tx: &Tx, t: &Team, kind: &'static str, payload: Value, change: Option<(Value, Value)>) {
    let event = NewEvent::record("accounts", kind, format!("team:{}", t.id), t.rev, payload);
    tx.event(NewEvent { team: Some(t.id), patch: serde_json::to_value(t).unwrap_or_default(), change, ..event });
}

/// Loads one for change, locked, and authorises.
pub(super) async fn locked(cx: &Cx, tx: &Tx, id: Id<Team>) -> Result<Team> {
    let found = tx.for_update(Entity::find_by_id(id.uuid())).one(tx.conn()).await?;
    let team = of(found.ok_or_else(|| Problem::not_found("team"))?);
    cx.authorize(Action::ManageTeams, &Target { team: Some(id), ..Target::ANY }, "team")?;
    Ok(team)
}

/// Stores a changed team.
pub(super) async fn update(tx: &Tx, team: &mut Team) -> Result<()> {
    team.rev += 1;
    team.updated_at = tx.now();
    row(team).into_active_model().reset_all().update(tx.conn()).await?;
    Ok(())
}

/// Journals that somebody joined by an invitation, which was the permission.
pub(super) async fn joined(tx: &Tx, id: Id<Team>, payload: Value) -> Result<()> {
    if let Some(found) = tx.for_update(Entity::find_by_id(id.uuid())).one(tx.conn()).await? {
        let mut team = of(found);
        update(tx, &mut team).await?;
        journal(tx, &team, "team.member_added", payload, None);
    }
    Ok(())
}

/// A name stands once among the teams in use.
async fn refuse_taken(tx: &Tx, name: &str, but: Option<Id<Team>>) -> Result<()> {
    let same = lower(Expr::col((Entity, Column::Name))).eq(lower(Expr::val(name)));
    match Entity::find().filter(same).filter(Column::ArchivedAt.is_null()).one(tx.conn()).await? {
        Some(other) if Some(Id::new(other.id)) != but => {
            Err(Problem::invalid(vec![FieldError::new("name", "taken", "Another team has this name.")]).into())
        }
        _ => Ok(()),
    }
}

/// Makes a team without members.
pub async fn create_team(cx: &Cx, new: TeamIn) -> Result<Team> {
    let new = new.validate(zone::known)?;
    let call = cx.clone();
    cx.write(move |tx| {
        let (cx, new) = (call.clone(), new.clone());
        async move {
            cx.authorize(Action::ManageTeams, &Target::ANY, "team")?;
            refuse_taken(&tx, &new.name, None).await?;
            let TeamIn { name, description, time_zone, locale } = new;
            let (id, now) = (store::id(tx.now()), tx.now());
            let team =
                Team { id, name, description, time_zone, locale, archived_at: None, created_at: now, updated_at: now, version: 1, rev: 1 };
            Entity::insert(row(&team).into_active_model()).exec_without_returning(tx.conn()).await?;
            journal(&tx, &team, "team.created", json!({ "name": team.name }), None);
            Ok(team)
        }
    })
    .await
}

/// Applies an edit made on top of version `seen`.
pub async fn edit_team(cx: &Cx, id: Id<Team>, patch: TeamPatch, seen: i64) -> Result<Team> {
    let call = cx.clone();
    cx.write(move |tx| {
        let (cx, patch) = (call.clone(), patch.clone());
        async move {
            let before = locked(&cx, &tx, id).await?;
            if before.version != seen {
                return Err(Problem::stale(serde_json::to_value(&before)?, Vec::new()).into());
            }
            let TeamIn { name, description, time_zone, locale } = patch.onto(&before).validate(zone::known)?;
            let mut team = Team { name, description, time_zone, locale, ..before.clone() };
            if team != before {
                if team.archived_at.is_none() {
                    refuse_taken(&tx, &team.name, Some(id)).await?;
                }
                team.version += 1;
                update(&tx, &mut team).await?;
                let change = (serde_json::to_value(&before)?, serde_json::to_value(&team)?);
                journal(&tx, &team, "team.edited", json!({ "name": team.name }), Some(change));
            }
            Ok(team)
        }
    })
    .await
}

/// Puts a team away: nothing new can be given to it. What it owns stays its own, and its members keep seeing it.
pub async fn archive_team(cx: &Cx, id: Id<Team>) -> Result<Team> {
    set_archived(cx, id, true).await
}

/// Takes it back into use.
pub async fn restore_team(cx: &Cx, id: Id<Team>) -> Result<Team> {
    set_archived(cx, id, false).await
}

async fn set_archived(cx: &Cx, id: Id<Team>, archived: bool) -> Result<Team> {
    let call = cx.clone();
    cx.write(move |tx| {
        let cx = call.clone();
        async move {
            let mut team = locked(&cx, &tx, id).await?;
            if team.archived_at.is_some() != archived {
                if !archived {
                    refuse_taken(&tx, &team.name, Some(id)).await?;
                }
                team.archived_at = archived.then_some(tx.now());
                update(&tx, &mut team).await?;
                let kind = if archived { "team.archived" } else { "team.restored" };
                journal(&tx, &team, kind, json!({ "name": team.name }), None);
            }
            Ok(team)
        }
    })
    .await
}

/// One team with its number of members.
pub async fn get_team(cx: &Cx, id: Id<Team>) -> Result<TeamRow> {
    cx.scope("accounts")?;
    let found = Counted::of(Entity::find_by_id(id.uuid())).into_model::<Counted>().one(cx.reader()).await?;
    Ok(found.ok_or_else(|| Problem::not_found("team"))?.row())
}

/// What the list is narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TeamFilter {
    /// A part of the name, without case.
    pub q: Option<String>,
    /// Archived ones instead.
    pub archived: bool,
}

/// Teams by name. Every member may see which there are.
pub async fn list_teams(cx: &Cx, filter: &TeamFilter, paging: &Paging) -> Result<Page<TeamRow>> {
    cx.scope("accounts")?;
    let name = || lower(Expr::col((Entity, Column::Name)));
    let mut select = Entity::find();
    select = if filter.archived { select.filter(Column::ArchivedAt.is_not_null()) } else { select.filter(Column::ArchivedAt.is_null()) };
    if let Some(q) = filter.q.as_deref().map(str::trim).filter(|q| !q.is_empty()) {
        select = select.filter(part_of(cx.app.store.kind, Expr::col((Entity, Column::Name)), q));
    }
    let total = paged::counted(select.clone(), Column::Id);
    if let Some(after) = &paging.after {
        select = select.filter(by_name::behind(after, name, Column::Id)?);
    }
    let ordered = Counted::of(select).order_by_asc(name()).order_by_asc(Column::Id);
    let found = paged::page::<_, Counted>(cx.reader(), total, ordered, paging).await?;
    let next = found.rows.last().filter(|_| found.more).map(|t| by_name::cursor(t.model.id, &t.model.name));
    Ok(Page::new(found.rows.into_iter().map(Counted::row).collect(), found.total, paging, next))
}

/// A team with its members who are not archived.
#[derive(FromQueryResult)]
struct Counted {
    #[sea_orm(nested)]
    model: Model,
    members: i64,
}

impl Counted {
    fn of(select: Select<Entity>) -> Select<Entity> {
        let members = "(SELECT COUNT(*) FROM team_member m JOIN account a ON a.id = m.account_id \
                       WHERE a.archived_at IS NULL AND m.team_id = team.id)";
        select.expr_as(Expr::cust(members), "members")
    }

    fn row(self) -> TeamRow {
        TeamRow { members: self.members, team: of(self.model) }
    }
}
