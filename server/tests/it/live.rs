//! The live socket: what happens is shown at once, once, and only to who may know.

use std::net::SocketAddr;

use domain::{
    Id,
    account::{MemberIn, Role},
    integration::Kind,
    service::Service,
};
use serde_json::{Value, json};

use crate::support::{
    Client, TestApp, eventually, on_both, on_sqlite,
    socket::{Socket, listen},
};
use server::http::assets::Assets;

/// Subscribes from the moment of the hello, so that nothing between it and the subscription is missed.
async fn follow(address: SocketAddr, client: &Client, topics: &[&str]) -> (Socket, Value) {
    let (mut socket, hello) = Socket::open(address, client).await;
    socket.send(json!({ "t": "sub", "topics": topics, "after": hello["seq"], "epoch": hello["epoch"] })).await;
    (socket, hello)
}

async fn declare(app: &TestApp, service: Id<Service>, title: &str) -> String {
    app.incident(service, title).await.id.to_string()
}

#[tokio::test]
async fn an_alert_that_arrives_is_shown_at_once() {
    on_both(|app| async move {
        let service = app.service("Checkout").await;
        let made = app.integration(service.id, Kind::Generic).await;
        let viewer = app.as_role(Role::Viewer).await;
        let address = listen(&app).await;
        let (mut tab, hello) = follow(address, &viewer, &["incidents"]).await;
        assert_eq!(hello["epoch"], app.state.app.epoch.as_str());
        assert!(hello["ping_s"].as_u64().unwrap() > 0);

        app.anonymous()
            .post(&format!("/in/generic/{}", made.key), &json!({ "title": "Disk full", "severity": "critical" }))
            .await
            .expect(202);
        let event = tab.event().await;
        assert_eq!((&event["topic"], &event["patch"]["title"]), (&json!("incidents"), &json!("Disk full")));
        assert!(event["seq"].as_i64() > hello["seq"].as_i64());
        let id = event["entity"].as_str().unwrap().strip_prefix("incident:").unwrap();
        assert_eq!(viewer.get(&format!("/api/v1/incidents/{id}")).await.expect(200).json()["title"], "Disk full");
    })
    .await;
}

#[tokio::test]
async fn who_was_away_gets_what_was_missed_without_gap_or_repeat() {
    on_both(|app| async move {
        let service = app.service("Checkout").await;
        let viewer = app.as_role(Role::Viewer).await;
        let address = listen(&app).await;
        let (mut tab, _) = follow(address, &viewer, &["incidents"]).await;
        declare(&app, service.id, "seen").await;
        let seen = tab.event().await;
        drop(tab);

        for n in 0..30 {
            declare(&app, service.id, &format!("missed {n}")).await;
        }
        let (mut tab, _) = Socket::open(address, &viewer).await;
        tab.send(json!({ "t": "sub", "topics": ["incidents"], "after": seen["seq"], "epoch": app.state.app.epoch })).await;
        for n in 30..60 {
            declare(&app, service.id, &format!("missed {n}")).await;
        }
        let mut titles = Vec::new();
        let mut last = seen["seq"].as_i64().unwrap();
        while titles.len() < 60 {
            let event = tab.next().await;
            assert_eq!(event["t"], "event", "{event}");
            let seq = event["seq"].as_i64().unwrap();
            assert!(seq > last, "{seq} after {last}");
            last = seq;
            if event["kind"] == "incident.opened" {
                titles.push(event["patch"]["title"].as_str().unwrap().to_owned());
            }
        }
        let expected: Vec<String> = (0..60).map(|n| format!("missed {n}")).collect();
        assert_eq!(titles, expected);
    })
    .await;
}

#[tokio::test]
async fn after_a_restore_or_from_the_future_the_page_is_fetched_again() {
    on_sqlite(&[], Assets::default, |app| async move {
        let viewer = app.as_role(Role::Viewer).await;
        let address = listen(&app).await;
        let (mut tab, hello) = Socket::open(address, &viewer).await;
        let seq = hello["seq"].as_i64().unwrap();
        for (after, epoch) in [(0, json!("another history")), (seq + 1_000, hello["epoch"].clone())] {
            tab.send(json!({ "t": "sub", "topics": ["incidents"], "after": after, "epoch": epoch })).await;
            let resync = tab.next().await;
            assert!(resync["t"] == "resync" && resync["seq"].as_i64().unwrap() >= seq, "{resync}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_private_is_shown_to_its_team_and_administrators_only() {
    on_both(|app| async move {
        let (inside, outside) = (app.named("inside", Role::Viewer).await, app.named("outside", Role::Manager).await);
        let admin = app.as_role(Role::Admin).await;
        let team = app.team("Payments", &[&inside]).await;
        let (secret, open) = (app.private_service("Secret", &team).await, app.service("Open").await);
        let address = listen(&app).await;
        let hidden = declare(&app, secret.id, "before").await;
        let topics = ["incidents", "services", "accounts", &format!("incident:{hidden}")];
        let (mut insider, _) = follow(address, &app.sign_in(&inside).await, &topics).await;
        let (mut outsider, _) = follow(address, &app.sign_in(&outside).await, &topics).await;
        let (mut administrator, _) = follow(address, &admin, &topics).await;

        // Somebody looks at the hidden incident: only who may see it is told.
        insider.send(json!({ "t": "viewing", "entity": format!("incident:{hidden}") })).await;
        administrator.until(|f| f["t"] == "presence" && f["viewers"][0]["name"] == "inside").await;
        outsider.send(json!({ "t": "viewing", "entity": format!("incident:{hidden}") })).await;
        declare(&app, secret.id, "nobody's business").await;
        declare(&app, open.id, "everybody's business").await;

        // Not a frame of any kind before it.
        let first = outsider.next().await;
        assert_eq!(first["patch"]["title"], "everybody's business", "{first}");
        for tab in [&mut insider, &mut administrator] {
            let first = tab.until(|f| f["topic"] == "incidents").await;
            assert_eq!(first["patch"]["title"], "nobody's business");
        }
        let viewers = services::live::viewers(&app.state.app, &format!("incident:{hidden}")).await.unwrap();
        assert_eq!(viewers.iter().map(|v| v.name.as_str()).collect::<Vec<_>>(), ["inside"]);
    })
    .await;
}

#[tokio::test]
async fn who_leaves_the_team_sees_nothing_more_of_it_on_the_open_page() {
    on_both(|app| async move {
        let member = app.named("member", Role::Responder).await;
        let team = app.team("Payments", &[&member]).await;
        let (secret, open) = (app.private_service("Secret", &team).await, app.service("Open").await);
        let address = listen(&app).await;
        let (mut tab, _) = follow(address, &app.sign_in(&member).await, &["incidents"]).await;
        declare(&app, secret.id, "first").await;
        assert_eq!(tab.event().await["patch"]["title"], "first");

        services::account::remove_member(&app.system(), team.id, member.id).await.unwrap();
        declare(&app, secret.id, "second").await;
        declare(&app, open.id, "third").await;
        assert_eq!(tab.event().await["patch"]["title"], "third");

        services::account::set_member(&app.system(), team.id, MemberIn { user_id: member.id, lead: false }).await.unwrap();
        declare(&app, secret.id, "fourth").await;
        assert_eq!(tab.event().await["patch"]["title"], "fourth");
    })
    .await;
}

#[tokio::test]
async fn a_token_follows_only_what_its_scopes_let_it_read() {
    on_sqlite(&[], Assets::default, |app| async move {
        let admin = app.user(Role::Admin).await;
        let robot = app.token(&admin, &["services:read"]).await;
        let service = app.service("Checkout").await;
        let address = listen(&app).await;
        let (mut socket, _) = follow(address, &robot, &["incidents", "accounts", "services"]).await;
        declare(&app, service.id, "not for this token").await;
        app.user(Role::Viewer).await;
        app.service("Search").await;
        assert_eq!(socket.event().await["patch"]["name"], "Search");
    })
    .await;
}

#[tokio::test]
async fn two_people_see_each_other_and_who_is_writing() {
    on_both(|app| async move {
        let service = app.service("Checkout").await;
        let incident = format!("incident:{}", declare(&app, service.id, "Down").await);
        let address = listen(&app).await;
        let (ada, bea) = (app.named("ada", Role::Responder).await, app.named("bea", Role::Responder).await);
        let (mut ada, _) = follow(address, &app.sign_in(&ada).await, &[&incident]).await;
        let (mut bea, _) = follow(address, &app.sign_in(&bea).await, &[&incident]).await;
        ada.send(json!({ "t": "viewing", "entity": incident })).await;
        bea.send(json!({ "t": "viewing", "entity": incident, "writing": true })).await;
        let names = |frame: &Value| -> Vec<(String, bool)> {
            let viewers = frame["viewers"].as_array().into_iter().flatten();
            viewers.map(|v| (v["name"].as_str().unwrap().to_owned(), v["writing"].as_bool().unwrap())).collect()
        };
        let both = [("ada".to_owned(), false), ("bea".to_owned(), true)];
        for tab in [&mut ada, &mut bea] {
            let frame = tab.until(|f| names(f) == both).await;
            assert_eq!((&frame["t"], &frame["entity"]), (&json!("presence"), &json!(incident)));
        }
        // Closing the tab takes her away.
        drop(bea);
        ada.until(|f| names(f) == both[..1]).await;
        ada.send(json!({ "t": "viewing", "entity": null })).await;
        ada.until(|f| f["t"] == "presence" && names(f).is_empty()).await;
    })
    .await;
}

#[tokio::test]
async fn a_socket_is_for_pages_of_ours_and_people_who_are_signed_in() {
    on_sqlite(&[], Assets::default, |app| async move {
        let viewer = app.as_role(Role::Viewer).await;
        let address = listen(&app).await;
        let opened = async |client: &Client, origin: &str| Socket::try_open(address, client, origin).await.err();
        assert_eq!(opened(&viewer, "https://evil.example").await, Some(403));
        assert_eq!(opened(&viewer.with("sec-fetch-site", "cross-site"), "http://127.0.0.1:3000").await, Some(403));
        assert_eq!(opened(&app.anonymous(), "http://127.0.0.1:3000").await, Some(401));
        assert_eq!(opened(&viewer, "http://127.0.0.1:3000").await, None);
        // No upgrade at all.
        let plain = viewer.get("/live").await;
        assert!((400..500).contains(&plain.status), "{}", plain.status);
    })
    .await;
}

#[tokio::test]
async fn a_frame_that_is_not_known_closes_the_socket() {
    on_sqlite(&[], Assets::default, |app| async move {
        let viewer = app.as_role(Role::Viewer).await;
        let address = listen(&app).await;
        let (mut tab, _) = Socket::open(address, &viewer).await;
        tab.send(json!({ "t": "drop tables" })).await;
        assert_eq!(tab.closed().await, 1003);
    })
    .await;
}

#[tokio::test]
async fn when_the_server_stops_tabs_are_told_to_come_back() {
    on_sqlite(&[], Assets::default, |app| async move {
        let viewer = app.as_role(Role::Viewer).await;
        let address = listen(&app).await;
        let (mut tab, _) = Socket::open(address, &viewer).await;
        app.state.app.stopping.cancel();
        assert_eq!(tab.closed().await, 1012);
    })
    .await;
}

#[tokio::test]
async fn without_websockets_the_same_is_read_from_the_journal() {
    on_both(|app| async move {
        let service = app.service("Checkout").await;
        let viewer = app.as_role(Role::Viewer).await;
        let start = viewer.get("/api/v1/events").await.expect(200).json()["seq"].as_i64().unwrap();
        declare(&app, service.id, "Down").await;
        let found = eventually("the event in the journal", || async {
            let answer = viewer.get(&format!("/api/v1/events?after={start}&topic=incidents")).await.expect(200).json();
            answer["items"].as_array().unwrap().first().cloned()
        })
        .await;
        assert_eq!((&found["kind"], &found["topic"]), (&json!("incident.opened"), &json!("incidents")));
        assert!(found["seq"].as_i64().unwrap() > 0);
    })
    .await;
}
