//! What the API makes of what it cannot use, and the headers that every answer carries.

use domain::account::Role;
use serde_json::{Value, json};
use server::http::assets::Assets;

use crate::support::{on_both, on_sqlite};

fn new_incident() -> Value {
    json!({ "title": "Checkout is down", "severity": "high" })
}

#[tokio::test]
async fn what_is_no_json_is_refused_with_its_place() {
    on_sqlite(&[], Assets::default, |app| async move {
        let me = app.as_role(Role::Responder).await;
        for (body, place) in
            [("{\n  \"title\": }", "line 2 column 12"), ("{\"title\": \"x\"", "line 1 column 13"), ("\u{feff}{}", "line 1 column 1")]
        {
            let problem = me.raw("POST", "/api/v1/incidents", "application/json", body).await.problem(400, "bad_request");
            assert!(problem["detail"].as_str().unwrap().contains(place), "{problem}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_does_not_fit_names_the_field() {
    on_sqlite(&[], Assets::default, |app| async move {
        let me = app.as_role(Role::Responder).await;
        for (body, field) in [
            (json!({ "severity": "high" }), "title"),
            (json!({ "title": "x" }), "severity"),
            (json!({ "title": "x", "severity": "terrible" }), "terrible"),
            (json!({ "title": "x", "severity": "high", "colour": "red" }), "colour"),
        ] {
            let problem = me.post("/api/v1/incidents", &body).await.problem(422, "invalid");
            assert_eq!(problem["errors"][0]["field"], field, "{problem}");
        }
        // Every wrong field at once.
        let problem = me
            .post("/api/v1/incidents", &json!({ "title": " ", "severity": "high", "description": "x".repeat(20_001) }))
            .await
            .problem(422, "invalid");
        let fields: Vec<&str> = problem["errors"].as_array().unwrap().iter().map(|e| e["field"].as_str().unwrap()).collect();
        assert_eq!(fields, ["title", "description"]);
    })
    .await;
}

#[tokio::test]
async fn another_content_type_is_not_guessed_at() {
    on_sqlite(&[], Assets::default, |app| async move {
        let me = app.as_role(Role::Responder).await;
        for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "application/jsonp"]
        {
            me.raw("POST", "/api/v1/incidents", content_type, new_incident().to_string()).await.problem(415, "unsupported_media_type");
        }
        for content_type in ["application/json; charset=utf-8", "APPLICATION/JSON", "application/vnd.opsguard+json"] {
            me.raw("POST", "/api/v1/incidents", content_type, new_incident().to_string()).await.expect(201);
        }
    })
    .await;
}

#[tokio::test]
async fn a_body_over_one_mebibyte_is_too_large() {
    on_sqlite(&[], Assets::default, |app| async move {
        let me = app.as_role(Role::Responder).await;
        let body = |length: usize| json!({ "title": "x", "severity": "high", "description": "y".repeat(length) }).to_string();
        me.raw("POST", "/api/v1/incidents", "application/json", body(1024 * 1024)).await.problem(413, "too_large");
        me.raw("POST", "/api/v1/incidents", "application/json", body(1024 * 1024 - 100)).await.problem(422, "invalid");
    })
    .await;
}

#[tokio::test]
async fn a_parameter_that_is_not_known_is_refused_with_those_that_are() {
    on_sqlite(&[], Assets::default, |app| async move {
        let me = app.as_role(Role::Admin).await;
        for (path, known) in [
            ("/incidents?stauts=open", "status"),
            ("/incidents.csv?stauts=open", "status"),
            ("/services?name=x", "q"),
            ("/alerts?state=x", "status"),
            ("/users?name=x", "role"),
            ("/teams?name=x", "archived"),
            ("/events?since=1", "after"),
            ("/sessions?of=1", "user_id"),
            ("/api-tokens?of=1", "user_id"),
        ] {
            let problem = me.get(&format!("/api/v1{path}")).await.problem(400, "bad_request");
            let name = path.split(['?', '=']).nth(1).unwrap();
            let detail = problem["detail"].as_str().unwrap();
            let listed = detail.split("known: ").nth(1).unwrap_or_default();
            assert!(detail.contains(name) && listed.trim_end_matches('.').split(", ").any(|k| k == known), "{path}: {detail}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_parameter_with_a_wrong_value_says_what_is_right() {
    on_sqlite(&[], Assets::default, |app| async move {
        let me = app.as_role(Role::Admin).await;
        for query in [
            "incidents?status=opened",
            "incidents?severity=awful",
            "incidents?service_id=1",
            "incidents?from=yesterday",
            "incidents?sort=title",
            "incidents?page=0",
            "incidents?page_size=201",
            "incidents?after=nonsense",
            "incidents?page=1000000&page_size=200",
            "alerts?status=gone",
            "users?role=king",
            "users?archived=maybe",
            "teams?after=nonsense",
            "services?after=nonsense",
            "events?after=-1",
            "events?limit=501",
            "sessions?user_id=me",
        ] {
            me.get(&format!("/api/v1/{query}")).await.problem(400, "bad_request");
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_no_id_names_nothing() {
    on_both(|app| async move {
        let me = app.as_role(Role::Admin).await;
        for id in [
            "0",
            "-1",
            "nonsense",
            "01900000-0000-7000-8000-0000000000ff",
            "9999999999999999999999",
            "INC-0",
            "svc_zzz",
            "%20",
            "%00",
            "%F0%9F%94%A5",
            "..%2f..%2fetc",
        ] {
            for noun in ["incidents", "services", "integrations", "users", "teams"] {
                me.get(&format!("/api/v1/{noun}/{id}")).await.problem(404, "not_found");
            }
            for noun in ["sessions", "api-tokens", "invitations"] {
                me.delete(&format!("/api/v1/{noun}/{id}")).await.problem(404, "not_found");
            }
        }
        // Another noun's id.
        let service = app.service("Checkout").await;
        me.get(&format!("/api/v1/services/inc_{}", service.id.uuid().simple())).await.problem(404, "not_found");
        me.get(&format!("/api/v1/services/{}", service.id.prefixed())).await.expect(200);
        me.get(&format!("/api/v1/incidents/{}", service.id)).await.problem(404, "not_found");
    })
    .await;
}

#[tokio::test]
async fn an_edit_says_what_it_was_made_on() {
    on_both(|app| async move {
        let me = app.as_role(Role::Admin).await;
        let service = app.service("Checkout").await;
        let incident = app.incident(service.id, "Down").await;
        let integration = app.integration(service.id, domain::integration::Kind::Generic).await.integration;
        let (user, team) = (app.named("mara", Role::Viewer).await, app.team("Payments", &[]).await);
        for (path, field) in [
            (format!("/api/v1/incidents/{}", incident.id), "title"),
            (format!("/api/v1/services/{}", service.id), "name"),
            (format!("/api/v1/integrations/{}", integration.id), "name"),
            (format!("/api/v1/users/{}", user.id), "name"),
            (format!("/api/v1/teams/{}", team.id), "name"),
        ] {
            let edit = |words: &str| json!({ field: words });
            me.patch(&path, &edit("one")).await.problem(428, "precondition_required");
            for tag in ["v1", "*", "\"abc\""] {
                me.with("if-match", tag).patch(&path, &edit("one")).await.problem(400, "bad_request");
            }
            let etag = me.get(&path).await.expect(200).header("etag").unwrap().to_owned();
            let edited = me.with("if-match", &etag).patch(&path, &edit("one")).await.expect(200);
            assert_eq!(edited.json()[field], "one");
            assert_ne!(edited.header("etag"), Some(etag.as_str()));
            // A weak tag is the same version.
            let weak = format!("W/{}", edited.header("etag").unwrap());
            me.with("if-match", &weak).patch(&path, &edit("two")).await.expect(200);

            let stale = me.with("if-match", &etag).patch(&path, &edit("three")).await.problem(412, "stale");
            assert_eq!(stale["current"][field], "two", "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_a_caller_has_is_not_sent_again() {
    on_both(|app| async move {
        let me = app.as_role(Role::Admin).await;
        let service = app.service("Checkout").await;
        let incident = app.incident(service.id, "Down").await;
        for path in [
            "incidents".to_owned(),
            format!("incidents/{}", incident.id),
            format!("incidents/{}/timeline", incident.number),
            "services".into(),
            "users".into(),
            "teams".into(),
            "me".into(),
            "events".into(),
            "alerts".into(),
        ] {
            let path = format!("/api/v1/{path}");
            let first = me.get(&path).await.expect(200);
            let etag = first.header("etag").unwrap_or_else(|| panic!("{path} has no ETag"));
            assert_eq!(first.header("cache-control"), Some("private, no-cache"), "{path}");
            let again = me.with("if-none-match", etag).get(&path).await.expect(304);
            assert!(again.body.is_empty() && again.header("etag") == Some(etag), "{path}");
            me.with("if-none-match", "\"other\"").get(&path).await.expect(200);
        }
        let path = format!("/api/v1/incidents/{}", incident.id);
        let before = me.get(&path).await.header("etag").unwrap().to_owned();
        me.post(&format!("{path}/acknowledge"), &json!({})).await.expect(200);
        me.with("if-none-match", &before).get(&path).await.expect(200);
        // Acknowledging is no edit: who edits meanwhile is not stale.
        me.with("if-match", &before).patch(&path, &json!({ "title": "Still down" })).await.expect(200);
    })
    .await;
}

#[tokio::test]
async fn a_request_that_is_sent_again_happens_once() {
    on_both(|app| async move {
        let me = app.as_role(Role::Admin).await;
        let once = me.with("idempotency-key", "5e0e");
        let first = once.post("/api/v1/incidents", &new_incident()).await.expect(201);
        assert_eq!(first.header("idempotency-replayed"), None);
        let again = once.post("/api/v1/incidents", &new_incident()).await.expect(201);
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
        assert_eq!((again.json(), again.header("location")), (first.json(), first.header("location")));
        assert_eq!(me.get("/api/v1/incidents").await.expect(200).json()["total"], 1);

        // Another request under the key, by body or by path.
        once.post("/api/v1/incidents", &json!({ "title": "Other", "severity": "low" })).await.problem(422, "key_reused");
        once.post("/api/v1/services", &json!({ "name": "Search" })).await.problem(422, "key_reused");
        // Somebody else's key is another key.
        let other = app.sign_in(&app.named("noor", Role::Responder).await).await.with("idempotency-key", "5e0e");
        assert_ne!(other.post("/api/v1/incidents", &new_incident()).await.expect(201).json()["id"], first.json()["id"]);

        // A refusal is not kept: the same key may be tried again when the reason is gone.
        let later = me.with("idempotency-key", "later");
        let number = first.json()["number"].as_i64().unwrap();
        let path = format!("/api/v1/incidents/{number}/status");
        later.patch(&path, &json!({ "status": "nowhere" })).await.problem(422, "invalid");

        for key in ["", " ", "with space", &"x".repeat(201), "é"] {
            let refused = me.with("idempotency-key", key).post("/api/v1/incidents", &new_incident()).await;
            refused.problem(400, "bad_request");
        }
    })
    .await;
}

#[tokio::test]
async fn an_answer_with_a_secret_is_not_kept_for_the_key() {
    on_both(|app| async move {
        let me = app.as_role(Role::Admin).await;
        let service = app.service("Checkout").await;
        for (key, path, body) in [
            ("a", "/api/v1/api-tokens".to_owned(), json!({ "name": "deploys", "scopes": ["*"] })),
            ("b", "/api/v1/invitations".into(), json!({ "email": "new@example.org", "role": "viewer" })),
            ("c", format!("/api/v1/services/{}/integrations", service.id), json!({ "kind": "generic", "name": "x" })),
        ] {
            let once = me.with("idempotency-key", key);
            once.post(&path, &body).await.expect(201);
            once.post(&path, &body).await.problem(409, "already_done");
        }

        // A rotation that is sent twice does not end the key that the first one answered.
        let made = app.integration(service.id, domain::integration::Kind::Generic).await;
        let (once, path) = (me.with("idempotency-key", "d"), format!("/api/v1/integrations/{}/rotate", made.integration.id));
        let key = once.post(&path, &json!({})).await.expect(200).json()["key"].as_str().unwrap().to_owned();
        once.post(&path, &json!({})).await.problem(409, "already_done");
        app.anonymous().post(&format!("/in/generic/{key}"), &json!({ "title": "Disk full" })).await.expect(202);
        let again = me.with("idempotency-key", "e").post(&path, &json!({})).await.expect(200).json();
        assert_ne!(again["key"], key.as_str());
    })
    .await;
}

#[tokio::test]
async fn two_at_once_under_one_key_make_one_incident() {
    on_both(|app| async move {
        let me = app.as_role(Role::Responder).await.with("idempotency-key", "twice");
        let body = new_incident();
        let (a, b) = tokio::join!(me.post("/api/v1/incidents", &body), me.post("/api/v1/incidents", &body));
        let made: Vec<Value> = [a, b].into_iter().filter(|a| a.status == 201).map(|a| a.json()["id"].clone()).collect();
        assert!(!made.is_empty() && made.iter().all(|id| *id == made[0]), "{made:?}");
        assert_eq!(me.get("/api/v1/incidents").await.expect(200).json()["total"], 1);
    })
    .await;
}

#[tokio::test]
async fn a_request_id_is_taken_when_it_is_safe_and_made_when_not() {
    on_sqlite(&[], Assets::default, |app| async move {
        let me = app.as_role(Role::Responder).await;
        let taken = me.with("x-request-id", "tab-7.a_B").get("/api/v1/incidents/0").await;
        assert_eq!(taken.header("x-request-id"), Some("tab-7.a_B"));
        taken.problem(404, "not_found");
        for id in ["with space", &"x".repeat(65), "", "a<b>"] {
            let made = me.with("x-request-id", id).get("/api/v1/me").await.expect(200);
            let made = made.header("x-request-id").unwrap();
            assert!(made != id && made.len() >= 16 && made.bytes().all(|b| b.is_ascii_alphanumeric()), "{made}");
        }
        // What was done is found again by the id.
        me.with("x-request-id", "find-me").post("/api/v1/incidents", &new_incident()).await.expect(201);
        let events = me.get("/api/v1/events?topic=incidents").await.expect(200).json();
        assert_eq!(events["items"][0]["request_id"], "find-me");
    })
    .await;
}

#[tokio::test]
async fn another_site_cannot_write_in_somebodys_name() {
    on_sqlite(&[], Assets::default, |app| async move {
        let user = app.user(Role::Responder).await;
        let (browser, robot) = (app.sign_in(&user).await, app.token(&user, &["*"]).await);
        let foreign: [&[(&str, &str)]; 5] = [
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site"), ("origin", "http://other.127.0.0.1")],
            &[("origin", "https://evil.example")],
            &[("origin", "null")],
            &[("origin", "http://127.0.0.1:3000.evil.example")],
        ];
        for headers in foreign {
            let other_site = headers.iter().fold(browser.clone(), |c, (n, v)| c.with(n, v));
            for (method, path) in [
                ("POST", "/api/v1/incidents"),
                ("POST", "/api/v1/session"),
                ("DELETE", "/api/v1/session"),
                ("POST", "/sign-in"),
                ("POST", "/rpc/x"),
            ] {
                other_site.send(method, path, Some(&new_incident())).await.problem(403, "forbidden");
            }
            // Reading is for the browser's own rules to refuse; a token is never sent by a browser on its own.
            other_site.get("/api/v1/incidents").await.expect(200);
            let program = headers.iter().fold(robot.clone(), |c, (n, v)| c.with(n, v));
            program.post("/api/v1/incidents", &new_incident()).await.expect(201);
        }
        for (name, value) in [("sec-fetch-site", "same-origin"), ("sec-fetch-site", "none"), ("origin", "http://127.0.0.1:3000")] {
            browser.with(name, value).post("/api/v1/incidents", &new_incident()).await.expect(201);
        }
    })
    .await;
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    on_sqlite(&[], Assets::default, |app| async move {
        let admin = app.as_role(Role::Admin).await;
        for (method, path) in [
            ("GET", "/api/v1/me"),
            ("GET", "/api/v1/incidents.csv"),
            ("GET", "/api/openapi.json"),
            ("GET", "/api/docs"),
            ("GET", "/api/nothing"),
            ("PUT", "/api/v1/incidents"),
            ("POST", "/api/v1/incidents"),
            ("GET", "/livez"),
            ("GET", "/readyz"),
            ("GET", "/version"),
            ("GET", "/metrics"),
            ("GET", "/pkg/nothing.js"),
            ("GET", "/sw.js"),
            ("POST", "/in/generic/nothing"),
            ("POST", "/v2/enqueue"),
            ("POST", "/csp-report"),
        ] {
            let answer = admin.send(method, path, None).await;
            for (name, value) in [
                ("x-content-type-options", "nosniff"),
                ("referrer-policy", "same-origin"),
                ("cross-origin-opener-policy", "same-origin"),
                ("cross-origin-resource-policy", "same-origin"),
            ] {
                assert_eq!(answer.header(name), Some(value), "{method} {path}");
            }
            let policy = answer.header("content-security-policy").unwrap_or_else(|| panic!("{method} {path} has no policy"));
            assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{method} {path}: {policy}");
            assert!(!policy.contains("unsafe-inline"), "{policy}");
            assert!(answer.header("permissions-policy").is_some() && answer.header("x-request-id").is_some(), "{method} {path}");
            assert!(answer.status < 500, "{method} {path}: {}", answer.status);
        }
    })
    .await;
}

#[tokio::test]
async fn metrics_are_closed_without_their_token() {
    on_sqlite(&[], Assets::default, |app| async move {
        let admin = app.user(Role::Admin).await;
        app.token(&admin, &["*"]).await.get("/metrics").await.problem(401, "unauthenticated");
    })
    .await;
    on_sqlite(&[("OPSGUARD_METRICS_TOKEN", "scrape")], Assets::default, |app| async move {
        app.anonymous().get("/metrics").await.problem(401, "unauthenticated");
        app.anonymous().with("authorization", "Bearer scrap").get("/metrics").await.problem(401, "unauthenticated");
        let metrics = app.anonymous().with("authorization", "Bearer scrape").get("/metrics").await.expect(200);
        assert!(metrics.text().contains("\nopsguard_live_sockets "), "{}", metrics.text());
    })
    .await;
}

#[tokio::test]
async fn a_report_of_a_browser_is_counted_and_a_flood_of_bytes_is_not_read() {
    on_sqlite(&[], Assets::default, |app| async move {
        let browser = app.anonymous();
        browser.raw("POST", "/csp-report", "application/csp-report", "{}").await.expect(204);
        browser.raw("POST", "/csp-report", "application/csp-report", "x".repeat(64 * 1024)).await.expect(413);
    })
    .await;
}

#[tokio::test]
async fn a_list_is_walked_by_its_cursor_without_gap_or_repeat() {
    on_both(|app| async move {
        let me = app.as_role(Role::Admin).await;
        // Capitals that not every database knows the small letter of, and a name that archived ones share.
        for n in 0..6 {
            let service = app.service("Retired").await;
            services::service::archive(&app.system(), service.id).await.unwrap();
            app.service(&format!("{}rger {n}", if n % 2 == 0 { "Ä" } else { "ä" })).await;
            app.named(&format!("Ömer{n}"), Role::Viewer).await;
            app.team(&format!("{}rzte {n}", if n % 2 == 0 { "Ä" } else { "ä" }), &[]).await;
            app.incident(domain::service::UNSORTED, &format!("Incident {n}")).await;
        }
        for (list, expected) in [
            ("services?archived=true", 6),
            ("services?", 7),
            ("users?", 7),
            ("teams?", 6),
            ("incidents?", 6),
            ("incidents?sort=created_at", 6),
        ] {
            let mut seen = std::collections::BTreeSet::new();
            let mut after = String::new();
            for _ in 0..expected {
                let page = me.get(&format!("/api/v1/{list}&page_size=2{after}")).await.expect(200).json();
                for item in page["items"].as_array().unwrap() {
                    assert!(seen.insert(item["id"].as_str().unwrap().to_owned()), "{list}: {item} twice");
                }
                match page["next"].as_str() {
                    Some(next) => after = format!("&after={}", next.bytes().map(|b| format!("%{b:02x}")).collect::<String>()),
                    None => break,
                }
            }
            assert_eq!(seen.len(), expected, "{list}");
        }
        assert!(!me.get("/api/v1/services?q=%C3%84r").await.expect(200).json()["items"].as_array().unwrap().is_empty());
    })
    .await;
}
