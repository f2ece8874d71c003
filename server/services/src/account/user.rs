//! Users: who is signed in, who there is.

use domain::{
    Id, Problem,
    account::{Caller, Me, Place, Role, User},
    list::{EXACT_TOTAL, Page, Paging},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Statement,
    sea_query::{Expr, ExprTrait, Func},
};

use super::{
    entity::{Column, Entity},
    repo::of,
};
use crate::{
    Cx, Result,
    store::{
        Kind,
        by_name::{self, lower},
    },
};

/// The signed-in person, or the owner of the token, with their teams.
pub async fn me(cx: &Cx) -> Result<Me> {
    let id = cx.user()?;
    let found = Entity::find_by_id(id.uuid()).one(cx.reader()).await?;
    let scopes = match &cx.actor.caller {
        Caller::Person { scopes, .. } => scopes.clone(),
        Caller::Anonymous | Caller::System => None,
    };
    Ok(Me { user: of(found.ok_or_else(Problem::unauthenticated)?)?, teams: places(cx, id).await?, scopes })
}

async fn places(cx: &Cx, user: Id<User>) -> Result<Vec<Place>> {
    let sql = "SELECT t.id, t.name, m.lead FROM team_member m JOIN team t ON t.id = m.team_id \
               WHERE m.account_id = $1 AND t.archived_at IS NULL ORDER BY lower(t.name)";
    let rows = cx.reader().query_all_raw(Statement::from_sql_and_values(cx.app.store.backend(), sql, [user.uuid().into()])).await?;
    let place = |r: &sea_orm::QueryResult| {
        Ok(Place { team_id: Id::new(r.try_get_by_index(0)?), name: r.try_get_by_index(1)?, lead: r.try_get_by_index(2)? })
    };
    rows.iter().map(place).collect()
}

/// One user.
pub async fn get_user(cx: &Cx, id: Id<User>) -> Result<User> {
    cx.scope("accounts")?;
    of(Entity::find_by_id(id.uuid()).one(cx.reader()).await?.ok_or_else(|| Problem::not_found("user"))?)
}

/// What the list is narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// A part of the name or the address, without case.
    pub q: Option<String>,
    /// Only this role.
    pub role: Option<Role>,
    /// Archived ones instead.
    pub archived: bool,
}

/// Whether `part` stands in the text, without case.
pub(super) fn part_of(kind: Kind, text: Expr, part: &str) -> Expr {
    let find = match kind {
        Kind::Sqlite => Func::cust("instr"),
        Kind::Postgres => Func::cust("strpos"),
    };
    Expr::from(find.arg(lower(text)).arg(lower(Expr::val(part)))).gt(0)
}

/// Users by name. Every member may see who the others are.
pub async fn list_users(cx: &Cx, filter: &UserFilter, paging: &Paging) -> Result<Page<User>> {
    cx.scope("accounts")?;
    let (filter, paging) = (filter.clone(), paging.clone());
    cx.read(move |cx| async move { page(&cx, &filter, &paging).await }).await
}

async fn page(cx: &Cx, filter: &UserFilter, paging: &Paging) -> Result<Page<User>> {
    let reader = cx.reader();
    let name = || lower(Expr::col((Entity, Column::Name)));
    let mut select = Entity::find();
    select = if filter.archived { select.filter(Column::ArchivedAt.is_not_null()) } else { select.filter(Column::ArchivedAt.is_null()) };
    if let Some(role) = filter.role {
        select = select.filter(Column::Role.eq(role.as_str()));
    }
    if let Some(q) = filter.q.as_deref().map(str::trim).filter(|q| !q.is_empty()) {
        let part_of = |column: Column| part_of(cx.app.store.kind, Expr::col((Entity, column)), q);
        select = select.filter(Condition::any().add(part_of(Column::Name)).add(part_of(Column::Email)));
    }
    let counted = select.clone().select_only().column(Column::Id).limit(EXACT_TOTAL + 1).count(reader).await?;
    if let Some(after) = &paging.after {
        select = select.filter(by_name::behind(after, name, Column::Id)?);
    } else {
        select = select.offset(paging.offset());
    }
    let ordered = select.order_by_asc(name()).order_by_asc(Column::Id);
    let mut found = ordered.limit(u64::from(paging.page_size) + 1).all(reader).await?;
    let more = found.len() > paging.page_size as usize;
    found.truncate(paging.page_size as usize);
    let next = found.last().filter(|_| more).map(|u| by_name::cursor(u.id, &u.name));
    Ok(Page::new(found.into_iter().map(of).collect::<Result<_>>()?, counted, paging, next))
}
