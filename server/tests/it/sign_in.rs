//! Signing in and out, as a browser does it.

use domain::account::Role;
use serde_json::json;
use server::http::assets::Assets;

use crate::support::{
    PASSWORD, on_both, on_both_with, on_sqlite,
    socket::{Socket, listen},
};

#[tokio::test]
async fn a_person_signs_in_and_is_known_by_the_cookie() {
    on_both(|app| async move {
        let mara = app.named("mara", Role::Manager).await;
        // The address is read whatever its case.
        let answer = app.try_sign_in("Mara@Example.org", PASSWORD).await.expect(200);
        assert_eq!(answer.json()["user"]["id"], mara.id.to_string());
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let token = answer.cookie().split_once('=').unwrap().1.to_owned();
        assert!(token.len() >= 43 && !answer.text().contains(&token), "the token stands in the cookie only");

        let browser = app.anonymous().with_cookie(&answer.cookie());
        let me = browser.get("/api/v1/me").await.expect(200).json();
        assert_eq!((&me["name"], &me["role"]), (&json!("mara"), &json!("manager")));
        assert!(!me.to_string().contains("password"), "{me}");
    })
    .await;
}

#[tokio::test]
async fn the_cookie_is_locked_to_this_site() {
    on_sqlite(&[("OPSGUARD_PUBLIC_URL", "https://ops.example.org")], Assets::default, |app| async move {
        let mara = app.named("mara", Role::Viewer).await;
        let answer = app.try_sign_in(&mara.email, PASSWORD).await.expect(200);
        let cookie = answer.header("set-cookie").unwrap();
        assert!(cookie.starts_with("__Host-opsguard="), "{cookie}");
        for attribute in ["; Path=/", "; Secure", "; HttpOnly", "; SameSite=Lax", "; Max-Age=15552000"] {
            assert!(cookie.contains(attribute), "{cookie} lacks {attribute}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
        assert_eq!(answer.header("strict-transport-security"), Some("max-age=31536000; includeSubDomains"));
    })
    .await;
    on_sqlite(&[], Assets::default, |app| async move {
        let mara = app.named("mara", Role::Viewer).await;
        let answer = app.try_sign_in(&mara.email, PASSWORD).await.expect(200);
        let cookie = answer.header("set-cookie").unwrap();
        assert!(cookie.starts_with("opsguard=") && cookie.contains("HttpOnly") && !cookie.contains("Secure"), "{cookie}");
        assert_eq!(answer.header("strict-transport-security"), None);
    })
    .await;
}

#[tokio::test]
async fn an_unknown_address_and_a_wrong_password_get_the_same_answer() {
    on_both(|app| async move {
        let mara = app.named("mara", Role::Viewer).await;
        let gone = app.named("gone", Role::Viewer).await;
        services::account::archive_user(&app.system(), gone.id).await.unwrap();
        let mut answers = Vec::new();
        for (email, password) in [
            ("nobody@example.org", PASSWORD),
            (mara.email.as_str(), "wrong"),
            (gone.email.as_str(), PASSWORD),
            (mara.email.as_str(), &*"x".repeat(300)),
        ] {
            let answer = app.try_sign_in(email, password).await;
            let headers: Vec<String> =
                answer.headers.iter().filter(|(n, _)| *n != "x-request-id").map(|(n, v)| format!("{n}: {v:?}")).collect();
            let mut problem = answer.problem(401, "unauthenticated");
            problem.as_object_mut().unwrap().remove("request_id");
            answers.push((headers, problem));
        }
        assert!(answers.windows(2).all(|w| w[0] == w[1]), "{answers:#?}");
    })
    .await;
}

#[tokio::test]
async fn guessing_gets_slower_for_known_and_unknown_addresses_alike() {
    on_both(|app| async move {
        app.state.app.clock.stop();
        let mara = app.named("mara", Role::Viewer).await;
        for email in [mara.email.as_str(), "nobody@example.org"] {
            for _ in 0..5 {
                app.try_sign_in(email, "wrong").await.problem(401, "unauthenticated");
            }
            let refused = app.try_sign_in(email, "wrong").await;
            assert_eq!(refused.header("retry-after"), Some("1"));
            let problem = refused.problem(429, "too_many");
            assert_eq!(problem["retry_after_s"], 1);
        }
        // The right password does not pass before its time, and does after it: nobody is locked out.
        app.try_sign_in(&mara.email, PASSWORD).await.problem(429, "too_many");
        app.state.app.clock.advance(1_000);
        app.try_sign_in(&mara.email, "wrong").await.problem(401, "unauthenticated");
        assert_eq!(app.try_sign_in(&mara.email, PASSWORD).await.header("retry-after"), Some("2"));
        app.state.app.clock.advance(2_000);
        app.try_sign_in(&mara.email, PASSWORD).await.expect(200);
        app.try_sign_in(&mara.email, "wrong").await.problem(401, "unauthenticated");
    })
    .await;
}

#[tokio::test]
async fn an_address_that_guesses_at_many_accounts_is_slowed_too() {
    on_sqlite(&[], Assets::default, |app| async move {
        let guesser = app.anonymous().from([203, 0, 113, 9]);
        let mut statuses = Vec::new();
        for n in 0..40 {
            // Without a password: what counts is asking.
            let answer = guesser.post("/api/v1/session", &json!({ "email": format!("p{n}@example.org"), "password": "" })).await;
            if answer.status == 429 {
                assert!(answer.header("retry-after").unwrap().parse::<u32>().unwrap() >= 1);
            }
            statuses.push(answer.status);
        }
        assert!(statuses[..30].iter().all(|s| *s == 422) && statuses.contains(&429), "{statuses:?}");
        // Others are not slowed, and reading goes on.
        app.as_role(Role::Viewer).await;
        guesser.get("/api/v1/me").await.problem(401, "unauthenticated");
    })
    .await;
}

#[tokio::test]
async fn behind_a_proxy_each_client_has_its_own_budget_and_nobody_can_pretend() {
    let settings = [("OPSGUARD_TRUSTED_PROXIES", "10.9.9.9")];
    on_sqlite(&settings, Assets::default, |app| async move {
        let body = json!({ "email": "a@example.org", "password": "" });
        let ask = async |peer: [u8; 4], forwarded: String| {
            app.anonymous().from(peer).with("x-forwarded-for", &forwarded).post("/api/v1/session", &body).await.status
        };
        for n in 0..40 {
            assert_eq!(ask([10, 9, 9, 9], format!("198.51.100.{n}")).await, 422);
        }
        let mut pretended = Vec::new();
        for n in 0..40 {
            pretended.push(ask([203, 0, 113, 7], format!("198.51.100.{n}")).await);
        }
        assert!(pretended.contains(&429), "{pretended:?}");
    })
    .await;
}

#[tokio::test]
async fn signing_out_ends_the_session_at_once_and_takes_the_cookie_back() {
    on_both(|app| async move {
        let mara = app.named("mara", Role::Viewer).await;
        let (laptop, phone) = (app.sign_in(&mara).await, app.sign_in(&mara).await);
        let answer = laptop.delete("/api/v1/session").await.expect(204);
        let cookie = answer.header("set-cookie").unwrap();
        assert!(cookie.starts_with("opsguard=;") && cookie.contains("Max-Age=0"), "{cookie}");
        laptop.get("/api/v1/me").await.problem(401, "unauthenticated");
        phone.get("/api/v1/me").await.expect(200);
        // Once more, and by nobody: nothing to do.
        laptop.delete("/api/v1/session").await.expect(204);
        app.anonymous().delete("/api/v1/session").await.expect(204);
    })
    .await;
}

#[tokio::test]
async fn a_revoked_session_is_out_at_once_and_its_tabs_close() {
    on_both(|app| async move {
        let mara = app.named("mara", Role::Viewer).await;
        let (laptop, phone) = (app.sign_in(&mara).await, app.sign_in(&mara).await);
        let address = listen(&app).await;
        let (mut tab, _) = Socket::open(address, &phone).await;
        let (mut other, _) = Socket::open(address, &laptop).await;

        let sessions = laptop.get("/api/v1/sessions").await.expect(200).json();
        let theirs = sessions.as_array().unwrap().iter().find(|s| s["current"] == false).unwrap();
        phone.get("/api/v1/me").await.expect(200);
        laptop.delete(&format!("/api/v1/sessions/{}", theirs["id"].as_str().unwrap())).await.expect(204);
        phone.get("/api/v1/me").await.problem(401, "unauthenticated");
        assert_eq!(tab.closed().await, 4401);

        // The one that revoked goes on.
        laptop.get("/api/v1/me").await.expect(200);
        other.send(json!({ "t": "sub", "topics": [], "after": 1_000_000 })).await;
        assert_eq!(other.next().await["t"], "resync");
    })
    .await;
}

#[tokio::test]
async fn a_new_password_ends_all_other_sessions() {
    on_both(|app| async move {
        let mara = app.named("mara", Role::Viewer).await;
        let (laptop, phone) = (app.sign_in(&mara).await, app.sign_in(&mara).await);
        let address = listen(&app).await;
        let (mut tab, _) = Socket::open(address, &phone).await;
        let path = format!("/api/v1/users/{}", mara.id);
        let laptop = laptop.with("if-match", laptop.get(&path).await.header("etag").unwrap());
        laptop.patch(&path, &json!({ "password": "a longer walk by the sea" })).await.problem(422, "invalid");
        laptop.patch(&path, &json!({ "password": "a longer walk by the sea", "current_password": "wrong" })).await.problem(422, "invalid");
        laptop.patch(&path, &json!({ "password": "a longer walk by the sea", "current_password": PASSWORD })).await.expect(200);
        phone.get("/api/v1/me").await.problem(401, "unauthenticated");
        laptop.get("/api/v1/me").await.expect(200);
        assert_eq!(tab.closed().await, 4401);
        app.try_sign_in(&mara.email, PASSWORD).await.problem(401, "unauthenticated");
        app.try_sign_in(&mara.email, "a longer walk by the sea").await.expect(200);
    })
    .await;
}

#[tokio::test]
async fn who_is_archived_is_out_at_once_with_sessions_tokens_and_sockets() {
    on_both(|app| async move {
        let mara = app.named("mara", Role::Responder).await;
        let (browser, robot) = (app.sign_in(&mara).await, app.token(&mara, &["*"]).await);
        let address = listen(&app).await;
        let (mut tab, _) = Socket::open(address, &browser).await;
        let (mut feed, _) = Socket::open(address, &robot).await;
        robot.get("/api/v1/me").await.expect(200);
        app.as_role(Role::Admin).await.delete(&format!("/api/v1/users/{}", mara.id)).await.expect(200);
        browser.get("/api/v1/me").await.problem(401, "unauthenticated");
        robot.get("/api/v1/me").await.problem(401, "unauthenticated");
        assert_eq!((tab.closed().await, feed.closed().await), (4401, 4401));
    })
    .await;
}

#[tokio::test]
async fn a_token_is_shown_once_works_and_ends_when_revoked() {
    on_both(|app| async move {
        let mara = app.named("mara", Role::Responder).await;
        let browser = app.sign_in(&mara).await;
        let made = browser.post("/api/v1/api-tokens", &json!({ "name": "deploys", "scopes": ["*"] })).await.expect(201);
        assert_eq!(made.header("cache-control"), Some("no-store"));
        let made = made.json();
        let secret = made["token"].as_str().unwrap();
        assert!(secret.starts_with("ogt_") && made["name"] == "deploys", "{made}");
        let list = browser.get("/api/v1/api-tokens").await.expect(200);
        assert!(list.text().contains("deploys") && !list.text().contains(secret));

        let robot = app.anonymous().with("authorization", &format!("Bearer {secret}"));
        assert_eq!(robot.get("/api/v1/me").await.expect(200).json()["scopes"], json!(["*"]));
        let address = listen(&app).await;
        let (mut feed, _) = Socket::open(address, &robot).await;
        browser.delete(&format!("/api/v1/api-tokens/{}", made["id"].as_str().unwrap())).await.expect(204);
        let refused = robot.get("/api/v1/me").await;
        assert_eq!(refused.header("www-authenticate"), Some("Bearer"));
        refused.problem(401, "unauthenticated");
        assert_eq!(feed.closed().await, 4401);
    })
    .await;
}

#[tokio::test]
async fn a_token_that_is_not_known_is_refused_even_beside_a_good_cookie() {
    on_sqlite(&[], Assets::default, |app| async move {
        let browser = app.as_role(Role::Admin).await;
        for value in ["Bearer ogt_nonsense", "Bearer ", "Basic YTpi", "ogt_x"] {
            browser.with("authorization", value).get("/api/v1/me").await.problem(401, "unauthenticated");
        }
    })
    .await;
}

#[tokio::test]
async fn a_session_that_was_not_used_for_two_weeks_is_over() {
    on_both_with(&[], Assets::default, |app| async move {
        let browser = app.as_role(Role::Viewer).await;
        let day = 86_400_000;
        app.state.app.clock.advance(13 * day);
        browser.get("/api/v1/me").await.expect(200);
        app.state.app.clock.advance(13 * day);
        browser.get("/api/v1/me").await.expect(200);
        app.state.app.clock.advance(14 * day + 1);
        browser.get("/api/v1/me").await.problem(401, "unauthenticated");
    })
    .await;
}

#[tokio::test]
async fn what_was_written_offline_is_not_sent_as_somebody_else() {
    on_sqlite(&[], Assets::default, |app| async move {
        let (mara, noor) = (app.named("mara", Role::Responder).await, app.named("noor", Role::Responder).await);
        let browser = app.sign_in(&noor).await;
        let body = json!({ "title": "Down", "severity": "high" });
        browser.with("x-opsguard-user", &mara.id.to_string()).post("/api/v1/incidents", &body).await.problem(401, "unauthenticated");
        browser.with("x-opsguard-user", &noor.id.to_string()).post("/api/v1/incidents", &body).await.expect(201);
    })
    .await;
}

#[tokio::test]
async fn an_invitation_is_a_link_that_is_shown_once() {
    on_both(|app| async move {
        let admin = app.as_role(Role::Admin).await;
        let made = admin.post("/api/v1/invitations", &json!({ "email": "new@example.org", "role": "responder" })).await.expect(201).json();
        let url = made["url"].as_str().unwrap();
        let token = url.strip_prefix("http://127.0.0.1:3000/invite/").unwrap_or_else(|| panic!("{url}"));
        assert!(token.len() >= 43 && made.get("token").is_none(), "{made}");
        let list = admin.get("/api/v1/invitations").await.expect(200);
        assert!(list.text().contains("new@example.org") && !list.text().contains(token));
        admin.delete(&format!("/api/v1/invitations/{}", made["id"].as_str().unwrap())).await.expect(204);
        assert_eq!(admin.get("/api/v1/invitations").await.expect(200).json(), json!([]));
    })
    .await;
}
