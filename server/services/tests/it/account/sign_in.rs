//! Signing in and out, and guessing.

use domain::{
    Code,
    account::{Role, SignInIn, UserIn},
};
use sea_orm::{ConnectionTrait, Statement};
use services::account;

use super::{FIREFOX, PASSWORD, code, fields, given, journal, kinds, new_user, nobody, user, with_cookie};
use crate::support::{on_both, system};

#[tokio::test]
async fn who_knows_the_password_gets_a_session_whatever_the_case_of_the_address() {
    on_both(|app| async move {
        let mara = user(&app, "Mara", Role::Responder).await;
        let session = account::sign_in(&nobody(&app), given(" MARA@example.org ", PASSWORD)).await.unwrap();
        assert_eq!((session.user.id, session.token.0.len()), (mara.id, 43));
        let cx = with_cookie(&app, &session.token.0).await.unwrap();
        assert_eq!(cx.actor.session, Some(session.session_id));
        assert_eq!(account::me(&cx).await.unwrap().user, mara);
    })
    .await;
}

#[tokio::test]
async fn an_unknown_address_and_a_wrong_password_are_told_the_same() {
    on_both(|app| async move {
        user(&app, "Mara", Role::Responder).await;
        let gone = user(&app, "Gone", Role::Responder).await;
        account::archive_user(&system(&app), gone.id).await.unwrap();
        account::create_user(&system(&app), UserIn { password: None, ..new_user("Nopass", Role::Viewer) }).await.unwrap();
        let long = "x".repeat(300);
        let mut answers = Vec::new();
        for (email, password) in [
            ("mara@example.org", "wrong horse battery"),
            ("mara@example.org", long.as_str()),
            ("nobody@example.org", PASSWORD),
            ("gone@example.org", PASSWORD),
            ("nopass@example.org", PASSWORD),
            ("not an address", PASSWORD),
        ] {
            answers.push(account::sign_in(&nobody(&app), given(email, password)).await.unwrap_err().problem());
        }
        assert_eq!(answers[0].detail, "E-mail or password is not right.");
        assert_eq!(answers[0].code, Code::Unauthenticated);
        assert!(answers.iter().all(|a| *a == answers[0]));
        assert_eq!(fields(account::sign_in(&nobody(&app), SignInIn::default()).await), ["email", "password"]);
    })
    .await;
}

#[tokio::test]
async fn after_five_failures_each_try_waits_longer_and_success_clears_it() {
    on_both(|app| async move {
        app.clock.stop();
        user(&app, "Mara", Role::Responder).await;
        let wrong = || given("mara@example.org", "wrong horse battery");
        for _ in 0..4 {
            assert_eq!(code(account::sign_in(&nobody(&app), wrong()).await), Code::Unauthenticated);
        }
        for wait in [1, 2, 4, 8, 16] {
            // Half a second after the failure.
            let before = app.clock.now();
            assert_eq!(code(account::sign_in(&nobody(&app), wrong()).await), Code::Unauthenticated);
            app.clock.set(before.plus(500));
            // Not even the right password is looked at before its time, and asking early costs nothing more.
            for _ in 0..2 {
                let early = account::sign_in(&nobody(&app), given("Mara@example.org", PASSWORD)).await.unwrap_err().problem();
                assert_eq!((early.code, early.retry_after_s), (Code::TooMany, Some(wait)));
            }
            app.clock.advance(i64::from(wait) * 1_000);
        }
        assert_eq!(
            code(account::sign_in(&nobody(&app), given("other@example.org", PASSWORD)).await),
            Code::Unauthenticated,
            "others do not wait"
        );
        assert!(account::sign_in(&nobody(&app), given("mara@example.org", PASSWORD)).await.is_ok());
        assert_eq!(code(account::sign_in(&nobody(&app), wrong()).await), Code::Unauthenticated);
        assert!(account::sign_in(&nobody(&app), given("mara@example.org", PASSWORD)).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn guesses_in_parallel_do_not_pass_under_the_count() {
    on_both(|app| async move {
        app.clock.stop();
        user(&app, "Mara", Role::Responder).await;
        let cx = nobody(&app);
        let guesses = (0..8).map(|n| account::sign_in(&cx, given("mara@example.org", &format!("wrong horse {n}"))));
        let answers = futures_util::future::join_all(guesses).await;
        let looked_at = answers.into_iter().filter(|a| a.as_ref().unwrap_err().problem().code == Code::Unauthenticated).count();
        assert_eq!(looked_at, 5);
    })
    .await;
}

#[tokio::test]
async fn the_journal_tells_of_sign_ins_and_refusals_and_keeps_no_secret() {
    on_both(|app| async move {
        let mara = user(&app, "Mara", Role::Responder).await;
        let session = account::sign_in(&nobody(&app), given("mara@example.org", PASSWORD)).await.unwrap();
        let _ = account::sign_in(&nobody(&app), given("mara@example.org", "hunter2hunter2")).await;
        let _ = account::sign_in(&nobody(&app), given("eve@evil.example", "hunter2hunter2")).await;
        account::sign_out(&with_cookie(&app, &session.token.0).await.unwrap()).await.unwrap();

        let events = journal(&app).await;
        let told: Vec<_> = events.iter().map(|e| (e.kind.as_str(), e.actor.id)).collect();
        let own = Some(mara.id.uuid());
        assert_eq!(
            told,
            [("user.created", None), ("account.signed_in", own), ("account.sign_in_refused", None), ("account.sign_in_refused", None), ("account.signed_out", own)]
        );
        assert_eq!(events[2].entity, format!("user:{}", mara.id));
        let text = serde_json::to_string(&events).unwrap();
        for secret in ["hunter2", PASSWORD, session.token.0.as_str(), "eve@", "mara@", "argon2"] {
            assert!(!text.contains(secret), "{secret}");
        }
        let kept = "SELECT COUNT(*) FROM event_private p JOIN event e ON e.seq = p.seq WHERE p.address = '203.0.113.7' AND p.user_agent = $1 AND e.class = 'trace'";
        let row = app.store.reader.query_one_raw(Statement::from_sql_and_values(app.store.backend(), kept, [FIREFOX.into()])).await.unwrap().unwrap();
        assert_eq!(row.try_get_by_index::<i64>(0).unwrap(), 4);
    })
    .await;
}

#[tokio::test]
async fn signing_out_ends_the_session_and_signing_in_again_replaces_it() {
    on_both(|app| async move {
        let mara = user(&app, "Mara", Role::Responder).await;
        let first = super::signed_in(&app, &mara).await;
        let second = account::sign_in(&first, given("mara@example.org", PASSWORD)).await.unwrap();
        let second = with_cookie(&app, &second.token.0).await.unwrap();
        assert_eq!(account::list_sessions(&second).await.unwrap().len(), 1, "the browser has one cookie and one session");
        account::sign_out(&second).await.unwrap();
        assert_eq!(kinds(&app).await.last().unwrap(), "account.signed_out");
        assert!(account::list_sessions(&system_of(&app, &second)).await.unwrap().is_empty());
    })
    .await;
}

/// The same person, known by other means.
fn system_of(app: &std::sync::Arc<services::App>, cx: &services::Cx) -> services::Cx {
    super::browser(app, services::Actor { session: None, ..(*cx.actor).clone() })
}

#[tokio::test]
async fn a_hash_of_weaker_parameters_is_renewed_by_signing_in() {
    // argon2id with m=8192, t=1 over "correct horse".
    const WEAK: &str = "$argon2id$v=19$m=8192,t=1,p=1$BwcHBwcHBwcHBwcHBwcHBw$U1lV4uDIHlZJ5QZiMc9N7rUdH3v8exBr9n/KsrezaeM";
    on_both(|app| async move {
        user(&app, "Mara", Role::Responder).await;
        let backend = app.store.backend();
        let set = move |tx: services::Tx| async move {
            let weaken = Statement::from_sql_and_values(backend, "UPDATE account SET password_hash = $1", [WEAK.into()]);
            Ok(tx.conn().execute_raw(weaken).await?.rows_affected())
        };
        system(&app).write_plain(set).await.unwrap();
        for _ in 0..2 {
            account::sign_in(&nobody(&app), given("mara@example.org", "correct horse")).await.unwrap();
        }
        let select = Statement::from_string(backend, "SELECT password_hash FROM account");
        let hash: String = app.store.reader.query_one_raw(select).await.unwrap().unwrap().try_get_by_index(0).unwrap();
        assert_ne!(hash, WEAK);
    })
    .await;
}
