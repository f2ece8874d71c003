//! The first administrator.

use std::os::unix::fs::PermissionsExt;

use domain::{
    Code,
    account::{Role, SetupIn},
};
use services::account;

use super::{PASSWORD, code, fields, given, nobody, setup, user};
use crate::support::on_both;

#[tokio::test]
async fn the_first_administrator_is_made_by_who_has_the_setup_token() {
    on_both(|app| async move {
        assert!(account::needs_setup(&app).await.unwrap());
        let right = setup(&app).await;
        assert_eq!(setup(&app).await.token, right.token, "every start and every node prints the same");
        let file = app.data_dir.join("setup.token");
        assert_eq!(std::fs::read_to_string(&file).unwrap().trim(), right.token.0);
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);

        let wrong = SetupIn { token: "x".repeat(43).as_str().into(), ..right.clone() };
        assert_eq!(code(account::create_first_admin(&nobody(&app), wrong).await), Code::Forbidden);
        let weak = SetupIn { password: "password".into(), name: " ".into(), ..right.clone() };
        assert_eq!(fields(account::create_first_admin(&nobody(&app), weak).await), ["name", "password"]);

        let ada = account::create_first_admin(&nobody(&app), right.clone()).await.unwrap();
        assert_eq!((ada.role, ada.email.as_str()), (Role::Admin, "ada@example.org"));
        assert!(account::sign_in(&nobody(&app), given("ada@example.org", PASSWORD)).await.is_ok());

        assert_eq!(code(account::create_first_admin(&nobody(&app), right).await), Code::Conflict);
        assert_eq!(account::setup_token(&app).await.unwrap(), None);
        assert!(!file.exists() && !account::needs_setup(&app).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn of_two_who_claim_at_once_one_is_the_administrator() {
    on_both(|app| async move {
        let first = setup(&app).await;
        let second = SetupIn { email: "bo@example.org".into(), ..first.clone() };
        let cx = nobody(&app);
        let (a, b) = tokio::join!(account::create_first_admin(&cx, first), account::create_first_admin(&cx, second));
        assert_eq!([a.is_ok(), b.is_ok()].iter().filter(|ok| **ok).count(), 1);
        assert_eq!(code(if a.is_err() { a } else { b }), Code::Conflict);
    })
    .await;
}

#[tokio::test]
async fn the_environment_makes_the_administrator_on_the_first_start_only() {
    on_both(|app| async move {
        assert_eq!(fields(account::ensure_admin_from_env(&app, "ada@example.org", "short").await), ["password"]);
        assert!(account::ensure_admin_from_env(&app, "ada@example.org", PASSWORD).await.unwrap());
        assert!(!account::ensure_admin_from_env(&app, "other@example.org", "another password").await.unwrap());
        assert!(!account::ensure_admin_from_env(&app, "ada@example.org", "another password").await.unwrap());
        assert!(account::sign_in(&nobody(&app), given("ada@example.org", PASSWORD)).await.is_ok());
        assert_eq!(account::setup_token(&app).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn an_account_made_on_the_command_line_ends_the_setup() {
    on_both(|app| async move {
        let right = setup(&app).await;
        user(&app, "Root", Role::Admin).await;
        assert_eq!(code(account::create_first_admin(&nobody(&app), right).await), Code::Conflict);
    })
    .await;
}
