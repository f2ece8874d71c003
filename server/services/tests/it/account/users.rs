//! Profiles, roles, passwords, archiving.

use domain::{
    Code,
    account::{Role, TokenIn, UserPatch},
    list::Paging,
};
use services::account::{self, UserFilter};

use super::{PASSWORD, code, fields, given, joined, kinds, new_user, nobody, signed_in, user, with_cookie};
use crate::support::{on_both, system};

fn patch(json: &str) -> UserPatch {
    serde_json::from_str(json).unwrap()
}

#[tokio::test]
async fn a_person_edits_their_own_profile_and_nobody_elses() {
    on_both(|app| async move {
        let mara = joined(&app, "Mara", Role::Viewer).await;
        let eve = joined(&app, "Eve", Role::Manager).await;
        let (id, json) = (mara.user().unwrap(), r#"{"name": "Mara K.", "time_zone": "europe/berlin", "locale": "de-AT"}"#);
        let edited = account::edit_user(&mara, id, patch(json), 1).await.unwrap();
        assert_eq!((edited.name.as_str(), edited.time_zone.as_str(), edited.version), ("Mara K.", "Europe/Berlin", 2));
        assert_eq!(code(account::edit_user(&eve, id, patch(json), 2).await), Code::Forbidden);
        assert_eq!(code(account::edit_user(&nobody(&app), id, patch(json), 2).await), Code::Unauthenticated);
        let stale = account::edit_user(&mara, id, patch(r#"{"name": "M."}"#), 1).await.unwrap_err().problem();
        assert_eq!((stale.code, stale.current.unwrap()["name"].as_str()), (Code::Stale, Some("Mara K.")));
        assert_eq!(
            fields(account::edit_user(&mara, id, patch(r#"{"name": "", "time_zone": "Mars/Base"}"#), 2).await),
            ["name", "time_zone"]
        );
        assert_eq!(account::edit_user(&mara, id, patch(json), 2).await.unwrap().version, 2, "no change, no version");
    })
    .await;
}

#[tokio::test]
async fn roles_are_the_administrators() {
    on_both(|app| async move {
        let ada = joined(&app, "Ada", Role::Admin).await;
        for role in [Role::Viewer, Role::Responder, Role::Manager] {
            let name = format!("A{}", role.as_str());
            let cx = joined(&app, &name, role).await;
            let id = cx.user().unwrap();
            assert_eq!(code(account::edit_user(&cx, id, patch(r#"{"role": "admin"}"#), 1).await), Code::Forbidden);
            assert_eq!(code(account::archive_user(&cx, id).await), Code::Forbidden);
            assert_eq!(code(account::create_user(&cx, new_user("Friend", Role::Viewer)).await), Code::Forbidden);
            assert_eq!(account::edit_user(&ada, id, patch(r#"{"role": "admin"}"#), 1).await.unwrap().role, Role::Admin);
        }
        let told = super::journal(&app).await.into_iter().find(|e| e.kind == "user.role_changed").unwrap();
        assert_eq!(told.payload, serde_json::json!({ "from": "viewer", "to": "admin" }));
    })
    .await;
}

#[tokio::test]
async fn there_is_always_an_administrator() {
    on_both(|app| async move {
        let ada = joined(&app, "Ada", Role::Admin).await;
        let id = ada.user().unwrap();
        assert_eq!(code(account::edit_user(&ada, id, patch(r#"{"role": "viewer"}"#), 1).await), Code::Conflict);
        assert_eq!(code(account::archive_user(&ada, id).await), Code::Conflict);
        let bo = joined(&app, "Bo", Role::Admin).await;
        let demote = r#"{"role": "viewer"}"#;
        let (a, b) =
            tokio::join!(account::edit_user(&ada, bo.user().unwrap(), patch(demote), 1), account::edit_user(&bo, id, patch(demote), 1));
        assert_eq!([a.is_ok(), b.is_ok()].iter().filter(|ok| **ok).count(), 1, "two who demote each other take turns");
        let left = account::list_users(&system(&app), &UserFilter { role: Some(Role::Admin), ..UserFilter::default() }, &Paging::default())
            .await
            .unwrap();
        assert_eq!(left.total, 1);
    })
    .await;
}

#[tokio::test]
async fn a_new_password_needs_the_present_one_and_ends_the_other_sessions() {
    on_both(|app| async move {
        let mara = user(&app, "Mara", Role::Responder).await;
        let here = signed_in(&app, &mara).await;
        let there = account::sign_in(&nobody(&app), given(&mara.email, PASSWORD)).await.unwrap();
        let change = |current: &str| patch(&format!(r#"{{"password": "another horse", "current_password": "{current}"}}"#));
        assert_eq!(fields(account::edit_user(&here, mara.id, patch(r#"{"password": "another horse"}"#), 1).await), ["current_password"]);
        assert_eq!(fields(account::edit_user(&here, mara.id, change("wrong horse battery"), 1).await), ["current_password"]);
        assert_eq!(fields(account::edit_user(&here, mara.id, patch(r#"{"password": "short"}"#), 1).await), ["password"]);
        assert!(with_cookie(&app, &there.token.0).await.is_some());

        account::edit_user(&here, mara.id, change(PASSWORD), 1).await.unwrap();
        assert!(with_cookie(&app, &there.token.0).await.is_none());
        let [left] = account::list_sessions(&here).await.unwrap().try_into().unwrap();
        assert!(left.current);
        assert_eq!(code(account::sign_in(&nobody(&app), given(&mara.email, PASSWORD)).await), Code::Unauthenticated);
        assert!(account::sign_in(&nobody(&app), given(&mara.email, "another horse")).await.is_ok());
        assert!(kinds(&app).await.contains(&"user.password_changed".to_owned()));
    })
    .await;
}

#[tokio::test]
async fn guessing_the_present_password_is_slowed_down_too() {
    on_both(|app| async move {
        let mara = joined(&app, "Mara", Role::Responder).await;
        let wrong = || patch(r#"{"password": "another horse", "current_password": "wrong horse battery"}"#);
        for _ in 0..5 {
            let before = app.clock.now();
            assert_eq!(code(account::edit_user(&mara, mara.user().unwrap(), wrong(), 1).await), Code::Invalid);
            app.clock.set(before.plus(500));
        }
        let sixth = account::edit_user(&mara, mara.user().unwrap(), wrong(), 1).await.unwrap_err().problem();
        assert_eq!((sixth.code, sixth.retry_after_s), (Code::TooMany, Some(1)));
    })
    .await;
}

#[tokio::test]
async fn an_address_belongs_to_one_account_and_changing_ones_own_needs_the_password() {
    on_both(|app| async move {
        let mara = joined(&app, "Mara", Role::Responder).await;
        let bo = user(&app, "Bo", Role::Responder).await;
        let ada = joined(&app, "Ada", Role::Admin).await;
        let id = mara.user().unwrap();
        assert_eq!(fields(account::edit_user(&mara, id, patch(r#"{"email": "m@example.org"}"#), 1).await), ["current_password"]);
        let taken = patch(&format!(r#"{{"email": "BO@example.org", "current_password": "{PASSWORD}"}}"#));
        assert_eq!(fields(account::edit_user(&mara, id, taken, 1).await), ["email"]);
        assert_eq!(account::edit_user(&ada, id, patch(r#"{"email": "M@Example.org"}"#), 1).await.unwrap().email, "m@example.org");
        assert_eq!(fields(account::create_user(&ada, new_user("Bo", Role::Viewer)).await), ["email"]);
        account::archive_user(&ada, bo.id).await.unwrap();
        account::create_user(&ada, new_user("Bo", Role::Viewer)).await.unwrap();
        assert_eq!(fields(account::restore_user(&ada, bo.id).await), ["email"], "the address is somebody else's by now");
    })
    .await;
}

#[tokio::test]
async fn who_is_archived_is_signed_out_and_comes_back_with_everything() {
    on_both(|app| async move {
        let ada = joined(&app, "Ada", Role::Admin).await;
        let mara = user(&app, "Mara", Role::Responder).await;
        let session = account::sign_in(&nobody(&app), given(&mara.email, PASSWORD)).await.unwrap();
        assert!(with_cookie(&app, &session.token.0).await.is_some());
        let mut ended = app.sessions.ended();
        let archived = account::archive_user(&ada, mara.id).await.unwrap();
        assert!(archived.archived_at.is_some());
        assert_eq!(ended.recv().await.unwrap(), session.session_id);
        assert!(with_cookie(&app, &session.token.0).await.is_none());
        assert_eq!(code(account::sign_in(&nobody(&app), given(&mara.email, PASSWORD)).await), Code::Unauthenticated);
        assert_eq!(account::require_active(&ada, mara.id, "assigned_to_id").await.unwrap_err().problem().fields[0].field, "assigned_to_id");
        account::restore_user(&ada, mara.id).await.unwrap();
        assert!(account::require_active(&ada, mara.id, "assigned_to_id").await.is_ok());
        assert!(account::sign_in(&nobody(&app), given(&mara.email, PASSWORD)).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn users_are_found_by_a_part_of_name_or_address_and_walked_by_cursor() {
    on_both(|app| async move {
        let ada = joined(&app, "Ada", Role::Admin).await;
        for name in ["bo", "Cy", "Dee", "eve", "100%"] {
            user(&app, name, Role::Viewer).await;
        }
        let names = async |q: &str| -> Vec<String> {
            let filter = UserFilter { q: Some(q.into()), ..UserFilter::default() };
            account::list_users(&ada, &filter, &Paging::default()).await.unwrap().items.into_iter().map(|u| u.name).collect()
        };
        assert_eq!(names("EE").await, ["Dee"]);
        assert_eq!(names("cy@exam").await, ["Cy"]);
        assert_eq!(names("%").await, ["100%"], "a sign is a sign");
        assert!(names("_").await.is_empty());

        let (mut walked, mut paging) = (Vec::new(), Paging { page_size: 2, ..Paging::default() });
        loop {
            let page = account::list_users(&ada, &UserFilter::default(), &paging).await.unwrap();
            assert_eq!((page.total, page.total_is_exact), (6, true));
            walked.extend(page.items.into_iter().map(|u| u.name));
            paging.after = page.next;
            if paging.after.is_none() {
                break;
            }
        }
        assert_eq!(walked, ["100%", "Ada", "bo", "Cy", "Dee", "eve"]);
        assert_eq!(
            code(account::list_users(&ada, &UserFilter::default(), &Paging { after: Some("x".into()), ..paging }).await),
            Code::BadRequest
        );
        assert_eq!(code(account::list_users(&nobody(&app), &UserFilter::default(), &Paging::default()).await), Code::Unauthenticated);
    })
    .await;
}

#[tokio::test]
async fn the_command_line_makes_accounts_passwords_and_tokens() {
    on_both(|app| async move {
        let ada = account::admin_create_user(&app, new_user("Ada", Role::Admin)).await.unwrap();
        let session = account::sign_in(&nobody(&app), given(&ada.email, PASSWORD)).await.unwrap();
        let word = account::generated_password();
        account::admin_reset_password(&app, " ADA@example.org", word.clone()).await.unwrap();
        assert!(with_cookie(&app, &session.token.0).await.is_none());
        assert!(account::sign_in(&nobody(&app), given(&ada.email, &word.0)).await.is_ok());
        assert_eq!(code(account::admin_reset_password(&app, "nobody@example.org", word).await), Code::NotFound);
        assert_eq!(fields(account::admin_reset_password(&app, &ada.email, "12345678".into()).await), ["password"]);
        let token = TokenIn { name: "cli".into(), scopes: vec!["*".into()], expires_at: None };
        let token = account::admin_create_token(&app, &ada.email, token).await.unwrap();
        assert!(account::authenticate_token(&app, &token.token.0).await.unwrap().is_some());
    })
    .await;
}
