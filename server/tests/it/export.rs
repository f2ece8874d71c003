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
        let incident = me.get("/api/v1/incidents").await.json()["items"][0]["id"].as_str().unwrap().to_owned();

        for (list, header, cell) in [
            ("users", "name,email,role,", "'=cmd"),
            ("teams", "name,description,members,", "'+Payments"),
            ("services", "name,description,", "'@Checkout"),
            ("incidents", "number,title,", "'-rm"),
            ("alerts", "title,status,", "'-rm"),
            ("events", "seq,at,actor.name,", "incident.opened"),
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
        }
    })
    .await;
}
