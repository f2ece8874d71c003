//! Who is in a team, and who leads it.

use domain::{
    Id, Problem,
    account::{Member, MemberIn, Team, User},
};
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel, Statement, sea_query::OnConflict};
use serde_json::json;

use super::{
    member_entity::{Column, Entity, Model},
    require_active, team, team_entity,
};
use crate::{Cx, Result, Tx};

/// The members who are not archived, by name.
pub async fn team_members(cx: &Cx, id: Id<Team>) -> Result<Vec<Member>> {
    cx.scope("accounts")?;
    let reader = cx.reader();
    team_entity::Entity::find_by_id(id.uuid()).one(reader).await?.ok_or_else(|| Problem::not_found("team"))?;
    let sql = "SELECT a.id, a.name, m.lead FROM team_member m JOIN account a ON a.id = m.account_id \
               WHERE m.team_id = $1 AND a.archived_at IS NULL ORDER BY lower(a.name), a.id";
    let rows = reader.query_all_raw(Statement::from_sql_and_values(cx.app.store.backend(), sql, [id.uuid().into()])).await?;
    let member = |r: &sea_orm::QueryResult| {
        Ok(Member { user_id: Id::new(r.try_get_by_index(0)?), name: r.try_get_by_index(1)?, lead: r.try_get_by_index(2)? })
    };
    rows.iter().map(member).collect()
}

/// Puts somebody into a team, or changes whether they lead it.
pub async fn set_member(cx: &Cx, id: Id<Team>, member: MemberIn) -> Result<()> {
    require_active(cx, member.user_id, "user_id").await?;
    let call = cx.clone();
    cx.write(move |tx| {
        let (cx, member) = (call.clone(), member.clone());
        async move {
            let mut team = team::locked(&cx, &tx, id).await?;
            let key = (id.uuid(), member.user_id.uuid());
            let kind = match Entity::find_by_id(key).one(tx.conn()).await? {
                Some(now) if now.lead == member.lead => return Ok(()),
                Some(_) => "team.lead_changed",
                None => "team.member_added",
            };
            store(&tx, id, &member).await?;
            team::update(&tx, &mut team).await?;
            team::journal(&tx, &team, kind, json!({ "user_id": member.user_id, "lead": member.lead }), None);
            Ok(())
        }
    })
    .await?;
    cx.app.sessions.end([]);
    Ok(())
}

/// Takes somebody out of a team; nothing happens when they are not in it.
pub async fn remove_member(cx: &Cx, id: Id<Team>, user: Id<User>) -> Result<()> {
    let call = cx.clone();
    cx.write(move |tx| {
        let cx = call.clone();
        async move {
            let mut team = team::locked(&cx, &tx, id).await?;
            if Entity::delete_by_id((id.uuid(), user.uuid())).exec(tx.conn()).await?.rows_affected == 1 {
                team::update(&tx, &mut team).await?;
                team::journal(&tx, &team, "team.member_removed", json!({ "user_id": user }), None);
            }
            Ok(())
        }
    })
    .await?;
    cx.app.sessions.end([]);
    Ok(())
}

async fn store(tx: &Tx, team: Id<Team>, member: &MemberIn) -> Result<()> {
    let row = Model { team_id: team.uuid(), account_id: member.user_id.uuid(), lead: member.lead, created_at: tx.now().ms() };
    let lead_only = OnConflict::columns([Column::TeamId, Column::AccountId]).update_column(Column::Lead).to_owned();
    Entity::insert(row.into_active_model()).on_conflict(lead_only).exec_without_returning(tx.conn()).await?;
    Ok(())
}

/// Somebody who accepted an invitation joins its team.
pub(super) async fn join(tx: &Tx, id: Id<Team>, user: Id<User>) -> Result<()> {
    store(tx, id, &MemberIn { user_id: user, lead: false }).await?;
    team::joined(tx, id, json!({ "user_id": user, "lead": false })).await
}
