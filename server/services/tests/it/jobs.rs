//! Jobs: asked for inside a write, carried out after it, at least once, with an end that people can see.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use domain::{
    Code,
    account::Role,
    time::{DAY, HOUR},
};
use serde_json::{Value, json};
use services::{
    App, Error,
    job::{self, JobError, NewJob, Registry},
};
use tokio::sync::{Notify, Semaphore, mpsc};

use crate::{
    place::{Place, count, execute, is_shared, soon, until},
    support::{person, system},
};

async fn ask(app: &Arc<App>, new: NewJob) -> bool {
    system(app)
        .write_plain(move |tx| {
            let new = new.clone();
            async move { job::enqueue(&tx, new).await }
        })
        .await
        .unwrap()
}

async fn ends_as(app: &Arc<App>, state: &str, jobs: i64) {
    let sql = format!("SELECT COUNT(*) FROM job WHERE state = '{state}'");
    until(&format!("{jobs} jobs are {state}"), || async { count(&app.store, &sql).await == jobs }).await;
}

/// A handler that tells what it gets.
fn telling(kind: &'static str) -> (Registry, mpsc::UnboundedReceiver<Value>) {
    let (told, tells) = mpsc::unbounded_channel();
    let registry = Registry::default().on(kind, move |_, input| {
        told.send(input).unwrap();
        async { Ok(()) }
    });
    (registry, tells)
}

#[tokio::test]
async fn a_job_runs_after_its_write_and_a_write_that_fails_asks_for_nothing() {
    for place in Place::both().await {
        let (registry, mut tells) = telling("mail");
        let app = place.start_with(registry).await;
        let failed: Result<(), _> = system(&app)
            .write_plain(|tx| async move {
                job::enqueue(&tx, NewJob::new("mail", json!("never"))).await?;
                Err(Error::Stored("the write fails".into()))
            })
            .await;
        assert!(failed.is_err());
        ask(&app, NewJob::new("mail", json!({ "to": "mara" }))).await;
        assert_eq!(soon("the job", tells.recv()).await, Some(json!({ "to": "mara" })));
        ends_as(&app, "done", 1).await;
        app.clock.advance(2 * DAY);
        while services::due::reconcile(&system(&app)).await.unwrap() > 0 {}
        assert_eq!(count(&app.store, "SELECT COUNT(*) FROM job").await, 0, "what was done is forgotten after a day");
        app.stop().await.unwrap();
    }
}

#[tokio::test]
async fn a_job_that_fails_is_tried_again_later_and_not_before_the_other_side_said() {
    for place in Place::both().await {
        let (told, mut tells) = mpsc::unbounded_channel();
        let tries = Arc::new(AtomicUsize::new(0));
        let app = place
            .start_with(Registry::default().on("mail", move |_, _| {
                let (n, told) = (tries.fetch_add(1, Ordering::SeqCst), told.clone());
                async move {
                    told.send(n).unwrap();
                    if n < 2 { Err(JobError::after("busy", HOUR)) } else { Ok(()) }
                }
            }))
            .await;
        ask(&app, NewJob::new("mail", json!({}))).await;
        for n in 0..3 {
            assert_eq!(soon("an attempt", tells.recv()).await, Some(n));
            if n < 2 {
                ends_as(&app, "waiting", 1).await;
                assert_eq!(
                    count(&app.store, &format!("SELECT COUNT(*) FROM job WHERE run_at >= {}", app.clock.now().plus(HOUR - 60_000).ms()))
                        .await,
                    1
                );
                app.clock.advance(HOUR + 1);
            }
        }
        ends_as(&app, "done", 1).await;
        assert_eq!(count(&app.store, "SELECT attempt FROM job").await, 3);
        app.stop().await.unwrap();
    }
}

#[tokio::test]
async fn a_job_that_cannot_succeed_is_a_dead_letter_that_an_administrator_sends_off_again() {
    for place in Place::both().await {
        let works = Arc::new(AtomicUsize::new(0));
        let handler = works.clone();
        let app = place
            .start_with(
                Registry::default()
                    .on("mail", move |_, _| {
                        let works = handler.load(Ordering::SeqCst) == 1;
                        async move { if works { Ok(()) } else { Err(JobError::hopeless("no such mailbox")) } }
                    })
                    .on("panics", |_, _| async { panic!("out of ink") }),
            )
            .await;
        ask(&app, NewJob { unique_key: Some("k".into()), ..NewJob::new("mail", json!({ "to": "x" })) }).await;
        ends_as(&app, "dead", 1).await;
        ask(&app, NewJob { max_attempts: 1, ..NewJob::new("panics", json!({})) }).await;
        ends_as(&app, "dead", 2).await;

        let ada = person(&app, "Ada", Role::Admin).await;
        let mara = person(&app, "Mara", Role::Responder).await;
        assert_eq!(job::list_dead(&mara, None, 50).await.unwrap_err().problem().code, Code::Forbidden);
        let dead: HashMap<_, _> = job::list_dead(&ada, None, 50).await.unwrap().into_iter().map(|d| (d.kind.clone(), d)).collect();
        assert_eq!(
            (dead["mail"].error.as_str(), dead["mail"].attempts, &dead["mail"].input),
            ("no such mailbox", 1, &json!({ "to": "x" }))
        );
        assert_eq!(dead["panics"].error, "the handler panicked: out of ink");

        works.store(1, Ordering::SeqCst);
        assert_eq!(job::retry(&mara, dead["mail"].id).await.unwrap_err().problem().code, Code::Forbidden);
        job::retry(&ada, dead["mail"].id).await.unwrap();
        ends_as(&app, "done", 1).await;
        assert_eq!(job::retry(&ada, dead["mail"].id).await.unwrap_err().problem().code, Code::Conflict);
        assert_eq!(count(&app.store, "SELECT COUNT(*) FROM event WHERE kind IN ('job.dead', 'job.retried')").await, 3);
        app.stop().await.unwrap();
    }
}

#[tokio::test]
async fn a_row_that_nobody_can_read_is_a_dead_letter_and_holds_up_nothing() {
    for place in Place::both().await {
        let before = place.open().await;
        for input in [json!("unreadable"), json!("whole")] {
            ask(&before, NewJob { max_attempts: 3, ..NewJob::new("mail", input) }).await;
        }
        execute(&before, "UPDATE job SET input = '{' WHERE input LIKE '%unreadable%'").await;
        before.stop().await.unwrap();

        let (registry, mut tells) = telling("mail");
        let app = place.start_with(registry).await;
        assert_eq!(soon("the other job runs", tells.recv()).await, Some(json!("whole")));
        ends_as(&app, "dead", 1).await;
        let dead = job::list_dead(&person(&app, "Ada", Role::Admin).await, None, 50).await.unwrap();
        assert!(dead[0].error.starts_with("its input is not JSON"), "{}", dead[0].error);
        assert_eq!((dead[0].attempts, &dead[0].input), (1, &json!("{")));
        app.stop().await.unwrap();
    }
}

#[tokio::test]
async fn of_one_key_one_job_waits_or_runs() {
    for place in Place::both().await {
        let may_end = Arc::new(Semaphore::new(0));
        let handler = may_end.clone();
        let app = place
            .start_with(Registry::default().on("mail", move |_, _| {
                let may_end = handler.clone();
                async move {
                    may_end.acquire().await.unwrap().forget();
                    Ok(())
                }
            }))
            .await;
        let keyed = || NewJob { unique_key: Some("digest:mara".into()), ..NewJob::new("mail", json!({})) };
        assert!(ask(&app, keyed()).await);
        assert!(!ask(&app, keyed()).await);
        ends_as(&app, "running", 1).await;
        assert!(!ask(&app, keyed()).await, "while it runs, too");
        may_end.add_permits(1);
        ends_as(&app, "done", 1).await;
        assert!(ask(&app, keyed()).await);
        may_end.add_permits(1);
        ends_as(&app, "done", 2).await;
        app.stop().await.unwrap();
    }
}

#[tokio::test]
async fn a_job_whose_process_died_runs_again_and_the_attempt_counts() {
    for place in Place::both().await {
        let app = place.open().await;
        ask(&app, NewJob::new("mail", json!("again"))).await;
        ask(&app, NewJob { max_attempts: 3, ..NewJob::new("mail", json!("killer")) }).await;
        // As a killed process leaves them; the second has killed three.
        let dead_node = if is_shared(&app) { "gen_random_uuid(), lease_until = 1" } else { "randomblob(16)" };
        execute(
            &app,
            &format!("UPDATE job SET state = 'running', attempt = CASE WHEN max_attempts = 3 THEN 3 ELSE 1 END, lease_owner = {dead_node}"),
        )
        .await;
        app.stop().await.unwrap();
        drop(app);

        let (registry, mut tells) = telling("mail");
        let app = place.start_with(registry).await;
        assert_eq!(soon("the job", tells.recv()).await, Some(json!("again")));
        ends_as(&app, "done", 1).await;
        ends_as(&app, "dead", 1).await;
        assert_eq!(count(&app.store, "SELECT attempt FROM job WHERE state = 'done'").await, 2);
        assert!(tells.try_recv().is_err(), "no attempt is left for the job that kills its process");
        app.stop().await.unwrap();
    }
}

#[tokio::test]
async fn who_lost_the_lease_does_not_say_how_the_job_ended() {
    for place in Place::both().await {
        let (begun, mut begins) = mpsc::unbounded_channel();
        let end = Arc::new(Notify::new());
        let handler = end.clone();
        let app = place
            .start_with(Registry::default().on("mail", move |_, _| {
                let (begun, end) = (begun.clone(), handler.clone());
                async move {
                    begun.send(()).unwrap();
                    end.notified().await;
                    Err(JobError::hopeless("the slow one"))
                }
            }))
            .await;
        ask(&app, NewJob::new("mail", json!({}))).await;
        soon("the job begins", begins.recv()).await;
        // Another node took it over.
        let other = if is_shared(&app) { "gen_random_uuid(), lease_until = 9000000000000" } else { "randomblob(16)" };
        execute(&app, &format!("UPDATE job SET attempt = attempt + 1, lease_owner = {other}")).await;
        end.notify_one();
        // A second job through the same worker: when it is done, the first one's report has been refused.
        ask(&app, NewJob::new("mail", json!({}))).await;
        soon("the second begins", begins.recv()).await;
        end.notify_one();
        ends_as(&app, "dead", 1).await;
        assert_eq!(count(&app.store, "SELECT COUNT(*) FROM job WHERE state = 'running' AND attempt = 2").await, 1);
        app.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_jobs_run_at_once_but_no_more_than_the_bound_and_each_once() {
    for place in Place::both().await {
        let (now, most, runs) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(HashMap::new())));
        let (n, m, r) = (now.clone(), most.clone(), runs.clone());
        let registry = Registry::default().on("mail", move |_, input| {
            let (now, most, runs) = (n.clone(), m.clone(), r.clone());
            async move {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                *runs.lock().unwrap().entry(input.to_string()).or_insert(0) += 1;
                tokio::task::yield_now().await;
                now.fetch_sub(1, Ordering::SeqCst);
                Ok(())
            }
        });
        // On PostgreSQL two nodes share the work.
        let app = place.start_with(registry.clone()).await;
        let other = if is_shared(&app) { Some(place.start_with(registry).await) } else { None };
        let jobs = 300;
        system(&app)
            .write_plain(move |tx| async move { job::enqueue_many(&tx, (0..jobs).map(|n| NewJob::new("mail", json!(n))).collect()).await })
            .await
            .unwrap();
        ends_as(&app, "done", jobs).await;
        let runs = runs.lock().unwrap().clone();
        assert_eq!(runs.len() as i64, jobs);
        assert!(runs.values().all(|n| *n == 1), "{runs:?}");
        assert!(most.load(Ordering::SeqCst) <= 64, "{most:?}");
        app.stop().await.unwrap();
        if let Some(other) = other {
            other.stop().await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_node_leaves_kinds_that_it_does_not_know_to_others() {
    for place in Place::both().await {
        let (registry, mut tells) = telling("old");
        let app = place.start_with(registry).await;
        ask(&app, NewJob::new("new", json!({}))).await;
        ask(&app, NewJob::new("old", json!({}))).await;
        soon("the known job", tells.recv()).await;
        ends_as(&app, "done", 1).await;
        assert_eq!(count(&app.store, "SELECT COUNT(*) FROM job WHERE kind = 'new' AND state = 'waiting' AND attempt = 0").await, 1);
        app.stop().await.unwrap();
    }
}
