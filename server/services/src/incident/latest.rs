//! What happened lately to incidents, and what an incident may be given to.

use domain::{Id, account::User, event::Event, incident::Row, list::MAX_PAGE_SIZE, service::Service};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, Query as Sql, UnionType},
};

use super::{
    entity,
    list::{NAMES, Named, within},
};
use crate::{
    Cx, Result,
    account::{self, names},
    event::read::{self, Query},
    service,
    store::{by_name::lower, page},
};

/// An event with the incident that it is about.
#[derive(FromQueryResult)]
struct About {
    #[sea_orm(nested)]
    event: read::Named,
    #[sea_orm(nested(prefix = "i_"))]
    incident: Named,
}

/// The latest of what happened to incidents that the caller may see, newest first, each with its incident as it is now.
pub async fn latest(cx: &Cx, limit: u64) -> Result<Vec<(Event, Row)>> {
    let query = Query { topic: Some("incidents".into()), limit, ..Query::default() };
    let mut select = read::matching(&cx.scope("events")?, &query).filter(within(&cx.scope("incidents")?));
    let joined = QueryTrait::query(&mut select);
    joined.join(JoinType::InnerJoin, "incident", Expr::cust("incident.id = event.incident_id"));
    page::also::<entity::Entity>(joined, "i_");
    for (table, reference, alias) in NAMES {
        joined.expr_as(names::of_column(table, reference), format!("i_{alias}"));
    }
    let found = select.into_model::<About>().all(cx.reader()).await?;
    found.into_iter().map(|about| Ok((about.event.event(), about.incident.row()?))).collect()
}

/// Services in use and people who can sign in, by name; at most 200 of each.
pub async fn choices(cx: &Cx) -> Result<(Vec<(Id<Service>, String)>, Vec<(Id<User>, String)>)> {
    cx.scope("accounts")?;
    let (services, people) = (service::in_use(&cx.scope("services")?), account::in_use());
    let mut both = some(0, services, service::Column::Id, service::Column::Name);
    both.union(UnionType::All, some(1, people, account::Column::Id, account::Column::Name));
    let (mut services, mut people) = (Vec::new(), Vec::new());
    for row in cx.reader().query_all_raw(cx.app.store.backend().build(&both)).await? {
        let (id, name): (uuid::Uuid, String) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        match row.try_get_by_index::<i64>(0)? {
            0 => services.push((Id::new(id), name)),
            _ => people.push((Id::new(id), name)),
        }
    }
    Ok((services, people))
}

fn some<E: EntityTrait>(what: i64, of: Select<E>, id: E::Column, name: E::Column) -> sea_orm::sea_query::SelectStatement {
    let by_name = of.select_only().column(id).column(name).order_by_asc(lower(name.into_expr())).order_by_asc(id);
    Sql::select()
        .expr(Expr::cust(format!("CAST({what} AS BIGINT)")))
        .expr(Expr::col("id"))
        .expr(Expr::col("name"))
        .from_subquery(by_name.limit(u64::from(MAX_PAGE_SIZE)).into_query(), "some")
        .to_owned()
}
