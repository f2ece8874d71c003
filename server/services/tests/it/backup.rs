//! The backup: everything of one instant, into an empty database of either kind, all of it or nothing.

use std::{collections::BTreeMap, io::Read, path::Path, sync::Arc};

use domain::{
    Instant,
    account::Role,
    alert::SignalStatus::{Firing, Resolved},
    incident::{Filter, IncidentIn, Severity, Sort},
    integration::{IntegrationIn, Kind},
    list::Paging,
    time::HOUR,
};
use serde_json::{Value, json};
use services::{
    App, alert,
    backup::{self, LEFT_OUT},
    event, incident, integration,
    job::{self, NewJob},
    service,
    store::{Store, schema},
};

use crate::{
    place::{Place, count, execute, until},
    support::{arrive, on_both, person, service as new_service, signal, system},
};

/// An installation with rows in every table that use cases fill so far.
async fn lived_in(app: &Arc<App>) {
    let mara = person(app, "Mära \"quoted\" \\ 🚨", Role::Responder).await;
    let ada = person(app, "Ada", Role::Admin).await;
    let s = new_service(app, "api", |_| {}).await;
    arrive(app, &s, (0..450).map(|n| signal(&format!("k{n}"), Firing, Severity::High)).collect()).await;
    arrive(app, &s, vec![signal("k0", Resolved, Severity::High)]).await;
    let i = incident::declare(&mara, IncidentIn { title: "Disk 100 % full\n日本".into(), ..IncidentIn::default() }).await.unwrap();
    incident::add_note(&mara, i.id, "**found** it\n\ttab".into()).await.unwrap();
    incident::resolve(&mara, i.id, String::new()).await.unwrap();
    integration::create(&ada, s.id, IntegrationIn { kind: Kind::Generic, name: "hook".into(), settings: Default::default() })
        .await
        .unwrap();
    let id = if app.is_shared() { "gen_random_uuid()" } else { "randomblob(16)" };
    let hash = if app.is_shared() { "'\\x00ff10'::bytea" } else { "x'00ff10'" };
    let yes = if app.is_shared() { "true" } else { "1" };
    for sql in [
        format!(
            "INSERT INTO team (id, name, description, time_zone, locale, created_at, updated_at, version, rev) VALUES ({id}, 'core', '', 'UTC', 'en', 1, 1, 1, 1)"
        ),
        format!("INSERT INTO team_member (team_id, account_id, lead, created_at) SELECT team.id, account.id, {yes}, 1 FROM team, account"),
        format!(
            "INSERT INTO api_token (id, account_id, name, scopes, token_sha256, hint, created_at) SELECT {id}, id, 't', '[]', {hash}, 'h', 1 FROM account LIMIT 1"
        ),
        format!("INSERT INTO attempt (subject_sha256, action, failures, last_at) VALUES ({hash}, 'sign_in', 2, 9000000000000)"),
        format!(
            "INSERT INTO payload (id, integration_id, at, status, content_type, body) SELECT {id}, id, 9000000000000, 202, 'application/json', '{{}}' FROM integration"
        ),
        format!(
            "INSERT INTO session (id, account_id, token_sha256, device, address, installed, created_at, last_used_at, expires_at) SELECT {id}, id, {hash}, '', '', {yes}, 1, 1, 9000000000000 FROM account LIMIT 1"
        ),
    ] {
        execute(app, &sql).await;
    }
    system(app).write_plain(|tx| async move { job::enqueue(&tx, NewJob::new("mail", json!({ "to": "mara" }))).await }).await.unwrap();
}

/// What people see.
async fn seen(app: &Arc<App>) -> Value {
    let cx = system(app);
    let all = Paging { page_size: 100, ..Paging::default() };
    let incidents = incident::list(&cx, &Filter::default(), Sort::Newest, &all).await.unwrap();
    let words = Filter { q: Some("disk 日本".into()), ..Filter::default() };
    let found = incident::list(&cx, &words, Sort::Newest, &all).await.unwrap();
    assert_eq!(found.total, 1, "search finds what was restored");
    let mut events = Vec::new();
    for e in event::read::list(&cx, &event::read::Query { after: Some(0), limit: 10_000, ..Default::default() }).await.unwrap() {
        events.push(json!({ "seq": e.seq, "kind": e.kind, "by": e.actor.name, "payload": e.payload }));
    }
    json!({
        "incidents": serde_json::to_value(&incidents.items).unwrap(),
        "total": incidents.total,
        "found": serde_json::to_value(&found.items).unwrap(),
        "alerts": serde_json::to_value(alert::list(&cx, &alert::Filter::default(), &all).await.unwrap().items).unwrap(),
        "services": serde_json::to_value(service::list(&cx, &service::Filter::default(), &all).await.unwrap().items).unwrap(),
        "events": events,
    })
}

#[track_caller]
fn same(one: &Value, other: &Value) {
    for (part, value) in one.as_object().unwrap() {
        let others = &other[part];
        let Some(list) = value.as_array() else {
            assert_eq!(value, others, "{part}");
            continue;
        };
        assert_eq!(list.len(), others.as_array().unwrap().len(), "{part}");
        for (n, item) in list.iter().enumerate() {
            assert_eq!(item, &others[n], "{part} {n}");
        }
    }
}

/// The rows of an archive by table, but for the epoch.
fn rows(archive: &Path) -> BTreeMap<String, Vec<Value>> {
    let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(std::fs::File::open(archive).unwrap()));
    let mut found: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for entry in tar.entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().to_string_lossy().into_owned();
        let Some(table) = name.strip_prefix("rows/").and_then(|n| n.split('/').next()) else { continue };
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        let rows = text.lines().map(|l| serde_json::from_str::<Value>(l).unwrap()).filter(|r| r[0] != "epoch");
        found.entry(table.to_owned()).or_default().extend(rows);
    }
    found
}

/// Restores into an empty place; answers the node on it.
async fn restored(place: &Place, from: &Path) -> Arc<App> {
    let store = Store::open(&place.url).await.unwrap();
    backup::restore(&store, from, Instant(0)).await.unwrap();
    store.close().await.unwrap();
    drop(store);
    place.open().await
}

async fn written(app: &Arc<App>, to: &Path) -> backup::Manifest {
    backup::backup(&app.store, to, app.clock.now(), None).await.unwrap()
}

#[tokio::test]
async fn from_sqlite_to_postgresql_and_back_nothing_is_lost_or_changed() {
    let files = tempfile::tempdir().unwrap();
    let file = |name: &str| files.path().join(name);
    let first = Place::sqlite();
    let app = first.start().await;
    lived_in(&app).await;
    let (before, epoch) = (seen(&app).await, app.epoch.clone());
    written(&app, &file("a.tar.gz")).await;
    app.stop().await.unwrap();

    let second = Place::postgres().await;
    let app = restored(&second, &file("a.tar.gz")).await;
    same(&seen(&app).await, &before);
    assert_ne!(app.epoch, epoch, "clients that knew the other history start anew");
    written(&app, &file("b.tar.gz")).await;
    app.stop().await.unwrap();

    let third = Place::sqlite();
    let app = restored(&third, &file("b.tar.gz")).await;
    same(&seen(&app).await, &before);
    written(&app, &file("c.tar.gz")).await;
    app.stop().await.unwrap();

    let (a, b, c) = (rows(&file("a.tar.gz")), rows(&file("b.tar.gz")), rows(&file("c.tar.gz")));
    for (table, rows) in &a {
        for (n, row) in rows.iter().enumerate() {
            assert_eq!(Some(row), c[table].get(n), "{table}, value by value");
        }
    }
    assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>());
    for table in [
        "account",
        "alert",
        "api_token",
        "attempt",
        "event",
        "incident",
        "integration",
        "job",
        "note",
        "payload",
        "service",
        "setting",
        "team",
        "team_member",
    ] {
        assert!(a.get(table).is_some_and(|rows| !rows.is_empty()), "{table} was not tried");
    }
}

#[tokio::test]
async fn every_table_is_in_the_backup_or_left_out_for_a_reason() {
    on_both(|app| async move {
        let folder = tempfile::tempdir().unwrap();
        let manifest = written(&app, &folder.path().join("b.tar.gz")).await;
        let mut told: Vec<_> = manifest.tables.iter().map(|t| t.name.as_str()).chain(LEFT_OUT.map(|(name, _)| name)).collect();
        told.sort_unstable();
        let mut all: Vec<_> = schema::tables(&app.store, &app.store.reader).await.unwrap().into_iter().map(|t| t.name).collect();
        all.sort_unstable();
        assert_eq!(told, all);
    })
    .await;
}

#[tokio::test]
async fn life_goes_on_after_the_restore_with_the_next_numbers() {
    let files = tempfile::tempdir().unwrap();
    for (n, (from, to)) in [(Place::sqlite(), Place::postgres().await), (Place::postgres().await, Place::sqlite())].into_iter().enumerate()
    {
        let file = files.path().join(format!("{n}.tar.gz"));
        let app = from.start().await;
        lived_in(&app).await;
        let (seq, number) = (event::feed::newest(&app.store).await.unwrap(), count(&app.store, "SELECT MAX(number) FROM incident").await);
        written(&app, &file).await;
        app.stop().await.unwrap();
        let app = restored(&to, &file).await;
        let i = incident::declare(&system(&app), IncidentIn { title: "next".into(), ..IncidentIn::default() }).await.unwrap();
        assert_eq!((i.number, event::feed::newest(&app.store).await.unwrap()), (number + 1, seq + 1));
        assert_eq!(count(&app.store, "SELECT COUNT(*) FROM session").await, 0, "everybody signs in again");
        app.stop().await.unwrap();
    }
}

#[tokio::test]
async fn a_database_with_anything_in_it_is_not_restored_into() {
    let files = tempfile::tempdir().unwrap();
    let file = files.path().join("b.tar.gz");
    let from = Place::sqlite();
    let app = from.open().await;
    written(&app, &file).await;
    app.stop().await.unwrap();
    for place in Place::both().await {
        place.open().await.stop().await.unwrap();
        let store = Store::open(&place.url).await.unwrap();
        let sentence = backup::restore(&store, &file, Instant(0)).await.unwrap_err().to_string();
        assert!(sentence.contains("the database is not empty"), "{sentence}");
        store.close().await.unwrap();
    }
    let app = from.open().await;
    let sentence = backup::backup(&app.store, &file, Instant(0), None).await.unwrap_err().to_string();
    assert!(sentence.contains("overwrites nothing"), "{sentence}");
    app.stop().await.unwrap();
}

#[tokio::test]
async fn a_damaged_archive_leaves_the_database_empty_and_the_next_try_works() {
    let files = tempfile::tempdir().unwrap();
    let (whole, cut) = (files.path().join("whole.tar.gz"), files.path().join("cut.tar.gz"));
    let from = Place::sqlite();
    let app = from.start().await;
    lived_in(&app).await;
    written(&app, &whole).await;
    app.stop().await.unwrap();
    let bytes = std::fs::read(&whole).unwrap();
    std::fs::write(&cut, &bytes[..bytes.len() * 3 / 4]).unwrap();
    for place in Place::both().await {
        let store = Store::open(&place.url).await.unwrap();
        assert!(backup::restore(&store, &cut, Instant(0)).await.is_err());
        for table in ["account", "service", "incident", "event"] {
            assert_eq!(count(&store, &format!("SELECT COUNT(*) FROM {table}")).await, 0, "{table}");
        }
        backup::restore(&store, &whole, Instant(0)).await.unwrap();
        store.close().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_backup_beside_a_busy_server_is_of_one_instant() {
    for place in Place::both().await {
        let files = tempfile::tempdir().unwrap();
        let file = files.path().join("b.tar.gz");
        let app = place.start().await;
        let s = new_service(&app, "api", |_| {}).await;
        let stop = Arc::new(tokio::sync::Notify::new());
        let writer = {
            let (app, stop) = (app.clone(), stop.clone());
            tokio::spawn(async move {
                for n in 0.. {
                    tokio::select! {
                        biased;
                        () = stop.notified() => return,
                        () = arrive(&app, &s, (0..20).map(|k| signal(&format!("{n}-{k}"), Firing, Severity::Low)).collect()) => {}
                    }
                }
            })
        };
        until("the server is busy", || async { count(&app.store, "SELECT COUNT(*) FROM incident").await > 100 }).await;
        let beside = Store::peek(&place.url).await.unwrap();
        backup::backup(&beside, &file, Instant(0), None).await.unwrap();
        beside.close().await.unwrap();
        stop.notify_one();
        writer.await.unwrap();
        app.stop().await.unwrap();

        let to = Place::sqlite();
        let app = restored(&to, &file).await;
        let incidents = count(&app.store, "SELECT COUNT(*) FROM incident").await;
        assert!(incidents > 100 && incidents % 20 == 0, "{incidents}");
        for (what, sql) in [
            ("alerts", "SELECT COUNT(*) FROM alert"),
            ("opened events", "SELECT COUNT(*) FROM event WHERE kind = 'incident.opened'"),
            ("the counter", "SELECT value FROM counter WHERE name = 'incident_number'"),
        ] {
            assert_eq!(count(&app.store, sql).await, incidents, "{what}");
        }
        app.stop().await.unwrap();
    }
}

#[tokio::test]
async fn the_key_travels_only_when_asked_and_only_under_its_passphrase() {
    let files = tempfile::tempdir().unwrap();
    let (with, without) = (files.path().join("with.tar.gz"), files.path().join("without.tar.gz"));
    let place = Place::sqlite();
    let app = place.open().await;
    let ring = services::store::keyring::text(&app.store, &place.options()).unwrap();
    let key = |passphrase| backup::Key { ring: &ring, passphrase };
    assert!(backup::backup(&app.store, &with, Instant(0), Some(key("short"))).await.unwrap_err().to_string().contains("at least 12"));
    backup::backup(&app.store, &with, Instant(0), Some(key("a long passphrase"))).await.unwrap();
    backup::backup(&app.store, &without, Instant(0), None).await.unwrap();
    app.stop().await.unwrap();

    assert_eq!(backup::open_key(&with, "a long passphrase").await.unwrap().as_deref(), Some(ring.as_str()));
    assert!(backup::open_key(&with, "another passphrase").await.unwrap_err().to_string().contains("does not open"));
    assert_eq!(backup::open_key(&without, "a long passphrase").await.unwrap(), None);
    assert!(!String::from_utf8_lossy(&std::fs::read(&with).unwrap()).contains(&ring));

    // The restored database knows its key: another one does not start on it.
    let to = Place::sqlite();
    restored(&to, &with).await.stop().await.unwrap();
    let other = services::Options { secret_key: Some("test:another-key-of-the-same-name-0123456789".into()), ..to.options() };
    assert!(App::open(other).await.is_err());
}

#[tokio::test]
async fn jobs_that_were_due_long_before_the_restore_are_given_up_visibly() {
    let files = tempfile::tempdir().unwrap();
    let file = files.path().join("b.tar.gz");
    let from = Place::sqlite();
    let app = from.open().await;
    let now = app.clock.now();
    system(&app)
        .write_plain(move |tx| async move {
            job::enqueue(&tx, NewJob::new("late", json!({}))).await?;
            job::enqueue(&tx, NewJob { run_at: Some(now.plus(3 * HOUR)), ..NewJob::new("later", json!({})) }).await
        })
        .await
        .unwrap();
    written(&app, &file).await;
    app.stop().await.unwrap();
    for place in Place::both().await {
        let store = Store::open(&place.url).await.unwrap();
        backup::restore(&store, &file, now.plus(2 * HOUR)).await.unwrap();
        store.close().await.unwrap();
        drop(store);
        let app = place.open().await;
        let dead = job::list_dead(&system(&app), None, 10).await.unwrap();
        assert_eq!(dead.iter().map(|d| d.kind.as_str()).collect::<Vec<_>>(), ["late"]);
        assert!(dead[0].error.starts_with("expired"), "{}", dead[0].error);
        assert_eq!(count(&app.store, "SELECT COUNT(*) FROM job WHERE state = 'waiting'").await, 1);
        app.stop().await.unwrap();
    }
}
