//! Who may do what over the API: every operation of the document, for nobody and each role, on what is everybody's, what is
//! their own team's in private, and what is another team's in private. An operation that is missing here fails.

use std::collections::BTreeSet;

use domain::{
    Id,
    account::{Caller, InvitationIn, Role, Secret, TokenIn, User, UserIn},
    integration::Kind,
    log::{BlockerIn, UpdateIn},
    service::Service,
};
use serde_json::{Value, json};
use services::{Actor, Cx, Request};

use crate::{
    routes::{Operation, operations},
    support::{Client, PASSWORD, TestApp, eventually, on_both},
};

/// What an operation is about, made anew for each request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum On {
    /// Nothing that could be private.
    Nothing,
    /// A service, and what hangs on it: each of these is tried on an open one and on two private ones.
    Service,
    Incident,
    /// A note by the caller, who may have written it before they lost the right to.
    Note,
    /// An update of the log by the caller, likewise.
    Update,
    /// A blocker that belongs to an incident of the service.
    Blocker,
    Integration,
    Payload,
    /// Somebody else's account, and what belongs to it.
    User,
    Session,
    Token,
    Invitation,
    Team,
    Member,
}

/// An operation, whom it takes at least, and what it answers to those.
struct Row {
    operation: &'static str,
    on: On,
    least: Option<Role>,
    status: u16,
    body: fn(&Made) -> Value,
}

const NOBODY: Option<Role> = None;
const VIEWER: Option<Role> = Some(Role::Viewer);
const RESPONDER: Option<Role> = Some(Role::Responder);
const MANAGER: Option<Role> = Some(Role::Manager);
const ADMIN: Option<Role> = Some(Role::Admin);

fn row(operation: &'static str, on: On, least: Option<Role>, status: u16, body: fn(&Made) -> Value) -> Row {
    Row { operation, on, least, status, body }
}

fn nothing(_: &Made) -> Value {
    json!({})
}

fn table() -> Vec<Row> {
    vec![
        row("signIn", On::Nothing, NOBODY, 200, |_| json!({ "email": "viewer@example.org", "password": PASSWORD })),
        row("signOut", On::Nothing, NOBODY, 204, nothing),
        row("getMe", On::Nothing, VIEWER, 200, nothing),
        row("listSessions", On::Nothing, VIEWER, 200, nothing),
        row("revokeSession", On::Session, ADMIN, 204, nothing),
        row("revokeOtherSessions", On::Nothing, VIEWER, 200, nothing),
        row("listApiTokens", On::Nothing, VIEWER, 200, nothing),
        row("createApiToken", On::Nothing, VIEWER, 201, |_| json!({ "name": "mine", "scopes": ["incidents:read"] })),
        row("revokeApiToken", On::Token, ADMIN, 204, nothing),
        row("listUsers", On::Nothing, VIEWER, 200, nothing),
        row("exportUsersCsv", On::Nothing, VIEWER, 200, nothing),
        row("exportUsersJson", On::Nothing, VIEWER, 200, nothing),
        row("getUser", On::User, VIEWER, 200, nothing),
        row(
            "createUser",
            On::Nothing,
            ADMIN,
            201,
            |m| json!({ "name": "New", "email": format!("new{}@example.org", m.n), "role": "viewer" }),
        ),
        row("editUser", On::User, ADMIN, 200, |_| json!({ "name": "Renamed" })),
        row("archiveUser", On::User, ADMIN, 200, nothing),
        row("restoreUser", On::User, ADMIN, 200, nothing),
        row("listInvitations", On::Nothing, ADMIN, 200, nothing),
        row("invite", On::Nothing, ADMIN, 201, |m| json!({ "email": format!("invited{}@example.org", m.n), "role": "viewer" })),
        row("revokeInvitation", On::Invitation, ADMIN, 204, nothing),
        row("listTeams", On::Nothing, VIEWER, 200, nothing),
        row("exportTeamsCsv", On::Nothing, VIEWER, 200, nothing),
        row("exportTeamsJson", On::Nothing, VIEWER, 200, nothing),
        row("createTeam", On::Nothing, MANAGER, 201, |m| json!({ "name": format!("New team {}", m.n) })),
        row("getTeam", On::Team, VIEWER, 200, nothing),
        row("editTeam", On::Team, MANAGER, 200, |_| json!({ "description": "Other words" })),
        row("archiveTeam", On::Team, MANAGER, 200, nothing),
        row("restoreTeam", On::Team, MANAGER, 200, nothing),
        row("listMembers", On::Team, VIEWER, 200, nothing),
        row("addMember", On::Member, MANAGER, 200, |m| json!({ "user_id": m.user, "lead": true })),
        row("setMember", On::Member, MANAGER, 200, |_| json!({ "lead": true })),
        row("removeMember", On::Member, MANAGER, 204, nothing),
        row("listServices", On::Nothing, VIEWER, 200, nothing),
        row("exportServicesCsv", On::Nothing, VIEWER, 200, nothing),
        row("exportServicesJson", On::Nothing, VIEWER, 200, nothing),
        row("createService", On::Nothing, MANAGER, 201, |m| json!({ "name": format!("New service {}", m.n) })),
        row("getService", On::Service, VIEWER, 200, nothing),
        row("editService", On::Service, MANAGER, 200, |_| json!({ "description": "Other words" })),
        row("archiveService", On::Service, MANAGER, 200, nothing),
        row("restoreService", On::Service, MANAGER, 200, nothing),
        row("listIntegrations", On::Service, VIEWER, 200, nothing),
        row("createIntegration", On::Service, MANAGER, 201, |_| json!({ "kind": "generic", "name": "" })),
        row("getIntegration", On::Integration, VIEWER, 200, nothing),
        row("editIntegration", On::Integration, MANAGER, 200, |_| json!({ "disabled": true })),
        row("revealIntegration", On::Integration, MANAGER, 200, nothing),
        row("rotateIntegration", On::Integration, MANAGER, 200, nothing),
        row("listPayloads", On::Integration, MANAGER, 200, nothing),
        row("replayPayload", On::Payload, MANAGER, 200, nothing),
        row("listIncidents", On::Nothing, VIEWER, 200, nothing),
        row("exportIncidentsCsv", On::Nothing, VIEWER, 200, nothing),
        row("exportIncidentsJson", On::Nothing, VIEWER, 200, nothing),
        row("declareIncident", On::Service, RESPONDER, 201, |m| json!({ "title": "Declared", "severity": "low", "service_id": m.service })),
        row("getIncident", On::Incident, VIEWER, 200, nothing),
        row("editIncident", On::Incident, RESPONDER, 200, |_| json!({ "title": "Other words" })),
        row("setIncidentStatus", On::Incident, RESPONDER, 200, |_| json!({ "status": "in_progress" })),
        row("assignIncident", On::Incident, RESPONDER, 200, |m| json!({ "assigned_to_id": m.user })),
        row("acknowledgeIncident", On::Incident, RESPONDER, 200, nothing),
        row("undoAcknowledgeIncident", On::Incident, RESPONDER, 200, nothing),
        row("resolveIncident", On::Incident, RESPONDER, 200, |_| json!({ "resolution_notes": "Restarted" })),
        row("addIncidentNote", On::Incident, RESPONDER, 201, |_| json!({ "body": "Looking" })),
        row("editIncidentNote", On::Note, RESPONDER, 200, |_| json!({ "body": "Looking closer" })),
        row("getIncidentTimeline", On::Incident, VIEWER, 200, nothing),
        row("listIncidentAlerts", On::Incident, VIEWER, 200, nothing),
        row("listUpdates", On::Nothing, VIEWER, 200, nothing),
        row("exportUpdatesCsv", On::Nothing, VIEWER, 200, nothing),
        row("exportUpdatesJson", On::Nothing, VIEWER, 200, nothing),
        row("postUpdate", On::Nothing, RESPONDER, 201, |_| json!({ "title": "Migrated", "tags": ["db"] })),
        row("getUpdate", On::Update, VIEWER, 200, nothing),
        row("editUpdate", On::Update, RESPONDER, 200, |_| json!({ "content": "Other words" })),
        row("deleteUpdate", On::Update, RESPONDER, 200, nothing),
        row("restoreUpdate", On::Update, RESPONDER, 200, nothing),
        row("listBlockers", On::Nothing, VIEWER, 200, nothing),
        row("exportBlockersCsv", On::Nothing, VIEWER, 200, nothing),
        row("exportBlockersJson", On::Nothing, VIEWER, 200, nothing),
        row("reportBlocker", On::Nothing, RESPONDER, 201, |_| json!({ "description": "No access" })),
        row("getBlocker", On::Blocker, VIEWER, 200, nothing),
        row("editBlocker", On::Blocker, RESPONDER, 200, |_| json!({ "impact": "The release waits" })),
        row("resolveBlocker", On::Blocker, RESPONDER, 200, |_| json!({ "resolution_notes": "Granted" })),
        row("reopenBlocker", On::Blocker, RESPONDER, 200, nothing),
        row("listAlerts", On::Nothing, VIEWER, 200, nothing),
        row("exportAlertsCsv", On::Nothing, VIEWER, 200, nothing),
        row("exportAlertsJson", On::Nothing, VIEWER, 200, nothing),
        row("listAudit", On::Nothing, ADMIN, 200, nothing),
        row("exportAuditCsv", On::Nothing, ADMIN, 200, nothing),
        row("exportAuditJson", On::Nothing, ADMIN, 200, nothing),
        row("listEvents", On::Nothing, VIEWER, 200, nothing),
        row("exportEventsCsv", On::Nothing, VIEWER, 200, nothing),
        row("exportEventsJson", On::Nothing, VIEWER, 200, nothing),
    ]
}

/// Whose the service is that a case is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    Everybodys,
    OwnTeams,
    OtherTeams,
}

impl On {
    fn cases(self) -> &'static [Whose] {
        match self {
            Self::Service | Self::Incident | Self::Note | Self::Blocker | Self::Integration | Self::Payload => {
                &[Whose::Everybodys, Whose::OwnTeams, Whose::OtherTeams]
            }
            _ => &[Whose::Everybodys],
        }
    }

    /// What belongs to one person is not there for others.
    fn refusal(self) -> u16 {
        if matches!(self, Self::Session | Self::Token) { 404 } else { 403 }
    }
}

/// What stands in the path and body of a request.
#[derive(Debug, Clone, Default)]
struct Made {
    n: u32,
    service: String,
    user: String,
    /// By the names of the places in the path.
    places: Vec<(&'static str, String)>,
}

struct World {
    app: TestApp,
    /// Nobody, then each role; all but nobody are members of the own team.
    callers: Vec<(Option<Role>, Option<User>, Client)>,
    services: [Id<Service>; 3],
    own: domain::account::Team,
    other: domain::account::Team,
}

impl World {
    async fn new(app: TestApp) -> Self {
        let mut callers = vec![(None, None, app.anonymous())];
        for role in Role::ALL {
            let user = app.user(role).await;
            let client = app.sign_in(&user).await;
            callers.push((Some(role), Some(user), client));
        }
        let members: Vec<&User> = callers.iter().filter_map(|c| c.1.as_ref()).collect();
        let own = app.team("Own", &members).await;
        let other = app.team("Other", &[]).await;
        let services = [
            app.service("Everybody's").await.id,
            app.private_service("Own private", &own).await.id,
            app.private_service("Other private", &other).await.id,
        ];
        Self { app, callers, services, own, other }
    }

    async fn service(&self, n: u32, whose: Whose) -> Id<Service> {
        match whose {
            Whose::Everybodys => self.app.service(&format!("Open {n}")).await.id,
            Whose::OwnTeams => self.app.private_service(&format!("Own {n}"), &self.own).await.id,
            Whose::OtherTeams => self.app.private_service(&format!("Other {n}"), &self.other).await.id,
        }
    }

    async fn somebody(&self, n: u32) -> User {
        let new = UserIn {
            name: format!("p{n}"),
            email: format!("p{n}@example.org"),
            role: Role::Viewer,
            password: None,
            time_zone: "UTC".into(),
            locale: "en".into(),
        };
        services::account::create_user(&self.app.system(), new).await.unwrap()
    }

    /// This person, with every right.
    fn acting(&self, user: &User) -> Cx {
        let caller = Caller::Person { user: user.id, role: Role::Admin, teams: vec![], leads: vec![], scopes: None };
        let actor = Actor { caller, kind: "user", id: Some(user.id.uuid()), session: None };
        Cx::new(self.app.state.app.clone(), actor, Request::inside("web"))
    }

    /// Makes what the operation is about.
    async fn make(&self, n: u32, on: On, whose: Whose, caller: Option<&User>) -> Made {
        let kept = self.services[whose as usize];
        let mut made = Made { n, service: kept.to_string(), ..Made::default() };
        let id = |id: String| vec![("{id}", id)];
        match on {
            On::Nothing => {}
            On::Service => {
                made.service = self.service(n, whose).await.to_string();
                made.places = id(made.service.clone());
            }
            On::Incident => {
                made.user = caller.map(|c| c.id.to_string()).unwrap_or_default();
                made.places = id(self.app.incident(kept, "Down").await.id.to_string());
            }
            On::Note => {
                let incident = self.app.incident(kept, "Down").await.id;
                let note = match caller {
                    Some(user) => services::incident::add_note(&self.acting(user), incident, "Mine".into()).await.unwrap().id.to_string(),
                    None => incident.to_string(),
                };
                made.places = vec![("{id}", incident.to_string()), ("{note_id}", note)];
            }
            On::Update => {
                let new = UpdateIn { title: format!("Update {n}"), ..UpdateIn::default() };
                made.places = match caller {
                    Some(user) => id(services::log::create_update(&self.acting(user), new).await.unwrap().id.to_string()),
                    None => id("nonsense".into()),
                };
            }
            On::Blocker => {
                let admin = self.callers.last().and_then(|c| c.1.as_ref()).unwrap();
                let incident = self.app.incident(kept, "Down").await.id;
                let new = BlockerIn { description: "No access".into(), related_incident_id: Some(incident), ..BlockerIn::default() };
                made.places = id(services::log::create_blocker(&self.acting(admin), new).await.unwrap().id.to_string());
            }
            On::Integration => made.places = id(self.app.integration(kept, Kind::Generic).await.integration.id.to_string()),
            On::Payload => {
                let with_key = self.app.integration(kept, Kind::Generic).await;
                self.app
                    .anonymous()
                    .post(&format!("/in/generic/{}", with_key.key), &json!({ "title": format!("Alert {n}") }))
                    .await
                    .expect(202);
                let (system, integration) = (self.app.system(), with_key.integration.id);
                let payload = eventually("the payload", || async {
                    services::integration::payloads(&system, integration, false).await.unwrap().pop()
                })
                .await;
                made.places = vec![("{id}", integration.to_string()), ("{payload_id}", payload.id.to_string())];
            }
            On::User => made.places = id(self.somebody(n).await.id.to_string()),
            On::Session => {
                let owner = self.somebody(n).await;
                let new = Secret::from(PASSWORD);
                services::account::admin_reset_password(&self.app.state.app, &owner.email, new).await.unwrap();
                let browser = self.app.sign_in(&owner).await;
                made.places = id(browser.get("/api/v1/sessions").await.expect(200).json()[0]["id"].as_str().unwrap().to_owned());
            }
            On::Token => {
                let owner = self.somebody(n).await;
                let new = TokenIn { name: "theirs".into(), scopes: vec!["*".into()], expires_at: None };
                made.places = id(services::account::admin_create_token(&self.app.state.app, &owner.email, new)
                    .await
                    .unwrap()
                    .api_token
                    .id
                    .to_string());
            }
            On::Invitation => {
                let admin = self.callers.last().and_then(|c| c.1.as_ref()).unwrap();
                let cx = self.acting(admin);
                let new = InvitationIn { email: format!("i{n}@example.org"), role: Role::Viewer, team_id: None };
                made.places = id(services::account::invite(&cx, new).await.unwrap().invitation.id.to_string());
            }
            On::Team | On::Member => {
                let user = self.somebody(n).await;
                made.user = user.id.to_string();
                let team = self.app.team(&format!("Team {n}"), &[&user]).await;
                made.places = vec![("{id}", team.id.to_string()), ("{user_id}", made.user.clone())];
            }
        }
        made
    }

    async fn ask(&self, client: &Client, operation: &Operation, made: &Made, body: fn(&Made) -> Value) -> u16 {
        let path = made.places.iter().fold(operation.path.clone(), |path, (place, id)| path.replace(place, id));
        assert!(!path.contains('{'), "{} needs more than {made:?}", operation.id);
        let client = client.with("if-match", "\"v1.1\"");
        let body = (operation.method != "GET" && operation.method != "DELETE").then(|| body(made));
        let answer = client.send(&operation.method, &path, body.as_ref()).await;
        assert!(answer.status < 500, "{}: {}", operation.id, answer.text());
        answer.status
    }
}

fn find<'a>(all: &'a [Operation], id: &str) -> &'a Operation {
    all.iter().find(|o| o.id == id).unwrap_or_else(|| panic!("{id} is not in the document"))
}

#[tokio::test]
async fn every_operation_of_the_document_has_its_row() {
    crate::support::on_sqlite(&[], server::http::assets::Assets::default, |app| async move {
        let documented: BTreeSet<String> = operations(&app.anonymous()).await.into_iter().map(|o| o.id).collect();
        let tested: BTreeSet<String> = table().iter().map(|r| r.operation.to_owned()).collect();
        assert_eq!(table().len(), tested.len(), "an operation stands twice");
        let missing: Vec<_> = documented.symmetric_difference(&tested).collect();
        assert!(missing.is_empty(), "say who may do this: {missing:?}");
    })
    .await;
}

#[tokio::test]
async fn each_role_may_do_what_the_table_says_and_nothing_else() {
    on_both(|app| async move {
        let world = World::new(app).await;
        let all = operations(&world.app.anonymous()).await;
        let mut wrong = Vec::new();
        let mut n = 0;
        for row in table() {
            let operation = find(&all, row.operation);
            for whose in row.on.cases() {
                for (role, user, client) in &world.callers {
                    n += 1;
                    let made = world.make(n, row.on, *whose, user.as_ref()).await;
                    // What ends the caller's session gets one of its own.
                    let fresh = match (row.operation, user) {
                        ("signIn" | "signOut", Some(user)) => Some(world.app.sign_in(user).await),
                        _ => None,
                    };
                    let status = world.ask(fresh.as_ref().unwrap_or(client), operation, &made, row.body).await;
                    let expected = match role {
                        _ if row.least.is_none() => row.status,
                        None => 401,
                        // The service stands in the body: a field that names nothing.
                        Some(role) if row.operation == "declareIncident" && *whose == Whose::OtherTeams && *role != Role::Admin => 422,
                        Some(role) if *whose == Whose::OtherTeams && *role != Role::Admin => 404,
                        Some(role) if Some(*role) < row.least => row.on.refusal(),
                        Some(_) => row.status,
                    };
                    if status != expected {
                        let who = role.map_or("nobody", Role::as_str);
                        wrong.push(format!("{} on {:?} as {who}: {status} instead of {expected}", row.operation, whose));
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    })
    .await;
}

#[tokio::test]
async fn nobody_who_is_not_signed_in_learns_what_there_is_or_how_it_is_asked_for() {
    on_both(|app| async move {
        let anonymous = app.anonymous();
        for operation in operations(&anonymous).await.into_iter().filter(|o| !matches!(o.id.as_str(), "signIn" | "signOut")) {
            let path =
                operation.path.split('/').map(|part| if part.starts_with('{') { "nonsense" } else { part }).collect::<Vec<_>>().join("/");
            for asked in [path.clone(), format!("{path}?unknown=1"), path.replacen("/v1", "", 1)] {
                anonymous.raw(&operation.method, &asked, "text/plain", "{").await.problem(401, "unauthenticated");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_ones_own_takes_no_role() {
    on_both(|app| async move {
        let viewer = app.user(Role::Viewer).await;
        let (browser, other) = (app.sign_in(&viewer).await, app.sign_in(&viewer).await);
        let path = format!("/api/v1/users/{}", viewer.id);
        browser.with("if-match", "\"v1\"").patch(&path, &json!({ "name": "Renamed", "time_zone": "Europe/Berlin" })).await.expect(200);
        // But nobody raises themselves.
        browser.with("if-match", "\"v2\"").patch(&path, &json!({ "role": "admin" })).await.problem(403, "forbidden");
        browser.delete(&path).await.problem(403, "forbidden");
        let own = other.get("/api/v1/sessions").await.expect(200).json();
        let own = own.as_array().unwrap().iter().find(|s| s["current"] == true).unwrap()["id"].as_str().unwrap().to_owned();
        browser.delete(&format!("/api/v1/sessions/{own}")).await.expect(204);
        let made = browser.post("/api/v1/api-tokens", &json!({ "name": "x", "scopes": ["*"] })).await.expect(201).json();
        browser.delete(&format!("/api/v1/api-tokens/{}", made["id"].as_str().unwrap())).await.expect(204);
        // Another's lists are the administrators'.
        let admin = app.user(Role::Admin).await;
        for list in ["sessions", "api-tokens"] {
            let of = |user: &User| format!("/api/v1/{list}?user_id={}", user.id);
            let refused = browser.get(&of(&admin)).await;
            assert!(matches!(refused.status, 403 | 404), "{}", refused.status);
            app.sign_in(&admin).await.get(&of(&viewer)).await.expect(200);
        }
    })
    .await;
}

#[tokio::test]
async fn a_lead_configures_what_is_the_teams_and_nothing_else() {
    on_both(|app| async move {
        let lead = app.named("lead", Role::Responder).await;
        let (team, other) = (app.team("Own", &[]).await, app.team("Other", &[]).await);
        services::account::set_member(&app.system(), team.id, domain::account::MemberIn { user_id: lead.id, lead: true }).await.unwrap();
        let browser = app.sign_in(&lead).await.with("if-match", "\"v1\"");
        let own = browser.post("/api/v1/services", &json!({ "name": "Ours", "team_id": team.id })).await.expect(201).json();
        let own = format!("/api/v1/services/{}", own["id"].as_str().unwrap());
        browser.post("/api/v1/services", &json!({ "name": "Theirs", "team_id": other.id })).await.problem(403, "forbidden");
        browser.post("/api/v1/services", &json!({ "name": "Nobody's" })).await.problem(403, "forbidden");
        browser.post(&format!("{own}/integrations"), &json!({ "kind": "generic" })).await.expect(201);
        // Not even by giving it away.
        browser.patch(&own, &json!({ "team_id": other.id })).await.problem(403, "forbidden");
        browser.patch(&own, &json!({ "description": "Words" })).await.expect(200);
        let open = app.service("Open").await;
        browser.patch(&format!("/api/v1/services/{}", open.id), &json!({ "description": "Words" })).await.problem(403, "forbidden");
        browser
            .post(&format!("/api/v1/teams/{}/members", team.id), &json!({ "user_id": app.user(Role::Viewer).await.id }))
            .await
            .expect(200);
        browser.post(&format!("/api/v1/teams/{}/members", other.id), &json!({ "user_id": lead.id })).await.problem(403, "forbidden");
    })
    .await;
}

#[tokio::test]
async fn what_is_private_is_in_no_list_search_count_or_export_of_others() {
    on_both(|app| async move {
        let (insider, outsider) = (app.named("insider", Role::Viewer).await, app.named("outsider", Role::Manager).await);
        let team = app.team("Payments", &[&insider]).await;
        let service = app.private_service("Quetzal", &team).await;
        let made = app.integration(service.id, Kind::Generic).await;
        let incident = app.incident(service.id, "Quetzal is down").await;
        app.anonymous().post(&format!("/in/generic/{}", made.key), &json!({ "title": "Quetzal burns" })).await.expect(202);
        let (insider, outsider) = (app.sign_in(&insider).await, app.sign_in(&outsider).await);
        let by_service = format!("incidents?service_id={}", service.id);
        for path in [
            "incidents",
            "incidents?q=Quetzal",
            by_service.as_str(),
            "incidents.csv",
            "incidents.json",
            "services",
            "services?q=Quetzal",
            "services.csv",
            "services.json",
            "alerts",
            "alerts.csv",
            "alerts.json",
            "events",
            "events.csv",
            "events.json",
            "events?after=0",
            "events?topic=incidents",
        ] {
            let path = format!("/api/v1/{path}");
            assert!(insider.get(&path).await.expect(200).text().contains("Quetzal"), "{path} hides it from its team");
            let seen = outsider.get(&path).await.expect(200);
            assert!(
                !seen.text().contains("Quetzal") && !seen.text().contains(&incident.id.to_string()),
                "{path} shows it to others: {}",
                seen.text()
            );
            if seen.header("content-type") == Some("application/json") && seen.json()["total"].is_number() {
                assert!(seen.json()["total"].as_u64().unwrap() <= 1, "{path} counts it: {}", seen.text());
            }
        }
        // The short number is no way around, and says no more than a number that was never given.
        let refused = outsider.get(&format!("/api/v1/incidents/{}", incident.number)).await.problem(404, "not_found");
        let never = outsider.get("/api/v1/incidents/99999").await.problem(404, "not_found");
        assert_eq!((&refused["title"], &refused["detail"]), (&never["title"], &never["detail"]));
    })
    .await;
}

#[tokio::test]
async fn a_token_that_may_only_read_writes_nothing() {
    on_both(|app| async move {
        let world = World::new(app).await;
        let admin = world.callers.last().and_then(|c| c.1.clone()).unwrap();
        let reader =
            world.app.token(&admin, &["incidents:read", "services:read", "accounts:read", "events:read", "audit:read", "log:read"]).await;
        let stranger = world.app.token(&admin, &["audit:read"]).await;
        let all = operations(&world.app.anonymous()).await;
        let mut wrong = Vec::new();
        for (n, row) in (1_000..).zip(table()) {
            let operation = find(&all, row.operation);
            let made = world.make(n, row.on, Whose::Everybodys, Some(&admin)).await;
            let status = world.ask(&reader, operation, &made, row.body).await;
            // Signing in and out needs no right; what is one person's own is not there for others.
            let reads = operation.method == "GET" || row.least.is_none();
            // Invitations are reached by writing only: who reads them may manage users.
            let needs_write = row.operation == "listInvitations";
            let expected = if reads && !needs_write { row.status } else { row.on.refusal() };
            if status != expected {
                wrong.push(format!("{} with read scopes: {status} instead of {expected}", row.operation));
            }
            let status = world.ask(&stranger, operation, &made, row.body).await;
            let own = row.least.is_none() || row.operation == "getMe";
            let expected = if row.operation.contains("Audit") { row.status } else { row.on.refusal() };
            if !own && status != expected {
                wrong.push(format!("{} with audit:read: {status} instead of {expected}", row.operation));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    })
    .await;
}
