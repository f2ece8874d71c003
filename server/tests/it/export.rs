//! Lists as files: every matching row, and nothing that a spreadsheet would run.

use domain::{account::Role, integration::Kind};
use serde_json::json;

use crate::support::on_both;

#[tokio::test]
async fn an_export_holds_every_row_and_no_formula() {
    on_both(|app| async move {
        let me = app.as_role(Role::Admin).await;
        let service = app.service("Checkout").await;
        app.incident(service.id, "=HYPERLINK(\"https://evil.example\")").await;
        for n in 0..205 {
            app.incident(service.id, &format!("Incident {n}")).await;
        }
        let csv = me.get("/api/v1/incidents.csv").await.expect(200);
        assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
        assert!(csv.header("content-disposition").unwrap().contains("incidents.csv"));
        assert_eq!(csv.text().lines().count(), 207);
        assert!(csv.text().contains("\"'=HYPERLINK(\"\"https://evil.example\"\")\""));
        for n in 0..205 {
            app.team(&format!("Team {n}"), &[]).await;
        }
        let teams = me.get("/api/v1/teams.json").await.expect(200).json();
        assert_eq!(teams.as_array().unwrap().len(), 205, "each once, over two reads");
        let audit = me.get("/api/v1/audit.json?topic=incidents").await.expect(200).json();
        assert_eq!(audit.as_array().unwrap().len(), 206, "each declared incident once");
        me.get("/api/v1/audit?from=yesterday").await.problem(400, "bad_request");
        let json = me.get("/api/v1/incidents.json").await.expect(200).json();
        assert_eq!(json.as_array().unwrap().len(), 206);
        let asked = me.with("accept", "text/csv").get("/api/v1/incidents?q=HYPERLINK").await.expect(200);
        assert_eq!(asked.text().lines().count(), 2);
        app.anonymous().get("/api/v1/incidents.csv").await.problem(401, "unauthenticated");
    })
    .await;
}

#[tokio::test]
async fn every_list_is_a_file_too() {
    on_both(|app| async move {
        let admin = app.user(Role::Admin).await;
        let me = app.sign_in(&admin).await;
        app.named("=cmd", Role::Viewer).await;
        let team = app.team("+Payments", &[&admin]).await;
        let service = app.service("@Checkout").await;
        let made = app.integration(service.id, Kind::Generic).await;
        app.token(&admin, &["*"]).await;
        me.post("/api/v1/invitations", &json!({ "email": "new@example.org", "role": "viewer" })).await.expect(201);
        app.anonymous().post(&format!("/in/generic/{}", made.key), &json!({ "title": "-rm" })).await.expect(202);
        me.post("/api/v1/status", &json!({ "title": "=sum", "tags": ["db"] })).await.expect(201);
        me.post("/api/v1/blockers", &json!({ "description": "-access" })).await.expect(201);
        let incident = me.get("/api/v1/incidents").await.json()["items"][0]["id"].as_str().unwrap().to_owned();

        for (list, header, cell) in [
            ("users", "name,email,role,", "'=cmd"),
            ("teams", "name,description,members,", "'+Payments"),
            ("services", "name,description,", "'@Checkout"),
            ("incidents", "number,title,", "'-rm"),
            ("alerts", "title,status,", "'-rm"),
            ("status", "title,content,tags,", "'=sum"),
            ("blockers", "description,impact,status,", "'-access"),
        ] {
            let path = format!("/api/v1/{list}");
            let items = me.get(&path).await.expect(200).json()["items"].as_array().unwrap().len();
            let csv = me.get(&format!("{path}.csv")).await.expect(200);
            assert!(csv.text().starts_with(header) && csv.text().contains(cell), "{list}: {}", csv.text());
            assert_eq!(csv.text().lines().count(), items + 1, "{list}: {}", csv.text());
            assert_eq!(csv.text(), me.with("accept", "text/csv").get(&path).await.expect(200).text(), "{list}");
            let json = me.get(&format!("{path}.json")).await.expect(200).json();
            assert_eq!(json.as_array().unwrap().len(), items, "{list}");
        }
        let events = me.get("/api/v1/events.csv?topic=incidents").await.expect(200).text();
        assert!(events.starts_with("seq,at,actor.name,") && events.contains("incident.opened"), "{events}");
        for (list, header) in [
            (format!("teams/{}/members", team.id), "name,lead,"),
            (format!("services/{}/integrations", service.id), "name,kind,"),
            (format!("incidents/{incident}/alerts"), "title,status,"),
            (format!("incidents/{incident}/timeline"), "event.at,event.actor.name,"),
            ("api-tokens".into(), "name,scopes,"),
            ("sessions".into(), "device,address,"),
            ("invitations".into(), "email,role,"),
        ] {
            let csv = me.with("accept", "text/csv").get(&format!("/api/v1/{list}")).await.expect(200);
            assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"), "{list}");
            assert!(csv.text().starts_with(header) && csv.text().lines().count() >= 2, "{list}: {}", csv.text());
            for prefix in ["/api/v1", "/api"] {
                assert_eq!(me.get(&format!("{prefix}/{list}.csv")).await.expect(200).text(), csv.text(), "{list}");
            }
            let json = me.get(&format!("/api/v1/{list}.json")).await.expect(200);
            assert_eq!(json.json().as_array().unwrap().len(), csv.text().lines().count() - 1, "{list}");
            assert!(json.header("content-disposition").is_some_and(|file| file.contains(".json")), "{list}");
            app.anonymous().get(&format!("/api/v1/{list}.csv")).await.problem(401, "unauthenticated");
        }
        let exported = me.get("/api/v1/audit?kind=list.exported&limit=200").await.expect(200).text();
        assert!(exported.contains(&format!("list:incidents/{incident}/alerts")), "{exported}");
        // Neither is a list.
        me.get(&format!("/api/v1/incidents/{incident}/notes.csv")).await.problem(404, "not_found");
        me.get(&format!("/api/v1/teams/{}.json", team.id)).await.problem(404, "not_found");
        me.get("/api/v1/nothing.csv").await.problem(404, "not_found");
    })
    .await;
}

#[tokio::test]
async fn who_took_what_along_is_in_the_journal_for_administrators_only() {
    on_both(|app| async move {
        let (admin, mara) = (app.user(Role::Admin).await, app.named("Mara", Role::Viewer).await);
        let (me, her) = (app.sign_in(&admin).await, app.sign_in(&mara).await);
        let service = app.service("Checkout").await;
        let incident = app.incident(service.id, "Down").await;
        let timeline = format!("/api/v1/incidents/{}/timeline", incident.number);
        her.get("/api/v1/incidents.csv?status=open&q=acme%20corp").await.expect(200);
        her.with("accept", "text/csv").get(&timeline).await.expect(200);
        app.token(&admin, &["*"]).await.get("/api/users.json").await.expect(200);

        let audit = me.get("/api/v1/audit?kind=list.exported").await.expect(200).json();
        let told: Vec<_> = audit["items"].as_array().unwrap().iter().rev().collect();
        let what: Vec<_> = told.iter().map(|e| (e["actor"]["name"].clone(), e["entity"].clone(), e["payload"].clone())).collect();
        assert_eq!(
            what,
            [
                ("Mara".into(), "list:incidents".into(), json!({ "format": "csv", "filters": { "status": "open", "q": "acme corp" } })),
                ("Mara".into(), format!("list:incidents/{}/timeline", incident.number).into(), json!({ "format": "csv", "filters": {} })),
                ("robot".into(), "list:users".into(), json!({ "format": "json", "filters": {} })),
            ]
        );
        assert!(told.iter().all(|e| e["address"] == "127.0.0.1"), "{audit}");
        assert!(
            !her.get("/api/v1/events").await.expect(200).text().contains("list.exported"),
            "what others looked for is not hers to know"
        );

        // What is no file, and what is refused, is no export.
        her.get("/api/v1/incidents").await.expect(200);
        her.get("/api/v1/incidents.csv?colour=red").await.expect(400);
        her.get("/api/v1/audit.csv").await.expect(403);
        app.anonymous().get("/api/v1/incidents.csv").await.expect(401);
        her.get("/api/openapi.json").await.expect(200);
        assert_eq!(me.get("/api/v1/audit?kind=list.exported").await.expect(200).json()["items"].as_array().unwrap().len(), 3);
    })
    .await;
}
