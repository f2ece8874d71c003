//! API tokens: made, listed, revoked. A token acts with its owner's rights of the moment, cut down by its scopes.

use domain::{
    Id, Instant, Problem,
    account::{Action, ApiToken, NewToken, Secret, TokenIn, User},
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use serde_json::json;

use super::{
    grant, secret, session,
    token_entity::{ActiveModel, Column, Entity, Model},
};
use crate::{
    Cx, Result,
    store::{self, NewEvent},
};

/// What every token begins with, so that people and leak scanners know one when they see it.
pub(super) const PREFIX: &str = "ogt_";
/// Characters that are kept to tell tokens apart: the prefix and six more.
const HINT: usize = PREFIX.len() + 6;

/// The stored scopes.
pub(super) fn scopes(text: &str) -> Vec<String> {
    text.split(' ').filter(|s| !s.is_empty()).map(str::to_owned).collect()
}

fn of(m: Model) -> ApiToken {
    ApiToken {
        id: Id::new(m.id),
        name: m.name,
        user_id: Id::new(m.account_id),
        scopes: scopes(&m.scopes),
        hint: m.hint,
        expires_at: m.expires_at.map(Instant),
        last_used_at: m.last_used_at.map(Instant),
        created_at: Instant(m.created_at),
    }
}

fn event(token: &ApiToken, kind: &'static str) -> NewEvent {
    let payload = json!({ "user_id": token.user_id, "name": token.name, "scopes": token.scopes, "expires_at": token.expires_at });
    NewEvent { private: true, ..NewEvent::record("accounts", kind, format!("token:{}", token.id), 1, payload) }
}

/// Makes a token for oneself; its secret is answered this once.
pub async fn create_token(cx: &Cx, new: TokenIn) -> Result<NewToken> {
    let owner = cx.user()?;
    cx.authorize(Action::OwnAccount, &session::owned(owner), "token")?;
    grant::required(cx)?;
    make(cx, owner, new).await
}

pub(super) async fn make(cx: &Cx, owner: Id<User>, new: TokenIn) -> Result<NewToken> {
    let new = new.validate(cx.now())?;
    cx.write_secret(move |tx| {
        let new = new.clone();
        async move {
            let text = format!("{PREFIX}{}", secret::new());
            let row = Model {
                id: Id::<ApiToken>::uuid(store::id(tx.now())),
                account_id: owner.uuid(),
                name: new.name,
                scopes: new.scopes.join(" "),
                token_sha256: secret::digest(&text).to_vec(),
                hint: text[..HINT].to_owned(),
                expires_at: new.expires_at.map(Instant::ms),
                last_used_at: None,
                revoked_at: None,
                created_at: tx.now().ms(),
            };
            Entity::insert(row.clone().into_active_model()).exec_without_returning(tx.conn()).await?;
            let api_token = of(row);
            tx.event(event(&api_token, "token.created"));
            Ok(NewToken { api_token, token: Secret(text) })
        }
    })
    .await
}

/// One's own tokens that are not revoked, the newest first; ended ones stay to be seen.
pub async fn list_tokens(cx: &Cx) -> Result<Vec<ApiToken>> {
    tokens_of(cx, cx.user()?).await
}

/// A person's tokens; another's only for administrators.
pub async fn tokens_of(cx: &Cx, user: Id<User>) -> Result<Vec<ApiToken>> {
    session::may_read_of(cx, user)?;
    let alive = Entity::find().filter(Column::AccountId.eq(user.uuid())).filter(Column::RevokedAt.is_null());
    let found = alive.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id).all(cx.reader()).await?;
    Ok(found.into_iter().map(of).collect())
}

/// Ends a token: one's own, or anybody's as an administrator. Another's is not there for others.
pub async fn revoke_token(cx: &Cx, id: Id<ApiToken>) -> Result<()> {
    let call = cx.clone();
    cx.write(move |tx| {
        let cx = call.clone();
        async move {
            let found = tx.for_update(Entity::find_by_id(id.uuid())).one(tx.conn()).await?.ok_or_else(|| Problem::not_found("token"))?;
            session::authorize_own(&cx, Id::new(found.account_id), "token")?;
            if found.revoked_at.is_none() {
                let change = ActiveModel { id: Set(found.id), revoked_at: Set(Some(tx.now().ms())), ..Default::default() };
                change.update(tx.conn()).await?;
                tx.event(event(&of(found), "token.revoked"));
            }
            Ok(())
        }
    })
    .await?;
    cx.app.sessions.end([]);
    Ok(())
}
