//! What a page costs: at most six questions to the database, for every page of the product and every part that asks again.
//!
//! Counted is everything that is read to answer one request, as the database is asked it: who the session belongs to (looked
//! up anew, as by a node that has not seen it for two seconds), the frame, the data. Not counted: BEGIN, what makes a
//! transaction a snapshot, and ROLLBACK; that a session was used, which is written once a minute.

use std::collections::BTreeSet;

use domain::{
    account::{MemberIn, Role},
    integration::Kind,
};
use leptos::server_fn::axum::server_fn_paths;
use serde_json::{Value, json};

use crate::support::{Client, TestApp, on_both};

/// At most this many for each page.
const LIMIT: usize = 6;

/// An installation with several of everything, so that a question for each row would show.
struct World {
    app: TestApp,
    team: String,
    service: String,
    integration: String,
    incident: String,
    incident_id: String,
    invitation: String,
    update: String,
    blocker: String,
}

impl World {
    async fn new(app: TestApp) -> (Self, Client, Client) {
        let (admin, mara) = (app.user(Role::Admin).await, app.named("Mara", Role::Responder).await);
        let (me, her) = (app.sign_in(&admin).await, app.sign_in(&mara).await);
        let (team, other) = (app.team("Payments", &[&admin, &mara]).await, app.team("Search", &[&admin]).await);
        let service = app.private_service("Checkout", &team).await;
        app.private_service("Index", &other).await;
        let made = app.integration(service.id, Kind::Generic).await;
        for n in 0..12 {
            let alert = json!({ "title": format!("Disk {n}"), "dedup_key": format!("disk-{n}"), "severity": "critical" });
            app.anonymous().post(&format!("/in/generic/{}", made.key), &alert).await.expect(202);
            app.service(&format!("Service {n}")).await;
        }
        app.anonymous().raw("POST", &format!("/in/generic/{}", made.key), "application/json", "[").await.expect(400);
        let all = me.get("/api/v1/incidents?sort=created_at").await.expect(200).json();
        for (n, incident) in all["items"].as_array().unwrap().iter().enumerate() {
            let path = format!("/api/v1/incidents/{}", incident["number"]);
            let whom = if n % 2 == 0 { admin.id } else { mara.id };
            me.patch(&format!("{path}/assign"), &json!({ "assigned_to_id": whom })).await.expect(200);
            her.post(&format!("{path}/notes"), &json!({ "body": "Looking **now**." })).await.expect(201);
            me.post(&format!("{path}/acknowledge"), &json!({})).await.expect(200);
        }
        me.post("/api/v1/api-tokens", &json!({ "name": "robot", "scopes": ["*"] })).await.expect(201);
        let new = json!({ "email": "new@example.org", "role": "responder", "team_id": team.id });
        let invitation = me.post("/api/v1/invitations", &new).await.expect(201).json();
        services::account::set_member(&app.system(), other.id, MemberIn { user_id: mara.id, lead: true }).await.unwrap();
        let (mut update, mut blocker) = (Value::Null, Value::Null);
        for n in 0..3 {
            let new = json!({ "title": format!("Update {n}"), "tags": ["db"] });
            update = me.post("/api/v1/status", &new).await.expect(201).json()["id"].clone();
            let new = json!({ "description": "No access", "waits_for_id": mara.id, "related_status_id": update, "related_incident_id": all["items"][0]["id"] });
            blocker = me.post("/api/v1/blockers", &new).await.expect(201).json()["id"].clone();
        }
        // What runs beside the requests would be counted with them.
        app.state.app.quiet().await;
        let first = all["items"][0]["number"].to_string();
        let world = Self {
            app,
            team: team.id.to_string(),
            service: service.id.to_string(),
            integration: made.integration.id.to_string(),
            incident: first,
            incident_id: all["items"][0]["id"].as_str().unwrap().to_owned(),
            update: update.as_str().unwrap().to_owned(),
            blocker: blocker.as_str().unwrap().to_owned(),
            invitation: invitation["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned(),
        };
        (world, me, her)
    }

    /// What was asked of the database until the answer was there.
    async fn cost(&self, answer: impl Future<Output = crate::support::Answer>) -> Vec<String> {
        let app = &self.app.state.app;
        app.sessions.forget();
        app.store.seen.record();
        answer.await.expect(200);
        app.store.seen.taken().into_iter().map(|s| s.sql).filter(|sql| !sql.starts_with("SET TRANSACTION")).collect()
    }

    fn pages(&self) -> Vec<(&'static str, Vec<String>)> {
        let Self { team, service, integration, incident, invitation, update, blocker, .. } = self;
        let one = |page: &str| vec![page.to_owned()];
        vec![
            ("/", one("/")),
            (
                "/incidents",
                vec![
                    "/incidents".into(),
                    "/incidents?page=2".into(),
                    format!("/incidents?status=all&service_id={service}&team_id={team}&severity=critical&sort=newest"),
                    "/incidents?assigned=me".into(),
                    "/incidents?status=all&q=disk".into(),
                ],
            ),
            ("/incidents/new", one("/incidents/new")),
            ("/incidents/{reference}", vec![format!("/incidents/{incident}"), format!("/incidents/INC-{incident}")]),
            ("/incidents/{reference}/edit", vec![format!("/incidents/{incident}/edit")]),
            (
                "/services",
                vec!["/services".into(), format!("/services?team_id={team}"), "/services?q=che".into(), "/services?archived=1".into()],
            ),
            ("/services/new", one("/services/new")),
            ("/services/{id}", vec![format!("/services/{service}")]),
            ("/services/{id}/edit", vec![format!("/services/{service}/edit")]),
            ("/integrations/{id}", vec![format!("/integrations/{integration}")]),
            ("/welcome", vec!["/welcome".into(), format!("/welcome?service={service}")]),
            ("/log", vec!["/log".into(), "/log?q=update&tag=db&start_date=2020-01-01&end_date=2090-01-01".into()]),
            ("/log/new", one("/log/new")),
            ("/log/{id}", vec![format!("/log/{update}")]),
            ("/log/{id}/edit", vec![format!("/log/{update}/edit")]),
            ("/log/blockers", vec!["/log/blockers".into(), "/log/blockers?status=active&waits_for_id=me&q=access".into()]),
            (
                "/log/blockers/new",
                vec!["/log/blockers/new".into(), format!("/log/blockers/new?incident_id={}&status_id={update}", self.incident_id)],
            ),
            ("/log/blockers/{id}", vec![format!("/log/blockers/{blocker}")]),
            ("/log/blockers/{id}/edit", vec![format!("/log/blockers/{blocker}/edit")]),
            ("/team", vec!["/team".into(), "/team?q=ma".into(), "/team?archived=1".into()]),
            ("/team/teams", one("/team/teams")),
            ("/team/teams/{id}", vec![format!("/team/teams/{team}")]),
            ("/settings", one("/settings")),
            ("/settings/security", one("/settings/security")),
            ("/settings/tokens", one("/settings/tokens")),
            ("/audit", vec!["/audit".into(), "/audit?topic=incidents&from=2026-01-01".into()]),
            ("/sign-in", one("/sign-in")),
            ("/setup", one("/setup")),
            ("/invite/{token}", vec![format!("/invite/{invitation}")]),
            ("/outbox", one("/outbox")),
        ]
    }

    /// The arguments of each server function.
    fn functions(&self) -> Vec<(&'static str, Value)> {
        let Self { team, service, integration, incident, invitation, .. } = self;
        vec![
            ("account/api/needs_setup", json!({})),
            ("account/api/peek", json!({ "token": invitation })),
            ("account/api/people", json!({ "q": "", "archived": false, "page": 1 })),
            ("account/api/teams_in_use", json!({})),
            ("account/api/teams", json!({ "archived": false, "page": 1 })),
            ("account/api/show_team", json!({ "id": team })),
            ("audit/api/read", json!({ "asked": {} })),
            ("form/api/bring_back", json!({ "form": "declare" })),
            ("home/api/look", json!({})),
            ("incident/api/list", json!({ "query": {} })),
            ("incident/api/show", json!({ "reference": incident })),
            ("incident/api/earlier", json!({ "id": self.incident_id, "before": 1_000_000 })),
            ("incident/api/count", json!({})),
            ("incident/api/offer", json!({})),
            ("incident/api/find", json!({ "words": "disk" })),
            ("log/api/updates", json!({ "query": {} })),
            ("log/api/show_update", json!({ "id": self.update })),
            ("log/api/blockers", json!({ "query": {} })),
            ("log/api/show_blocker", json!({ "id": self.blocker })),
            ("log/api/offer_links", json!({ "incident": self.incident_id, "update": self.update })),
            ("service/api/list", json!({ "q": "", "team_id": team, "archived": false, "page": 1 })),
            ("service/api/show", json!({ "id": service })),
            ("service/api/refresh", json!({ "id": service })),
            ("service/api/prepare", json!({ "id": service })),
            ("service/api/show_integration", json!({ "id": integration })),
            ("settings/api/read_me", json!({})),
            ("settings/api/sessions", json!({})),
            ("settings/api/tokens", json!({})),
        ]
    }
}

#[track_caller]
fn check(what: &str, asked: &[String]) {
    assert!(asked.len() <= LIMIT, "{what} takes {} questions:\n{}", asked.len(), asked.join("\n"));
}

#[tokio::test]
async fn every_page_takes_at_most_six_questions_to_the_database() {
    on_both(|app| async move {
        let (world, me, her) = World::new(app).await;
        let table = world.pages();
        let routes: BTreeSet<String> = routes();
        assert_eq!(table.iter().map(|(route, _)| (*route).to_owned()).collect::<BTreeSet<_>>(), routes, "each page has its row here");
        for (route, addresses) in table {
            for address in addresses {
                check(&address, &world.cost(me.get(&address)).await);
                if route != "/audit" {
                    check(&address, &world.cost(her.get(&address)).await);
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn every_server_function_takes_at_most_six_questions_to_the_database() {
    on_both(|app| async move {
        let (world, me, _) = World::new(app).await;
        let table = world.functions();
        let known: BTreeSet<String> = server_fn_paths().map(|(path, _)| path.to_owned()).collect();
        let rows: BTreeSet<String> = table.iter().map(|(name, _)| format!("/rpc/app/{name}")).collect();
        assert_eq!(rows, known, "each server function has its row here");
        for (name, arguments) in table {
            check(name, &world.cost(me.post(&format!("/rpc/app/{name}"), &arguments)).await);
        }
    })
    .await;
}

fn routes() -> BTreeSet<String> {
    leptos_axum::generate_route_list(app::App).iter().map(|route| route.path().to_owned()).collect()
}
