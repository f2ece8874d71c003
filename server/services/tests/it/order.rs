//! The journal is read in the order of commits: who resumes behind what was read misses nothing, whatever order the writers
//! began in.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use domain::{
    account::Role,
    alert::SignalStatus::Firing,
    incident::{Filter, Severity, Sort},
    list::Paging,
    time::MINUTE,
};
use sea_orm::ConnectionTrait;
use services::{App, event::feed, incident, store::NewEvent};
use tokio::sync::{mpsc, oneshot};

use crate::{
    place::{Place, WAITING, count, execute, hold, is_shared, soon, until},
    support::{arrive, on_both, person, service, signal, system},
};

/// A write that has done its first statement (and so has its place among the transactions), says so, and goes on only when
/// it is told to.
fn held_writer(app: &Arc<App>, n: i64, begun: mpsc::UnboundedSender<i64>, go: oneshot::Receiver<()>) -> tokio::task::JoinHandle<()> {
    let cx = system(app);
    let go = Arc::new(Mutex::new(Some(go)));
    tokio::spawn(async move {
        cx.write_plain(move |tx| {
            let (begun, go) = (begun.clone(), go.clone());
            async move {
                tx.conn().execute_unprepared(&format!("INSERT INTO setting (name, value, updated_at) VALUES ('w{n}', '', 0)")).await?;
                // Nobody may be counting.
                let _ = begun.send(n);
                let go = go.lock().unwrap().take();
                if let Some(go) = go {
                    go.await.unwrap();
                }
                for part in 0..3 {
                    tx.event(NewEvent::record("tests", "test.written", format!("w{n}"), part, serde_json::json!({ "n": n })));
                }
                Ok(())
            }
        })
        .await
        .unwrap();
    })
}

/// Reads on behind `seq`; answers (seq, entity).
async fn resumed(app: &Arc<App>, seq: &mut i64) -> Vec<(i64, String)> {
    let events = feed::after(&app.store, *seq, 10_000).await.unwrap();
    *seq = events.last().map_or(*seq, |e| e.seq);
    events.into_iter().filter(|e| e.topic == "tests").map(|e| (e.seq, e.entity)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_began_first_and_commits_last_is_not_skipped_by_a_reader_in_between() {
    on_both(|app| async move {
        let writers = 10;
        let (begun, mut begins) = mpsc::unbounded_channel();
        let (mut seq, mut read) = (0, Vec::new());
        let mut waiting = VecDeque::new();
        for n in 0..writers {
            let (go, gone) = oneshot::channel();
            let writer = held_writer(&app, n, begun.clone(), gone);
            if is_shared(&app) {
                soon("the writer begins", begins.recv()).await;
            }
            waiting.push_front((go, writer));
        }
        // PostgreSQL: all have begun; the last ends first. SQLite has one writer at a time: each ends when it has begun.
        for (go, writer) in waiting.into_iter() {
            go.send(()).unwrap();
            if is_shared(&app) {
                soon("the writer ends", writer).await.unwrap();
                read.extend(resumed(&app, &mut seq).await);
            }
        }
        until("all events are read", || async {
            count(&app.store, "SELECT COUNT(*) FROM event WHERE topic = 'tests'").await == writers * 3
        })
        .await;
        read.extend(resumed(&app, &mut seq).await);
        let mut from_start = 0;
        assert_eq!(read, resumed(&app, &mut from_start).await, "what was read piece by piece is the whole journal");
        assert_eq!(read.len() as i64, writers * 3);
        if is_shared(&app) {
            let first: Vec<_> = read.iter().step_by(3).map(|(_, e)| e.clone()).collect();
            let expected: Vec<_> = (0..writers).rev().map(|n| format!("w{n}")).collect();
            assert_eq!(first, expected, "the order of commits, not of beginnings");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_reader_that_resumes_all_the_time_sees_every_event_once_and_in_order() {
    on_both(|app| async move {
        let (writers, each) = (12, 25);
        let mara = person(&app, "Mara", Role::Responder).await;
        let s = service(&app, "api", |_| {}).await;
        let done = Arc::new(tokio::sync::Semaphore::new(0));
        for w in 0..writers {
            let (app, s, mara, done) = (app.clone(), s.clone(), mara.clone(), done.clone());
            tokio::spawn(async move {
                for n in 0..each {
                    // People and sources write at once, with locks taken in their own orders.
                    if w % 2 == 0 {
                        arrive(&app, &s, vec![signal(&format!("k{w}-{n}"), Firing, Severity::Low)]).await;
                    } else {
                        let new = domain::incident::IncidentIn { title: format!("i{w}-{n}"), ..Default::default() };
                        let i = incident::declare(&mara, new).await.unwrap();
                        incident::resolve(&mara, i.id, String::new()).await.unwrap();
                    }
                }
                done.add_permits(1);
            });
        }
        let (mut seq, mut seen) = (0, Vec::new());
        let reading = async {
            loop {
                let ended = done.available_permits() == writers;
                let events = feed::after(&app.store, seq, 7).await.unwrap();
                let Some(last) = events.last() else {
                    if ended {
                        return;
                    }
                    tokio::task::yield_now().await;
                    continue;
                };
                seq = last.seq;
                seen.extend(events.into_iter().map(|e| e.seq));
            }
        };
        soon("the writers end", reading).await;
        let all: Vec<_> = feed::after(&app.store, 0, 100_000).await.unwrap().into_iter().map(|e| e.seq).collect();
        assert_eq!(seen, all);
        assert!(seen.is_sorted());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_alert_at_one_node_arrives_in_the_live_feed_of_the_other() {
    let place = Place::postgres().await;
    let (a, b) = (place.start().await, place.start().await);
    let s = service(&a, "api", |_| {}).await;
    let mut live = b.feed.listen();
    arrive(&a, &s, vec![signal("disk", Firing, Severity::Critical)]).await;
    let arrived = async {
        loop {
            let event = live.recv().await.unwrap();
            if event.topic == "incidents" {
                return event;
            }
        }
    };
    assert!(soon("the other node's feed", arrived).await.frame.contains("incident.opened"));
    let rows = incident::list(&system(&b), &Filter::default(), Sort::Newest, &Paging::default()).await.unwrap();
    assert_eq!(rows.total, 1);
    a.stop().await.unwrap();
    b.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_one_node_makes_due_the_node_with_the_engine_does_at_once() {
    let place = Place::postgres().await;
    let engine = place.start().await;
    until("the engine has its lease", || async { count(&engine.store, "SELECT COUNT(*) FROM lease WHERE name = 'engine'").await == 1 })
        .await;
    let other = place.start().await;
    let s = service(&other, "edge", |n| n.alerts.auto_pause_minutes = 5).await;
    let mut live = other.feed.listen();
    // For the engine's clock the hold is over when it begins.
    engine.clock.advance(10 * MINUTE);
    arrive(&other, &s, vec![signal("disk", Firing, Severity::Critical)]).await;
    let opened = async { while live.recv().await.unwrap().topic != "incidents" {} };
    // The engine's own tick comes every 5 s; it must not be what did it.
    tokio::time::timeout(std::time::Duration::from_secs(4), opened).await.expect("the engine was not woken by the other node's commit");
    engine.stop().await.unwrap();
    other.stop().await.unwrap();
}

/// Holds the commit of the writer `w0` behind its appended events, for as long as somebody else has the lock 77.
const SLOW_COMMIT: &str = "CREATE FUNCTION slow_commit() RETURNS trigger LANGUAGE plpgsql AS $$ \
    BEGIN IF NEW.entity = 'w0' THEN PERFORM pg_advisory_xact_lock(77); END IF; RETURN NULL; END $$; \
    CREATE CONSTRAINT TRIGGER slow_commit AFTER INSERT ON event DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow_commit()";

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_commit_that_takes_long_after_its_events_have_their_numbers_is_not_overtaken() {
    let place = Place::postgres().await;
    let app = place.start().await;
    execute(&app, SLOW_COMMIT).await;
    let (release, held) = hold(&app, 77).await;
    let writer = |n: i64| {
        let (go, gone) = oneshot::channel();
        go.send(()).unwrap();
        held_writer(&app, n, mpsc::unbounded_channel().0, gone)
    };
    let slow = writer(0);
    until("the slow commit waits", || async { count(&app.store, WAITING).await == 1 }).await;
    let fast = writer(1);
    until("the fast one waits behind it, or has passed", || async { fast.is_finished() || count(&app.store, WAITING).await == 2 }).await;
    let (mut seq, mut from_start) = (0, 0);
    let mut read = resumed(&app, &mut seq).await;
    release.send(()).unwrap();
    for ended in [held, slow, fast] {
        soon("all end", ended).await.unwrap();
    }
    read.extend(resumed(&app, &mut seq).await);
    assert_eq!(read, resumed(&app, &mut from_start).await);
    assert_eq!(read.len(), 6);
    app.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn alerts_of_one_group_that_reach_two_nodes_at_once_are_one_incident() {
    use domain::service::Grouping;
    let place = Place::postgres().await;
    let (a, b) = (place.start().await, place.start().await);
    let s = service(&a, "fleet", |n| n.alerts.grouping = Grouping::Labels { labels: vec!["host".into()] }).await;
    let slow = "CREATE FUNCTION slow_opening() RETURNS trigger LANGUAGE plpgsql AS $$ \
        BEGIN PERFORM pg_advisory_xact_lock(77); RETURN NULL; END $$; \
        CREATE CONSTRAINT TRIGGER slow_opening AFTER INSERT ON incident DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow_opening()";
    execute(&a, slow).await;
    let (release, held) = hold(&a, 77).await;
    let arrives = |node: &Arc<App>, key: &'static str| {
        let (node, s) = (node.clone(), s.clone());
        tokio::spawn(async move { arrive(&node, &s, vec![signal(key, Firing, Severity::High)]).await })
    };
    let first = arrives(&a, "web-cpu");
    until("the first is about to commit", || async { count(&a.store, WAITING).await == 1 }).await;
    let second = arrives(&b, "web-disk");
    let waiting = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    until("the second waits for it", || async { count(&a.store, waiting).await == 2 }).await;
    release.send(()).unwrap();
    for ended in [held, first, second] {
        soon("all end", ended).await.unwrap();
    }
    let found = incident::list(&system(&a), &Filter::default(), Sort::Newest, &Paging::default()).await.unwrap();
    assert_eq!(found.items.iter().map(|row| row.incident.alert_count).collect::<Vec<_>>(), [2]);
    a.stop().await.unwrap();
    b.stop().await.unwrap();
}
