//! How long sessions last, and how they end.

use std::time::Duration;

use domain::{
    Code,
    account::{Role, SignInIn},
    time::{DAY, MINUTE},
};
use sea_orm::{ConnectionTrait, Statement};
use services::{App, account};

use super::{PASSWORD, browser, code, given, joined, kinds, nobody, signed_in, user, with_cookie};
use crate::support::{fresh_postgres, on_both, options};

#[tokio::test]
async fn a_browser_session_ends_14_days_after_its_last_use_and_180_days_after_its_begin() {
    on_both(|app| async move {
        user(&app, "Mara", Role::Responder).await;
        let token = account::sign_in(&nobody(&app), given("mara@example.org", PASSWORD)).await.unwrap().token.0;
        // Each use of a day's 13th extends it, up to the absolute end.
        for _ in 0..13 {
            app.clock.advance(13 * DAY);
            assert!(with_cookie(&app, &token).await.is_some());
        }
        app.clock.advance(11 * DAY + MINUTE);
        assert!(with_cookie(&app, &token).await.is_none(), "180 days are over");

        let token = account::sign_in(&nobody(&app), given("mara@example.org", PASSWORD)).await.unwrap().token.0;
        app.clock.advance(14 * DAY);
        assert!(with_cookie(&app, &token).await.is_none(), "14 days without use");
    })
    .await;
}

#[tokio::test]
async fn the_installed_app_stays_signed_in_for_90_days_without_use() {
    on_both(|app| async move {
        user(&app, "Mara", Role::Responder).await;
        let installed = SignInIn { installed: true, ..given("mara@example.org", PASSWORD) };
        let token = account::sign_in(&nobody(&app), installed).await.unwrap().token.0;
        app.clock.advance(90 * DAY - MINUTE);
        assert!(with_cookie(&app, &token).await.is_some());
        app.clock.advance(90 * DAY);
        assert!(with_cookie(&app, &token).await.is_none());
    })
    .await;
}

#[tokio::test]
async fn what_is_no_token_is_nobody() {
    on_both(|app| async move {
        let mara = joined(&app, "Mara", Role::Responder).await;
        for text in ["", "x", &"x".repeat(43), &format!("ogt_{}", "x".repeat(43)), &mara.actor.session.unwrap().to_string()] {
            assert!(with_cookie(&app, text).await.is_none(), "{text}");
            assert_eq!(account::authenticate_token(&app, text).await.unwrap(), None, "{text}");
        }
    })
    .await;
}

#[tokio::test]
async fn sessions_are_listed_with_device_place_and_last_use_to_the_minute() {
    on_both(|app| async move {
        let mara = user(&app, "Mara", Role::Responder).await;
        let token = account::sign_in(&nobody(&app), given(&mara.email, PASSWORD)).await.unwrap().token.0;
        let begun = app.clock.now();
        app.clock.advance(MINUTE / 2);
        let cx = with_cookie(&app, &token).await.unwrap();
        let [session] = account::list_sessions(&cx).await.unwrap().try_into().unwrap();
        assert_eq!((session.device.as_str(), session.address.as_str(), session.current), ("Firefox on Linux", "203.0.113.7", true));
        assert!(session.last_used_at <= begun, "not stored more often than once a minute");
        app.clock.advance(MINUTE);
        account::authenticate_session(&app, &token, Some("198.51.100.4")).await.unwrap().unwrap();
        let [session] = account::list_sessions(&cx).await.unwrap().try_into().unwrap();
        assert_eq!(session.address, "198.51.100.4");
        assert!(session.last_used_at > begun);
    })
    .await;
}

#[tokio::test]
async fn a_revoked_session_ends_with_the_next_request_and_says_so_to_live_connections() {
    on_both(|app| async move {
        let mara = user(&app, "Mara", Role::Responder).await;
        let here = signed_in(&app, &mara).await;
        let there = account::sign_in(&nobody(&app), given(&mara.email, PASSWORD)).await.unwrap();
        assert!(with_cookie(&app, &there.token.0).await.is_some(), "and now it is remembered by the node");
        let mut ended = app.sessions.ended();
        account::revoke_session(&here, there.session_id).await.unwrap();
        assert!(with_cookie(&app, &there.token.0).await.is_none());
        assert_eq!(ended.recv().await.unwrap(), there.session_id);
        assert_eq!(kinds(&app).await.last().unwrap(), "session.revoked");

        let third = account::sign_in(&nobody(&app), given(&mara.email, PASSWORD)).await.unwrap();
        assert_eq!(account::revoke_other_sessions(&here).await.unwrap(), 1);
        assert!(with_cookie(&app, &third.token.0).await.is_none());
        let [left] = account::list_sessions(&here).await.unwrap().try_into().unwrap();
        assert!(left.current);
    })
    .await;
}

#[tokio::test]
async fn anothers_session_is_not_there_except_for_administrators() {
    on_both(|app| async move {
        let mara = joined(&app, "Mara", Role::Responder).await;
        let eve = joined(&app, "Eve", Role::Manager).await;
        let ada = joined(&app, "Ada", Role::Admin).await;
        let (session, user) = (mara.actor.session.unwrap(), mara.user().unwrap());
        assert_eq!(code(account::revoke_session(&eve, session).await), Code::NotFound);
        assert_eq!(code(account::sessions_of(&eve, user).await), Code::Forbidden);
        assert_eq!(code(account::list_sessions(&nobody(&app)).await), Code::Unauthenticated);
        assert_eq!(account::sessions_of(&ada, user).await.unwrap().len(), 1);
        account::revoke_session(&ada, session).await.unwrap();
        assert_eq!(account::renew(&app, &mara.actor).await.unwrap(), None);
        assert!(account::renew(&app, &eve.actor).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn a_change_of_rights_holds_from_the_next_request() {
    on_both(|app| async move {
        let ada = joined(&app, "Ada", Role::Admin).await;
        let mara = user(&app, "Mara", Role::Viewer).await;
        let token = account::sign_in(&nobody(&app), given(&mara.email, PASSWORD)).await.unwrap().token.0;
        let role = |cx: services::Cx| match &cx.actor.caller {
            domain::account::Caller::Person { role, .. } => *role,
            other => panic!("{other:?}"),
        };
        assert_eq!(role(with_cookie(&app, &token).await.unwrap()), Role::Viewer);
        let patch = domain::account::UserPatch { role: Some(Role::Manager), ..Default::default() };
        account::edit_user(&ada, mara.id, patch, 1).await.unwrap();
        assert_eq!(role(with_cookie(&app, &token).await.unwrap()), Role::Manager);
    })
    .await;
}

#[tokio::test]
async fn a_session_that_is_revoked_on_one_node_ends_on_the_other() {
    let url = fresh_postgres().await;
    let folder = tempfile::tempdir().unwrap();
    let one = App::start(options(url.clone(), folder.path().to_owned())).await.unwrap();
    let two = App::start(options(url, folder.path().to_owned())).await.unwrap();
    let mara = joined(&one, "Mara", Role::Responder).await;
    let session = account::sign_in(&nobody(&two), given("mara@example.org", PASSWORD)).await.unwrap();
    assert!(with_cookie(&two, &session.token.0).await.is_some());
    let mut ended = two.sessions.ended();
    account::revoke_session(&mara, session.session_id).await.unwrap();
    let word = tokio::time::timeout(Duration::from_secs(10), ended.recv()).await.expect("word within 10 s").unwrap();
    assert_eq!(word, session.session_id);
    assert!(with_cookie(&two, &session.token.0).await.is_none());
    one.stop().await.unwrap();
    two.stop().await.unwrap();
}

#[tokio::test]
async fn a_form_is_shown_again_once_within_a_minute_to_its_own_session() {
    on_both(|app| async move {
        let mara = joined(&app, "Mara", Role::Responder).await;
        let eve = joined(&app, "Eve", Role::Responder).await;
        let content = |n: u8| serde_json::json!({ "fields": { "title": "x" }, "n": n });
        for n in [1, 2] {
            account::put_flash(&mara, "declare", &content(n)).await.unwrap();
        }
        assert_eq!(account::take_flash(&mara, "other").await.unwrap(), None);
        assert_eq!(account::take_flash(&eve, "declare").await.unwrap(), None);
        assert_eq!(account::take_flash(&mara, "declare").await.unwrap(), Some(content(2)));
        assert_eq!(account::take_flash(&mara, "declare").await.unwrap(), None);
        account::put_flash(&mara, "declare", &content(3)).await.unwrap();
        app.clock.advance(MINUTE);
        assert_eq!(account::take_flash(&mara, "declare").await.unwrap(), None);
        let token = browser(&app, services::Actor { session: None, ..(*mara.actor).clone() });
        assert_eq!(code(account::put_flash(&token, "declare", &content(4)).await), Code::Unauthenticated);
    })
    .await;
}

#[tokio::test]
async fn a_visitors_form_is_kept_for_the_visitor_and_no_cookie_reads_a_sessions() {
    on_both(|app| async move {
        let mara = joined(&app, "Mara", Role::Responder).await;
        let content = serde_json::json!({ "token": "ogt_hush" });
        account::put_flash(&mara, "token", &content).await.unwrap();
        let (cx, session) = (nobody(&app), mara.actor.session.unwrap().uuid());
        assert_eq!(account::take_visitor_flash(&cx, session, "token").await.unwrap(), None);
        let visitor = uuid::Uuid::now_v7();
        account::put_visitor_flash(&cx, visitor, "sign-in", &content).await.unwrap();
        assert_eq!(account::take_visitor_flash(&cx, uuid::Uuid::now_v7(), "sign-in").await.unwrap(), None);
        let select = Statement::from_string(app.store.backend(), "SELECT content FROM session_flash");
        for row in app.store.reader.query_all_raw(select).await.unwrap() {
            assert!(!row.try_get_by_index::<String>(0).unwrap().contains("hush"));
        }
        assert_eq!(account::take_visitor_flash(&cx, visitor, "sign-in").await.unwrap(), Some(content));
        assert_eq!(account::take_visitor_flash(&cx, visitor, "sign-in").await.unwrap(), None);
    })
    .await;
}
