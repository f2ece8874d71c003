//! The team's log: updates that only their author changes, blockers that those who wait hear of.

use domain::account::{Role, User};
use serde_json::{Value, json};

use crate::support::{Client, TestApp, on_both};

async fn post(client: &Client, title: &str, tags: &[&str]) -> Value {
    client.post("/api/v1/status", &json!({ "title": title, "content": "We *did* it", "tags": tags })).await.expect(201).json()
}

fn path(noun: &str, of: &Value) -> String {
    format!("/api/v1/{noun}/{}", of["id"].as_str().unwrap())
}

async fn titles(client: &Client, query: &str) -> Vec<String> {
    let page = client.get(&format!("/api/v1/status{query}")).await.expect(200).json();
    let names: Vec<String> = page["items"].as_array().unwrap().iter().map(|row| row["title"].as_str().unwrap().to_owned()).collect();
    assert_eq!(page["total"], names.len(), "{query}");
    names
}

async fn two(app: &TestApp) -> ([User; 2], [Client; 2]) {
    let people = [app.named("Ana", Role::Responder).await, app.named("Ben", Role::Responder).await];
    let clients = [app.sign_in(&people[0]).await, app.sign_in(&people[1]).await];
    (people, clients)
}

#[tokio::test]
async fn an_update_is_posted_found_edited_deleted_and_taken_back() {
    on_both(|app| async move {
        let ([ana, _], [hers, his]) = two(&app).await;
        let first = post(&hers, "Moved the queue", &["#Deploy", "queue"]).await;
        assert_eq!((&first["tags"], &first["html"]), (&json!(["deploy", "queue"]), &json!("<p>We <em>did</em> it</p>\n")));
        post(&his, "Reading logs", &["deploy"]).await;
        assert_eq!(titles(&his, "").await, ["Reading logs", "Moved the queue"], "newest first");
        assert_eq!(titles(&his, "?tag=%23Queue").await, ["Moved the queue"]);
        assert_eq!(titles(&his, &format!("?author_id={}", ana.id)).await, ["Moved the queue"]);
        assert_eq!(titles(&his, "?author_id=me").await, ["Reading logs"]);
        assert_eq!(titles(&his, "?q=queue").await, ["Moved the queue"]);
        assert_eq!(titles(&his, "?q=queue&tag=none").await, Vec::<String>::new());
        assert_eq!(titles(&his, "?start_date=2000-01-01&end_date=2000-01-02").await, Vec::<String>::new());
        his.get("/api/v1/status?start_date=yesterday").await.problem(400, "bad_request");

        let one = path("status", &first);
        hers.patch(&one, &json!({ "title": "x" })).await.problem(428, "precondition_required");
        his.with("if-match", "\"v1.1\"").patch(&one, &json!({ "title": "x" })).await.problem(403, "forbidden");
        let edit = json!({ "title": "Moved both queues", "tags": ["db"] });
        hers.with("if-match", "\"v1.1\"").patch(&one, &edit).await.expect(200);
        hers.with("if-match", "\"v1.1\"").patch(&one, &edit).await.problem(412, "stale");
        assert_eq!(titles(&his, "?tag=queue").await, Vec::<String>::new(), "found by its tags of now");
        assert_eq!(titles(&his, "?q=both").await, ["Moved both queues"]);

        his.delete(&one).await.problem(403, "forbidden");
        hers.delete(&one).await.expect(200);
        assert_eq!(titles(&hers, "").await, ["Reading logs"]);
        his.get(&one).await.problem(404, "not_found");
        assert!(hers.get(&one).await.expect(200).json()["deleted_at"].is_string(), "its author may take that back");
        hers.with("if-match", "\"v2.1\"").patch(&one, &edit).await.problem(409, "conflict");
        hers.post(&format!("{one}/restore"), &json!({})).await.expect(200);
        assert_eq!(titles(&his, "?tag=db").await, ["Moved both queues"]);
    })
    .await;
}

#[tokio::test]
async fn lists_are_walked_by_page_and_by_cursor() {
    on_both(|app| async move {
        let (_, [hers, his]) = two(&app).await;
        for n in 0..5 {
            post(&hers, &format!("Update {n}"), &[]).await;
            let made = hers.post("/api/v1/blockers", &json!({ "description": format!("Blocker {n}") })).await.expect(201).json();
            if n == 3 {
                his.patch(&format!("{}/resolve", path("blockers", &made)), &json!({})).await.expect(200);
            }
        }
        for (list, text, expected) in [
            ("status", "title", ["Update 4", "Update 3", "Update 2", "Update 1", "Update 0"]),
            ("blockers", "description", ["Blocker 4", "Blocker 2", "Blocker 1", "Blocker 0", "Blocker 3"]),
        ] {
            let (mut walked, mut after) = (Vec::new(), String::new());
            loop {
                let page = his.get(&format!("/api/v1/{list}?page_size=2{after}")).await.expect(200).json();
                walked.extend(page["items"].as_array().unwrap().iter().map(|row| row[text].as_str().unwrap().to_owned()));
                let Some(next) = page["next"].as_str() else { break };
                after = format!("&after={next}");
            }
            assert_eq!(walked, expected, "{list}");
            his.get(&format!("/api/v1/{list}?after=x")).await.problem(400, "bad_request");
            his.get(&format!("/api/v1/{list}?colour=red")).await.problem(400, "bad_request");
        }
    })
    .await;
}

#[tokio::test]
async fn a_blocker_is_on_its_incident_and_update_until_it_is_resolved() {
    on_both(|app| async move {
        let ([ana, ben], [hers, his]) = two(&app).await;
        let service = app.service("Checkout").await;
        let incident = app.incident(service.id, "Payments fail").await;
        let update = post(&hers, "Waiting", &[]).await;
        let new = json!({
            "description": "No access to the ledger", "impact": "The fix waits", "waits_for_id": ben.id, "waits_for": "the bank",
            "related_incident_id": incident.id, "related_status_id": update["id"],
        });
        let made = hers.post("/api/v1/blockers", &new).await.expect(201).json();
        assert_eq!((&made["status"], &made["owner_id"]), (&json!("active"), &json!(ana.id)));
        let one = path("blockers", &made);
        let row = his.get(&one).await.expect(200).json();
        assert_eq!(
            (&row["owner_name"], &row["waits_for_name"], &row["related_incident_number"], &row["related_status_title"]),
            (&json!("Ana"), &json!("Ben"), &json!(incident.number), &json!("Waiting"))
        );
        assert_eq!(his.get(&path("status", &update)).await.expect(200).json()["active_blockers"], 1);
        for query in ["waits_for_id=me", "status=active", "q=ledger", "q=bank"] {
            assert_eq!(his.get(&format!("/api/v1/blockers?{query}")).await.expect(200).json()["total"], 1, "{query}");
        }
        let of_incident = format!("/api/v1/blockers?related_incident_id={}", incident.id);
        assert_eq!(his.get(&of_incident).await.expect(200).json()["total"], 1);

        let edit = json!({ "impact": "Everything waits", "waits_for_id": null });
        let edited = his.with("if-match", "\"v1.1\"").patch(&one, &edit).await.expect(200).json();
        assert_eq!(edited["waits_for_id"], Value::Null);
        let resolved = his.patch(&format!("{one}/resolve"), &json!({ "resolution_notes": "Granted" })).await.expect(200).json();
        assert_eq!((&resolved["status"], &resolved["resolved_by_id"]), (&json!("resolved"), &json!(ben.id)));
        assert!(resolved["resolved_at"].is_string());
        let again = hers.patch(&format!("{one}/resolve"), &json!({ "resolution_notes": "Me too" })).await.expect(200).json();
        assert_eq!(again, resolved, "once");
        assert_eq!(his.get(&path("status", &update)).await.expect(200).json()["active_blockers"], 0);

        // The incident's timeline tells both.
        let timeline = his.get(&format!("/api/v1/incidents/{}/timeline", incident.number)).await.expect(200).json();
        let kinds: Vec<&str> = timeline.as_array().unwrap().iter().map(|item| item["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["blocker.resolved", "blocker.edited", "blocker.reported", "incident.opened"]);

        hers.post(&format!("{one}/reopen"), &json!({})).await.expect(200);
        assert_eq!(hers.get("/api/v1/blockers?status=active").await.expect(200).json()["total"], 1);
    })
    .await;
}

#[tokio::test]
async fn what_a_blocker_refers_to_has_to_be_there() {
    on_both(|app| async move {
        let (_, [hers, _]) = two(&app).await;
        let nowhere = "01900000-0000-7000-8000-0000000000ff";
        for field in ["owner_id", "waits_for_id", "related_status_id", "related_incident_id"] {
            let new = json!({ "description": "x", field: nowhere });
            let problem = hers.post("/api/v1/blockers", &new).await.problem(422, "invalid");
            assert_eq!(problem["errors"][0]["field"], field);
        }
        hers.post("/api/v1/blockers", &json!({ "description": " ", "impact": "y".repeat(2_001) })).await.problem(422, "invalid");
        hers.post("/api/v1/blockers", &json!({ "description": "x", "colour": "red" })).await.problem(422, "invalid");
    })
    .await;
}

#[tokio::test]
async fn who_may_not_know_of_an_incident_does_not_know_of_its_blockers() {
    on_both(|app| async move {
        let ([ana, _], [hers, his]) = two(&app).await;
        let team = app.team("Payments", &[&ana]).await;
        let service = app.private_service("Ledger", &team).await;
        let incident = app.incident(service.id, "Money is missing").await;
        let new = json!({ "description": "Auditors are out", "related_incident_id": incident.id });
        his.post("/api/v1/blockers", &new).await.problem(422, "invalid");
        let made = hers.post("/api/v1/blockers", &new).await.expect(201).json();
        his.get(&path("blockers", &made)).await.problem(404, "not_found");
        his.patch(&format!("{}/resolve", path("blockers", &made)), &json!({})).await.problem(404, "not_found");
        assert_eq!(his.get("/api/v1/blockers").await.expect(200).json()["total"], 0);
        assert_eq!(his.get("/api/v1/events?topic=blockers").await.expect(200).json()["items"], json!([]));
        assert_eq!(hers.get("/api/v1/events?topic=blockers").await.expect(200).json()["items"].as_array().unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn home_shows_what_waits_for_a_person_and_what_they_may_go_on_with() {
    on_both(|app| async move {
        let ([_, ben], [hers, his]) = two(&app).await;
        let new = json!({ "description": "No access to the ledger", "waits_for_id": ben.id });
        let made = hers.post("/api/v1/blockers", &new).await.expect(201).json();
        let mine = |home: Value| (home["on_me"]["waiting"].as_array().unwrap().len(), home["on_me"]["freed"].as_array().unwrap().len());
        let look = |client: Client| async move { client.post("/rpc/app/home/api/look", &json!({})).await.expect(200).json() };
        assert_eq!(mine(look(his.clone()).await), (1, 0));
        assert_eq!(mine(look(hers.clone()).await), (0, 0));
        his.patch(&format!("{}/resolve", path("blockers", &made)), &json!({})).await.expect(200);
        assert_eq!(mine(look(his.clone()).await), (0, 0));
        assert_eq!(mine(look(hers.clone()).await), (0, 1));
        // What one resolved oneself is no news.
        let own = hers.post("/api/v1/blockers", &json!({ "description": "Coffee" })).await.expect(201).json();
        hers.patch(&format!("{}/resolve", path("blockers", &own)), &json!({})).await.expect(200);
        assert_eq!(mine(look(hers).await), (0, 1));
    })
    .await;
}
