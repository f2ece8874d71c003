//! Invitations: the only way to an account besides an administrator's hand. The link works once, for seven days; one that
//! does not work, for whatever reason, is answered in the same words.

use std::sync::Arc;

use domain::{
    Code, Id, Instant, Problem,
    account::{AcceptIn, Action, Invitation, InvitationIn, InvitationView, NewInvitation, Role, Secret, Target, Team, UserIn},
    time::{DAY, Millis},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::json;

use super::{
    SignedIn, entity, grant,
    invitation_entity::{ActiveModel, Column, Entity, Model},
    names, repo, require_team, secret, sign_in, team_member, zone,
};
use crate::{
    Actor, App, Cx, Result, Tx,
    store::{self, NewEvent, word},
};

/// How long a link works.
const LIFE_MS: Millis = 7 * DAY;

fn refusal() -> Problem {
    let detail = "It was used, withdrawn, or is too old. Ask for a new one.";
    Problem::new(Code::NotFound, "This invitation does not hold", detail)
}

fn of(m: Model) -> Result<Invitation> {
    Ok(Invitation {
        id: Id::new(m.id),
        role: word(Role::parse(&m.role), "invitation.role", &m.role)?,
        email: m.email,
        team_id: m.team_id.map(Id::new),
        invited_by: Id::new(m.invited_by),
        created_at: Instant(m.created_at),
        expires_at: Instant(m.expires_at),
    })
}

fn event(i: &Invitation, kind: &'static str) -> NewEvent {
    let payload = json!({ "role": i.role, "team_id": i.team_id, "expires_at": i.expires_at });
    NewEvent { private: true, team: i.team_id, ..NewEvent::record("accounts", kind, format!("invitation:{}", i.id), 1, payload) }
}

fn may_invite(cx: &Cx) -> Result<()> {
    cx.authorize(Action::ManageUsers, &Target::ANY, "invitation")?;
    grant::required(cx)
}

/// Invites an address; the link's token is answered this once. An earlier open invitation of the address ends.
pub async fn invite(cx: &Cx, new: InvitationIn) -> Result<NewInvitation> {
    may_invite(cx)?;
    let by = cx.user()?;
    let new = new.validate()?;
    let call = cx.clone();
    cx.write_secret(move |tx| {
        let (cx, new) = (call.clone(), new.clone());
        async move {
            repo::refuse_taken(&tx, &new.email, None).await?;
            if let Some(team) = new.team_id {
                require_team(&cx, &tx, team, "team_id").await?;
            }
            let earlier = Entity::find().filter(open(tx.now())).filter(Column::Email.eq(new.email.as_str())).all(tx.conn()).await?;
            for invitation in earlier {
                withdraw(&tx, invitation).await?;
            }
            let token = secret::new();
            let row = Model {
                id: Id::<Invitation>::uuid(store::id(tx.now())),
                email: new.email,
                role: new.role.as_str().into(),
                team_id: new.team_id.map(Id::uuid),
                token_sha256: secret::digest(&token).to_vec(),
                invited_by: by.uuid(),
                created_at: tx.now().ms(),
                expires_at: tx.now().plus(LIFE_MS).ms(),
                accepted_at: None,
                revoked_at: None,
            };
            Entity::insert(row.clone().into_active_model()).exec_without_returning(tx.conn()).await?;
            let invitation = of(row)?;
            tx.event(event(&invitation, "user.invited"));
            Ok(NewInvitation { invitation, token: Secret(token) })
        }
    })
    .await
}

fn open(now: Instant) -> sea_orm::Condition {
    sea_orm::Condition::all().add(Column::AcceptedAt.is_null()).add(Column::RevokedAt.is_null()).add(Column::ExpiresAt.gt(now.ms()))
}

async fn withdraw(tx: &Tx, found: Model) -> Result<()> {
    let change = ActiveModel { id: Set(found.id), revoked_at: Set(Some(tx.now().ms())), ..Default::default() };
    change.update(tx.conn()).await?;
    tx.event(event(&of(found)?, "user.invitation_revoked"));
    Ok(())
}

/// Open invitations, the newest first; for administrators.
pub async fn list_invitations(cx: &Cx) -> Result<Vec<Invitation>> {
    cx.authorize(Action::ManageUsers, &Target::ANY, "invitation")?;
    let found = Entity::find().filter(open(cx.now())).order_by_desc(Column::CreatedAt).order_by_desc(Column::Id);
    found.all(cx.reader()).await?.into_iter().map(of).collect()
}

/// Withdraws an open invitation.
pub async fn revoke_invitation(cx: &Cx, id: Id<Invitation>) -> Result<()> {
    let call = cx.clone();
    cx.write(move |tx| {
        let cx = call.clone();
        async move {
            cx.authorize(Action::ManageUsers, &Target::ANY, "invitation")?;
            let found = tx.for_update(Entity::find_by_id(id.uuid())).one(tx.conn()).await?;
            let found = found.ok_or_else(|| Problem::not_found("invitation"))?;
            if found.accepted_at.is_some() {
                return Err(Problem::conflict("It was accepted; archive the account instead.").into());
            }
            if found.revoked_at.is_none() {
                withdraw(&tx, found).await?;
            }
            Ok(())
        }
    })
    .await
}

/// The invitation of a link that works: open, its inviter still here, its address without an account.
async fn holding<C: ConnectionTrait>(conn: &C, query: sea_orm::Select<Entity>, now: Instant) -> Result<Model> {
    let found = query.filter(open(now)).one(conn).await?.ok_or_else(refusal)?;
    let inviter = entity::Entity::find_by_id(found.invited_by).one(conn).await?;
    if inviter.is_none_or(|i| i.archived_at.is_some()) || repo::by_email(conn, &found.email).await?.is_some() {
        return Err(refusal().into());
    }
    Ok(found)
}

fn by_token(token: &str) -> sea_orm::Select<Entity> {
    Entity::find().filter(Column::TokenSha256.eq(secret::digest(token).to_vec()))
}

/// What the link's page shows.
pub async fn peek_invitation(app: &Arc<App>, token: &str) -> Result<InvitationView> {
    let reader = &app.store.reader;
    let found = of(holding(reader, by_token(token), app.clock.now()).await?)?;
    let named = by_token(token)
        .select_only()
        .expr_as(names::of_column("team", "invitation.team_id"), "team_name")
        .expr_as(names::of_column("account", "invitation.invited_by"), "invited_by_name");
    let (team_name, invited_by_name) = named.into_tuple().one(reader).await?.unwrap_or_default();
    Ok(InvitationView { email: found.email, role: found.role, team_name, invited_by_name, expires_at: found.expires_at })
}

/// Makes the account of an invitation and signs it in.
pub async fn accept_invitation(cx: &Cx, given: AcceptIn) -> Result<SignedIn> {
    let seen = holding(cx.reader(), by_token(&given.token.0), cx.now()).await?;
    let given = given.validate(&seen.email, zone::known)?;
    let hash = cx.app.hasher.hash(given.password.0.clone()).await?;
    let call = cx.clone();
    cx.write_secret(move |tx| {
        let (cx, given, hash) = (call.clone(), given.clone(), hash.clone());
        async move {
            let query = tx.for_update(by_token(&given.token.0));
            let invitation = of(holding(tx.conn(), query, tx.now()).await?)?;
            let change = ActiveModel { id: Set(invitation.id.uuid()), accepted_at: Set(Some(tx.now().ms())), ..Default::default() };
            change.update(tx.conn()).await?;
            join(&cx, &tx, invitation, given, hash).await
        }
    })
    .await
}

async fn join(cx: &Cx, tx: &Tx, invitation: Invitation, given: AcceptIn, hash: String) -> Result<SignedIn> {
    let new = UserIn {
        name: given.name,
        email: invitation.email,
        role: invitation.role,
        password: None,
        time_zone: given.time_zone,
        locale: given.locale,
    };
    let user = repo::insert(tx, store::id(tx.now()), new, Some(hash)).await?;
    let themselves = Actor { id: Some(user.id.uuid()), kind: "user", ..Actor::anonymous() };
    let payload = json!({ "role": user.role, "invitation_id": invitation.id });
    tx.event(NewEvent { actor: Some(themselves), ..repo::event(&user, "user.joined", payload) });
    if let Some(team) = invitation.team_id {
        // A team that was archived meanwhile is no reason to turn them away.
        team_member::join(tx, Id::<Team>::new(team.uuid()), user.id).await?;
    }
    sign_in::begin(cx, tx, user, given.installed).await
}
