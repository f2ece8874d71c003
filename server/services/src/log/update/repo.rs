//! Status updates in the database.

use domain::{
    FieldError, Id, Instant, Problem,
    list::{Page, Paging},
    log::{Update, UpdateFilter, UpdateRow, tag},
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, ExprTrait},
};

use super::entity::{Column, Entity, Model};
use crate::{
    Cx, Result, Tx,
    account::names,
    log::{cursor, older, parsed},
    store::{self, json, page as paged, search},
};

pub(super) fn of(m: Model) -> Result<Update> {
    Ok(Update {
        id: Id::new(m.id),
        author_id: Id::new(m.author_id),
        title: m.title,
        content: m.content,
        html: m.html,
        tags: serde_json::from_str(&m.tags)?,
        deleted_at: m.deleted_at.map(Instant),
        created_at: Instant(m.created_at),
        updated_at: Instant(m.updated_at),
        version: m.version,
        rev: m.rev,
    })
}

pub(super) fn model(u: &Update, number: i64) -> Result<Model> {
    Ok(Model {
        id: u.id.uuid(),
        number,
        author_id: u.author_id.uuid(),
        title: u.title.clone(),
        content: u.content.clone(),
        html: u.html.clone(),
        tags: json(&u.tags)?,
        deleted_at: u.deleted_at.map(Instant::ms),
        created_at: u.created_at.ms(),
        updated_at: u.updated_at.ms(),
        version: u.version,
        rev: u.rev,
    })
}

/// An update with its author's name and its active blockers.
#[derive(FromQueryResult)]
struct Shown {
    #[sea_orm(nested)]
    model: Model,
    author_name: String,
    active_blockers: i64,
}

impl Shown {
    fn of(cx: &Cx, select: Select<Entity>) -> Result<Select<Entity>> {
        let active = super::super::blocker::active_of_update(&cx.scope("log")?);
        Ok(select.expr_as(names::of_column("account", "status_update.author_id"), "author_name").expr_as(active, "active_blockers"))
    }

    fn row(self) -> Result<UpdateRow> {
        Ok(UpdateRow { update: of(self.model)?, author_name: self.author_name, active_blockers: self.active_blockers })
    }
}

/// Refuses the field unless the update is there.
pub(crate) async fn require(tx: &Tx, id: Id<Update>, field: &str) -> Result<()> {
    let found = Entity::find_by_id(id.uuid()).filter(Column::DeletedAt.is_null()).one(tx.conn()).await?;
    if found.is_none() {
        return Err(Problem::invalid(vec![FieldError::new(field, "not_found", "There is no such update.")]).into());
    }
    Ok(())
}

/// Updates, newest first; deleted ones are left out. Every member reads all of them.
pub async fn list(cx: &Cx, filter: &UpdateFilter, paging: &Paging) -> Result<Page<UpdateRow>> {
    cx.scope("log")?;
    let mut select = Entity::find().filter(Column::DeletedAt.is_null());
    if let Some(author) = filter.author_id {
        select = select.filter(Column::AuthorId.eq(author.uuid()));
    }
    if let Some(from) = filter.from {
        select = select.filter(Column::CreatedAt.gte(from.ms()));
    }
    if let Some(to) = filter.to {
        select = select.filter(Column::CreatedAt.lt(to.ms()));
    }
    if let Some(name) = filter.tag.as_deref().map(tag).filter(|tag| !tag.is_empty()) {
        let tagged = "status_update.id IN (SELECT update_id FROM status_update_tag WHERE tag = $1)";
        let tagged = if cx.app.store.kind == store::Kind::Postgres { tagged.to_owned() } else { tagged.replace("$1", "?") };
        select = select.filter(Expr::cust_with_values(tagged, [name]));
    }
    if let Some(words) = filter.q.as_deref().map(str::trim).filter(|q| !q.is_empty()) {
        select = select.filter(search::found(cx.app.store.backend(), "status_update", words));
    }
    let total = paged::counted(select.clone(), Column::Id);
    if let Some(after) = &paging.after {
        select = select.filter(older(Column::CreatedAt, Column::Id, parsed(after)?));
    }
    let ordered = Shown::of(cx, select)?.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id);
    let found = paged::page::<_, Shown>(cx.reader(), total, ordered, paging).await?;
    let next = found.rows.last().filter(|_| found.more).map(|s| cursor(s.model.created_at, s.model.id));
    Ok(Page::new(found.rows.into_iter().map(Shown::row).collect::<Result<_>>()?, found.total, paging, next))
}

/// One update by its id. A deleted one is there for its author only, who may take that back.
pub async fn one(cx: &Cx, id: &str) -> Result<UpdateRow> {
    let id: Id<Update> = id.parse().map_err(|_| Problem::not_found("update"))?;
    let scope = cx.scope("log")?;
    let mut there = Condition::any().add(Column::DeletedAt.is_null());
    if let Some(me) = cx.actor.caller.user() {
        there = there.add(Column::AuthorId.eq(me.uuid()));
    }
    if scope == domain::account::Scope::Nothing {
        there = Condition::all().add(Expr::val(1).eq(0));
    }
    let one = Shown::of(cx, Entity::find_by_id(id.uuid()).filter(there))?;
    one.into_model::<Shown>().one(cx.reader()).await?.ok_or_else(|| Problem::not_found("update"))?.row()
}
