//! Users: who is signed in, who there is.

use domain::{
    Id, Problem,
    account::{Caller, Me, Place, Role, User},
    list::{Page, Paging},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder, QueryResult, QuerySelect,
    QueryTrait, Select,
    sea_query::{Expr, ExprTrait, Func},
};

use super::{
    entity::{Column, Entity, Model},
    repo::of,
};
use crate::{
    Cx, Result,
    store::{
        Kind,
        by_name::{self, lower},
        page as paged,
    },
};

/// The signed-in person, or the owner of the token, with their teams.
pub async fn me(cx: &Cx) -> Result<Me> {
    let found = with_places(cx.user()?).build(cx.app.store.backend());
    me_of(cx, &cx.reader().query_all_raw(found).await?)
}

/// An account, once for each of its teams in use by name, and once when there is none.
pub(crate) fn with_places(user: Id<User>) -> Select<Entity> {
    let mut select = Entity::find_by_id(user.uuid())
        .expr_as(Expr::cust("team.id"), "place_id")
        .expr_as(Expr::cust("team.name"), "place_name")
        .expr_as(Expr::cust("team_member.lead"), "place_lead")
        .order_by_asc(Expr::cust("lower(team.name)"));
    QueryTrait::query(&mut select).join(JoinType::LeftJoin, "team_member", Expr::cust("team_member.account_id = account.id")).join(
        JoinType::LeftJoin,
        "team",
        Expr::cust("team.id = team_member.team_id AND team.archived_at IS NULL"),
    );
    select
}

/// What these rows say.
pub(crate) fn me_of(cx: &Cx, rows: &[QueryResult]) -> Result<Me> {
    let user = of(Model::from_query_result(rows.first().ok_or_else(Problem::unauthenticated)?, "")?)?;
    let mut teams = Vec::new();
    for row in rows {
        if let Some(team) = row.try_get::<Option<uuid::Uuid>>("", "place_id")? {
            teams.push(Place { team_id: Id::new(team), name: row.try_get("", "place_name")?, lead: row.try_get("", "place_lead")? });
        }
    }
    let scopes = match &cx.actor.caller {
        Caller::Person { scopes, .. } => scopes.clone(),
        Caller::Anonymous | Caller::System => None,
    };
    Ok(Me { user, teams, scopes })
}

/// People who can sign in.
pub(crate) fn in_use() -> Select<Entity> {
    Entity::find().filter(Column::ArchivedAt.is_null())
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
    let total = paged::counted(select.clone(), Column::Id);
    if let Some(after) = &paging.after {
        select = select.filter(by_name::behind(after, name, Column::Id)?);
    }
    let ordered = select.order_by_asc(name()).order_by_asc(Column::Id);
    let found = paged::page::<_, Model>(cx.reader(), total, ordered, paging).await?;
    let next = found.rows.last().filter(|_| found.more).map(|u| by_name::cursor(u.id, &u.name));
    Ok(Page::new(found.rows.into_iter().map(of).collect::<Result<_>>()?, found.total, paging, next))
}
