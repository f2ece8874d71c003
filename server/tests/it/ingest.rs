//! Alerts in: whatever a source sends is stored, or refused so that somebody sees it.

use domain::{account::Role, integration::Kind, service::Service};
use serde_json::{Value, json};

use crate::support::{Client, TestApp, eventually, on_both};

struct Source {
    service: Service,
    key: String,
    id: String,
    people: Client,
}

async fn source(app: &TestApp, kind: Kind) -> Source {
    let service = app.service("Checkout").await;
    let made = app.integration(service.id, kind).await;
    Source { service, key: made.key, id: made.integration.id.to_string(), people: app.as_role(Role::Manager).await }
}

impl Source {
    async fn incidents(&self, query: &str) -> Vec<Value> {
        let page = self.people.get(&format!("/api/v1/incidents?{query}")).await.expect(200).json();
        page["items"].as_array().unwrap().clone()
    }

    async fn about_rejects(&self, query: &str) -> Vec<Value> {
        let all = self.incidents(query).await;
        all.into_iter().filter(|i| i["title"].as_str().unwrap().ends_with("rejects payloads")).collect()
    }
}

#[tokio::test]
async fn an_accepted_alert_is_an_incident_before_the_answer() {
    on_both(|app| async move {
        let source = source(&app, Kind::Generic).await;
        let body = json!({ "title": "Disk full", "severity": "critical", "dedup_key": "disk" });
        let accepted = app.anonymous().post(&format!("/in/generic/{}", source.key), &body).await.expect(202).json();
        assert_eq!((&accepted["status"], &accepted["not_read"]), (&json!("accepted"), &json!([])));
        let incidents = source.incidents("status=open").await;
        assert_eq!(
            (incidents.len(), &incidents[0]["title"], &incidents[0]["service_id"]),
            (1, &json!("Disk full"), &json!(source.service.id))
        );

        // The same with the key as bearer token: once more the same alert.
        app.anonymous().with("authorization", &format!("Bearer {}", source.key)).post("/in/generic", &body).await.expect(202);
        assert_eq!(source.incidents("").await.len(), 1);
        app.anonymous()
            .post(&format!("/in/generic/{}", source.key), &json!({ "title": "Disk full", "dedup_key": "disk", "status": "resolved" }))
            .await
            .expect(202);
        assert_eq!(source.incidents("status=resolved").await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_read_opens_one_incident_and_the_next_good_payload_resolves_it() {
    on_both(|app| async move {
        let source = source(&app, Kind::Generic).await;
        let path = format!("/in/generic/{}", source.key);
        for body in ["{\"title\":", "[]", "42", "\u{0}", "{\"nothing\":1}", ""] {
            let problem = app.anonymous().raw("POST", &path, "application/json", body).await.problem(400, "bad_request");
            assert!(problem["detail"].as_str().unwrap().contains("expected an object"), "{problem}");
        }
        let open = source.about_rejects("status=open").await;
        assert_eq!(open.len(), 1, "{open:?}");
        assert_eq!((&open[0]["title"], &open[0]["urgency"]), (&json!("Integration From generic rejects payloads"), &json!("high")));

        app.anonymous().post(&path, &json!({ "title": "Disk full" })).await.expect(202);
        assert_eq!(source.about_rejects("status=open").await, Vec::<Value>::new());
        assert_eq!(source.about_rejects("status=resolved").await.len(), 1);
        assert_eq!(source.incidents("status=open").await.len(), 1);

        // Each refused payload is there for people to look at.
        let failed = eventually("the refused payloads", || async {
            let path = format!("/api/v1/integrations/{}/payloads?failed=true", source.id);
            let found = source.people.get(&path).await.expect(200).json();
            (found.as_array().unwrap().len() == 6).then_some(found)
        })
        .await;
        assert!(failed.as_array().unwrap().iter().all(|p| p["status"] == 400 && p["error"].is_string()), "{failed}");
    })
    .await;
}

#[tokio::test]
async fn a_payload_over_five_megabytes_is_refused_and_seen() {
    on_both(|app| async move {
        let source = source(&app, Kind::Generic).await;
        let path = format!("/in/generic/{}", source.key);
        let body = |length: usize| json!({ "title": "Disk full", "description": "x".repeat(length) }).to_string();
        app.anonymous().raw("POST", &path, "application/json", body(5 * 1024 * 1024)).await.problem(413, "too_large");
        assert_eq!(source.about_rejects("status=open").await.len(), 1);
        app.anonymous().raw("POST", &path, "application/json", body(5 * 1024 * 1024 - 100)).await.expect(202);
        assert_eq!(source.about_rejects("status=open").await.len(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_key_that_is_nobodys_or_of_another_kind_is_unknown() {
    on_both(|app| async move {
        let source = source(&app, Kind::Generic).await;
        let body = json!({ "title": "Disk full" });
        for path in [
            "/in/generic/nothing".to_owned(),
            format!("/in/alertmanager/{}", source.key),
            format!("/in/nonsense/{}", source.key),
            format!("/in/generic/{}x", source.key),
            "/in/generic".into(),
        ] {
            let problem = app.anonymous().post(&path, &body).await.problem(404, "not_found");
            assert!(!problem.to_string().contains(&source.key), "{problem}");
        }
        assert_eq!(source.incidents("").await.len(), 0);
        app.anonymous().get(&format!("/in/generic/{}", source.key)).await.problem(405, "method_not_allowed");
    })
    .await;
}

#[tokio::test]
async fn a_disabled_integration_and_an_archived_service_take_nothing_and_raise_nothing() {
    on_both(|app| async move {
        let source = source(&app, Kind::Generic).await;
        let path = format!("/in/generic/{}", source.key);
        let (good, bad) = (json!({ "title": "Disk full" }).to_string(), "{");
        let refused = async || {
            for body in [good.as_str(), bad] {
                app.anonymous().raw("POST", &path, "application/json", body.to_owned()).await.problem(403, "forbidden");
            }
            assert_eq!(source.incidents("").await.len(), 0);
        };
        let integration = format!("/api/v1/integrations/{}", source.id);
        let edit = async |disabled: bool| {
            let etag = source.people.get(&integration).await.header("etag").unwrap().to_owned();
            source.people.with("if-match", &etag).patch(&integration, &json!({ "disabled": disabled })).await.expect(200);
        };
        edit(true).await;
        refused().await;
        edit(false).await;
        source.people.delete(&format!("/api/v1/services/{}", source.service.id)).await.expect(200);
        // Other nodes and this one know within two seconds; here it is known at the next look.
        app.state.app.keys.forget();
        refused().await;
        source.people.post(&format!("/api/v1/services/{}/restore", source.service.id), &json!({})).await.expect(200);
        app.state.app.keys.forget();
        app.anonymous().raw("POST", &path, "application/json", good.clone()).await.expect(202);
    })
    .await;
}

#[tokio::test]
async fn a_rotated_key_stops_at_once() {
    on_both(|app| async move {
        let source = source(&app, Kind::Generic).await;
        let old = format!("/in/generic/{}", source.key);
        app.anonymous().post(&old, &json!({ "title": "one" })).await.expect(202);
        let rotated = source.people.post(&format!("/api/v1/integrations/{}/rotate", source.id), &json!({})).await.expect(200).json();
        app.anonymous().post(&old, &json!({ "title": "two" })).await.problem(404, "not_found");
        let new = rotated["url"].as_str().unwrap().strip_prefix("http://127.0.0.1:3000").unwrap();
        app.anonymous().post(new, &json!({ "title": "three" })).await.expect(202);
        let revealed = source.people.post(&format!("/api/v1/integrations/{}/reveal", source.id), &json!({})).await.expect(200);
        assert_eq!((&revealed.json()["url"], revealed.header("cache-control")), (&rotated["url"], Some("no-store")));
    })
    .await;
}

#[tokio::test]
async fn forms_and_arrays_are_read_and_what_is_unreadable_in_them_is_told() {
    on_both(|app| async move {
        let source = source(&app, Kind::Generic).await;
        let path = format!("/in/generic/{}", source.key);
        app.anonymous().raw("POST", &path, "application/x-www-form-urlencoded", "title=Disk+full&severity=p1").await.expect(202);
        // curl -d says that JSON is a form.
        app.anonymous().raw("POST", &path, "application/x-www-form-urlencoded", "{\"title\":\"From curl\"}").await.expect(202);
        let accepted = app.anonymous().post(&path, &json!([{ "title": "One" }, 42, { "title": "Two" }])).await.expect(202).json();
        assert_eq!(accepted["not_read"].as_array().unwrap().len(), 1, "{accepted}");
        let mut titles: Vec<Value> = source.incidents("").await.into_iter().map(|i| i["title"].clone()).collect();
        titles.sort_by_key(Value::to_string);
        assert_eq!(titles, ["Disk full", "From curl", "One", "Two"]);
    })
    .await;
}

#[tokio::test]
async fn alertmanager_sends_a_group() {
    on_both(|app| async move {
        let source = source(&app, Kind::Alertmanager).await;
        let alert = |name: &str, status: &str| json!({ "status": status, "labels": { "alertname": name, "severity": "critical" }, "annotations": {}, "startsAt": "2026-11-20T21:00:00Z", "endsAt": "0001-01-01T00:00:00Z", "fingerprint": name });
        let group = |alerts: Vec<Value>| json!({ "version": "4", "groupKey": "g", "status": "firing", "receiver": "opsguard", "alerts": alerts, "truncatedAlerts": 0 });
        let path = format!("/in/alertmanager/{}", source.key);
        app.anonymous().post(&path, &group(vec![alert("a", "firing"), alert("b", "firing")])).await.expect(202);
        assert_eq!(source.incidents("status=open").await.len(), 2);
        app.anonymous().post(&path, &group(vec![alert("a", "resolved")])).await.expect(202);
        assert_eq!(source.incidents("status=open").await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn pagerduty_clients_work_unchanged() {
    on_both(|app| async move {
        let source = source(&app, Kind::Pagerduty).await;
        let event = |key: &str, action: &str, dedup: Option<&str>| {
            let mut event = json!({ "routing_key": key, "event_action": action, "payload": { "summary": "Disk full", "source": "db1", "severity": "critical" } });
            if let Some(dedup) = dedup {
                event["dedup_key"] = json!(dedup);
            }
            event
        };
        assert_eq!(source.key.len(), 32);
        let sender = app.anonymous();
        let accepted = sender.post("/v2/enqueue", &event(&source.key, "trigger", Some("disk"))).await.expect(202).json();
        assert_eq!(accepted, json!({ "status": "success", "message": "Event processed", "dedup_key": "disk" }));
        assert_eq!(source.incidents("status=open").await.len(), 1);
        sender.post("/v2/enqueue", &event(&source.key, "acknowledge", Some("disk"))).await.expect(202);
        sender.post("/v2/enqueue", &event(&source.key, "resolve", Some("disk"))).await.expect(202);
        assert_eq!(source.incidents("status=resolved").await.len(), 1);
        sender.post("/v2/enqueue", &event(&source.key, "resolve", Some("never seen"))).await.expect(202);
        let made = sender.post("/v2/enqueue", &event(&source.key, "trigger", None)).await.expect(202).json();
        assert!(made["dedup_key"].as_str().is_some_and(|k| k.len() >= 16), "{made}");

        for (body, words) in [
            (event(&source.key, "explode", None), "event_action"),
            (json!({ "routing_key": source.key, "event_action": "trigger" }), "payload"),
            (event("0123456789abcdef0123456789abcdef", "trigger", None), "routing_key"),
            (json!([1]), "JSON object"),
        ] {
            let refused = sender.post("/v2/enqueue", &body).await.expect(400).json();
            assert_eq!(refused["status"], "invalid event");
            assert!(refused["message"].is_string() && refused["errors"].as_array().unwrap().iter().any(|e| e.as_str().unwrap().contains(words)), "{refused}");
        }
        assert_eq!(source.about_rejects("status=open").await.len(), 1);
        // A key of another kind is not a routing key.
        let other = app.integration(source.service.id, Kind::Generic).await;
        sender.post("/v2/enqueue", &event(&other.key, "trigger", None)).await.expect(400);
        sender.post("/v2/enqueue", &event(&source.key, "trigger", Some("again"))).await.expect(202);
        assert_eq!(source.about_rejects("status=open").await.len(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_refused_payload_is_sent_through_again_once_it_can_be_read() {
    on_both(|app| async move {
        let source = source(&app, Kind::Generic).await;
        app.anonymous().post(&format!("/in/generic/{}", source.key), &json!({ "title": "Disk full" })).await.expect(202);
        let payloads = format!("/api/v1/integrations/{}/payloads", source.id);
        let id = eventually("the payload", || async {
            source.people.get(&payloads).await.expect(200).json()[0]["id"].as_str().map(str::to_owned)
        })
        .await;
        let replayed = source.people.post(&format!("{payloads}/{id}/replay"), &json!({})).await.expect(200).json();
        assert_eq!(replayed, json!({ "not_read": [] }));
        assert!(
            source.people.get(&payloads).await.expect(200).json()[0]["replayed_at"].is_i64()
                || source.people.get(&payloads).await.expect(200).json()[0]["replayed_at"].is_string()
        );
        assert_eq!(source.incidents("").await.len(), 1, "the same alert once more");
    })
    .await;
}

#[tokio::test]
async fn the_database_away_is_a_503_and_the_process_lives() {
    on_both(|app| async move {
        let source = source(&app, Kind::Generic).await;
        app.state.app.store.close().await.unwrap();
        let answer = app.anonymous().post(&format!("/in/generic/{}", source.key), &json!({ "title": "Disk full" })).await;
        assert!(answer.header("retry-after").is_some(), "{}", answer.text());
        answer.problem(503, "unavailable");
        source.people.get("/api/v1/incidents").await.problem(503, "unavailable");
        app.anonymous().get("/readyz").await.problem(503, "unavailable");
        assert_eq!(app.anonymous().get("/livez").await.expect(200).text(), "ok\n");
    })
    .await;
}
