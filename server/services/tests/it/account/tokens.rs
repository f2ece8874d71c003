//! API tokens.

use domain::{
    Code,
    account::{Action, InvitationIn, Role, Target, TeamIn, TokenIn, UserPatch},
    time::{DAY, MINUTE},
};
use services::{Cx, IdempotencyKey, Request, account};

use super::{code, fields, joined, kinds, new_user};
use crate::support::on_both;

fn new(scopes: &[&str]) -> TokenIn {
    TokenIn { name: "deploys".into(), scopes: scopes.iter().map(|s| (*s).into()).collect(), expires_at: None }
}

/// A call with this token, if it is known.
async fn with_token(app: &std::sync::Arc<services::App>, token: &str) -> Option<Cx> {
    account::authenticate_token(app, token).await.unwrap().map(|actor| Cx::new(app.clone(), actor, Request::inside("api")))
}

#[tokio::test]
async fn a_token_is_shown_once_and_acts_with_its_owners_rights_within_its_scopes() {
    on_both(|app| async move {
        let mara = joined(&app, "Mara", Role::Responder).await;
        let made = account::create_token(&mara, new(&["incidents:write"])).await.unwrap();
        assert!(made.token.0.starts_with("ogt_") && made.token.0.len() == 47);
        assert!(made.token.0.starts_with(&made.api_token.hint) && made.api_token.hint.len() == 10);
        let [listed] = account::list_tokens(&mara).await.unwrap().try_into().unwrap();
        assert_eq!(listed, made.api_token);
        assert!(!serde_json::to_string(&super::journal(&app).await).unwrap().contains(&made.token.0));

        let cx = with_token(&app, &made.token.0).await.unwrap();
        assert_eq!((cx.actor.kind, cx.user().unwrap()), ("token", mara.user().unwrap()));
        assert!(cx.authorize(Action::Respond, &Target::ANY, "incident").is_ok());
        assert_eq!(code(cx.authorize(Action::OwnAccount, &Target::ANY, "user")), Code::Forbidden);
        assert_eq!(code(cx.authorize(Action::ConfigureService, &Target::ANY, "service")), Code::Forbidden);
        assert_eq!(account::me(&cx).await.unwrap().scopes.unwrap(), ["incidents:write"]);
        assert_eq!(fields(account::create_token(&mara, new(&["everything"])).await), ["scopes"]);
        assert!(super::with_cookie(&app, &made.token.0).await.is_none(), "a token is no cookie");
    })
    .await;
}

#[tokio::test]
async fn a_token_ends_at_its_time_or_when_it_is_revoked_or_its_owner_archived() {
    on_both(|app| async move {
        let ada = joined(&app, "Ada", Role::Admin).await;
        let mara = joined(&app, "Mara", Role::Responder).await;
        let timed = TokenIn { expires_at: Some(app.clock.now().plus(DAY)), ..new(&["*"]) };
        let timed = account::create_token(&mara, timed).await.unwrap();
        let revoked = account::create_token(&mara, new(&["*"])).await.unwrap();
        let kept = account::create_token(&mara, new(&["*"])).await.unwrap();
        for token in [&timed, &revoked, &kept] {
            assert!(with_token(&app, &token.token.0).await.is_some());
        }
        app.clock.advance(DAY);
        assert!(with_token(&app, &timed.token.0).await.is_none(), "even when it was seen a moment ago");
        account::revoke_token(&mara, revoked.api_token.id).await.unwrap();
        account::revoke_token(&mara, revoked.api_token.id).await.unwrap();
        assert!(with_token(&app, &revoked.token.0).await.is_none());
        assert_eq!(kinds(&app).await.iter().filter(|k| *k == "token.revoked").count(), 1);
        assert!(with_token(&app, &kept.token.0).await.is_some());
        account::archive_user(&ada, mara.user().unwrap()).await.unwrap();
        assert!(with_token(&app, &kept.token.0).await.is_none());
    })
    .await;
}

#[tokio::test]
async fn the_last_use_is_known_to_the_minute() {
    on_both(|app| async move {
        let mara = joined(&app, "Mara", Role::Responder).await;
        let made = account::create_token(&mara, new(&["*"])).await.unwrap();
        let used = async || account::list_tokens(&mara).await.unwrap()[0].last_used_at;
        assert_eq!(used().await, None);
        with_token(&app, &made.token.0).await.unwrap();
        let first = used().await.unwrap();
        app.clock.advance(MINUTE / 2);
        with_token(&app, &made.token.0).await.unwrap();
        assert_eq!(used().await, Some(first));
        app.clock.advance(MINUTE / 2);
        with_token(&app, &made.token.0).await.unwrap();
        assert!(used().await.unwrap() > first);
    })
    .await;
}

#[tokio::test]
async fn anothers_token_is_not_there_except_for_administrators() {
    on_both(|app| async move {
        let mara = joined(&app, "Mara", Role::Responder).await;
        let eve = joined(&app, "Eve", Role::Manager).await;
        let ada = joined(&app, "Ada", Role::Admin).await;
        let made = account::create_token(&mara, new(&["*"])).await.unwrap();
        assert_eq!(code(account::revoke_token(&eve, made.api_token.id).await), Code::NotFound);
        assert_eq!(code(account::tokens_of(&eve, mara.user().unwrap()).await), Code::Forbidden);
        assert!(account::list_tokens(&eve).await.unwrap().is_empty());
        assert_eq!(account::tokens_of(&ada, mara.user().unwrap()).await.unwrap().len(), 1);
        account::revoke_token(&ada, made.api_token.id).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_token_with_fewer_scopes_cannot_make_itself_more() {
    on_both(|app| async move {
        let ada = joined(&app, "Ada", Role::Admin).await;
        let made = account::create_token(&ada, new(&["accounts:write"])).await.unwrap();
        let cx = with_token(&app, &made.token.0).await.unwrap();
        let me = cx.user().unwrap();
        let invitation = InvitationIn { email: "x@example.org".into(), role: Role::Admin, team_id: None };
        assert_eq!(code(account::create_token(&cx, new(&["*"])).await), Code::Forbidden);
        assert_eq!(code(account::create_user(&cx, new_user("Friend", Role::Admin)).await), Code::Forbidden);
        assert_eq!(code(account::invite(&cx, invitation).await), Code::Forbidden);
        let password = UserPatch { password: Some("another horse".into()), ..UserPatch::default() };
        assert_eq!(code(account::edit_user(&cx, me, password, 1).await), Code::Forbidden);
        let team = TeamIn { name: "Payments".into(), description: String::new(), time_zone: "UTC".into(), locale: "en".into() };
        assert!(account::create_team(&cx, team).await.is_ok(), "what hands out no rights is its to do");
        let all = account::create_token(&ada, new(&["*"])).await.unwrap();
        assert!(account::create_token(&with_token(&app, &all.token.0).await.unwrap(), new(&["*"])).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn the_same_request_again_makes_no_second_token_and_shows_no_secret() {
    on_both(|app| async move {
        let mara = joined(&app, "Mara", Role::Responder).await;
        let cx = mara.clone().with_idempotency(Some(IdempotencyKey::of("k", "POST", "/x", "", b"{}").unwrap()));
        account::create_token(&cx, new(&["*"])).await.unwrap();
        assert_eq!(code(account::create_token(&cx, new(&["*"])).await), Code::AlreadyDone);
        assert_eq!(account::list_tokens(&mara).await.unwrap().len(), 1);
    })
    .await;
}
