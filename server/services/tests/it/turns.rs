//! Whose write is next, when several wait for SQLite's one writer.

use std::sync::Arc;

use domain::{account::Role, alert::SignalStatus::Firing, incident::Severity};
use services::{App, Cx, event::feed, store::NewEvent};
use tokio::sync::{mpsc, oneshot};

use crate::{
    place::{is_shared, soon, until},
    support::{arrive, on_both, person, service, signal, system},
};

/// A write that journals its name, and ends only when it is told to.
fn held(cx: &Cx) -> (mpsc::UnboundedReceiver<()>, oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
    let (begun, begins) = mpsc::unbounded_channel();
    let (release, released) = oneshot::channel::<()>();
    let (cx, released) = (cx.clone(), Arc::new(tokio::sync::Mutex::new(released)));
    let writing = tokio::spawn(async move {
        cx.write_plain(move |_| {
            let (begun, released) = (begun.clone(), released.clone());
            async move {
                begun.send(()).unwrap();
                (&mut *released.lock().await).await.unwrap();
                Ok(())
            }
        })
        .await
        .unwrap();
    });
    (begins, release, writing)
}

async fn written(cx: Cx, name: &'static str) {
    cx.write_plain(move |tx| async move {
        tx.event(NewEvent::record("tests", name, "test:1".into(), 1, serde_json::json!({})));
        Ok(())
    })
    .await
    .unwrap();
}

/// What was written since, in order.
async fn order(app: &Arc<App>, since: i64) -> Vec<String> {
    let events = feed::after(&app.store, since, 100).await.unwrap();
    let mut names: Vec<_> = events.iter().map(|e| if e.topic == "tests" { kind(e) } else { "alert".into() }).collect();
    names.dedup();
    names
}

fn kind(event: &feed::FeedEvent) -> String {
    serde_json::from_str::<serde_json::Value>(&event.frame).unwrap()["kind"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn alerts_are_stored_before_what_people_do_and_that_before_bulk_whoever_came_first() {
    on_both(|app| async move {
        let api = service(&app, "api", |_| {}).await;
        let mara = person(&app, "Mara", Role::Responder).await;
        let since = feed::newest(&app.store).await.unwrap();
        let (mut begins, release, holding) = held(&system(&app));
        soon("the writer is taken", begins.recv()).await;

        let (of_alert, of_app) = (api.clone(), app.clone());
        let bulk = tokio::spawn(written(system(&app).bulk(), "bulk"));
        waits(&app, 1).await;
        let people = tokio::spawn(written(mara, "people"));
        waits(&app, 2).await;
        let alert = tokio::spawn(async move { arrive(&of_app, &of_alert, vec![signal("disk", Firing, Severity::High)]).await });
        waits(&app, 3).await;

        if is_shared(&app) {
            // On PostgreSQL nobody waits for anybody.
            for write in [bulk, people, alert] {
                soon("a write beside another", write).await.unwrap();
            }
            release.send(()).unwrap();
        } else {
            release.send(()).unwrap();
            for write in [bulk, people, alert] {
                soon("a write", write).await.unwrap();
            }
            assert_eq!(order(&app, since).await, ["alert", "people", "bulk"]);
        }
        soon("the first write", holding).await.unwrap();
    })
    .await;
}

/// So many stand at the gate; there is none on PostgreSQL.
async fn waits(app: &Arc<App>, writes: usize) {
    if !is_shared(app) {
        until("the write waits", || async { app.store.waiting_writes() == writes }).await;
    }
}

#[tokio::test]
async fn a_request_that_is_dropped_while_its_write_waits_holds_nobody_up() {
    on_both(|app| async move {
        let (mut begins, release, holding) = held(&system(&app));
        soon("the writer is taken", begins.recv()).await;
        let dropped = tokio::spawn(written(system(&app), "dropped"));
        waits(&app, 1).await;
        dropped.abort();
        release.send(()).unwrap();
        soon("the first write", holding).await.unwrap();
        soon("the next write", written(system(&app), "next")).await;
    })
    .await;
}
