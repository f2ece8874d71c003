//! Senders that go away: at whatever moment a request is dropped, what it wrote is whole or absent, and the next one works.

use std::sync::Arc;

use domain::{
    account::Role,
    incident::{Filter, IncidentIn, Severity, Sort},
    list::Paging,
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use services::{App, Cx, IdempotencyKey, incident};
use tokio::task::JoinSet;

use crate::{
    place::{Place, count, dropped_after, soon},
    support::{person, system},
};

const REQUESTS: usize = 1_500;
const AT_ONCE: usize = 24;
const SEED: u64 = 20_261_120;

fn keyed(cx: &Cx, n: usize) -> Cx {
    cx.clone().with_idempotency(Some(IdempotencyKey::of(&format!("k{n}"), "POST", "/incidents", "", b"{}").unwrap()))
}

async fn declare(cx: &Cx, n: usize) -> domain::incident::Incident {
    let new = IncidentIn {
        title: format!("Incident {n}"),
        severity: Severity::High,
        assigned_to_id: cx.actor.caller.user(),
        ..IncidentIn::default()
    };
    incident::declare(&keyed(cx, n), new).await.unwrap()
}

/// A request of one kind or another, whose sender may go away.
async fn request(cx: Cx, n: usize, kind: u32, polls: usize, first: domain::Id<domain::incident::Incident>) {
    match kind {
        0..=3 => drop(dropped_after(polls, declare(&cx, n)).await),
        4 => drop(dropped_after(polls, incident::acknowledge(&cx, first)).await),
        5 => drop(dropped_after(polls, incident::undo_acknowledge(&cx, first)).await),
        6 => drop(dropped_after(polls, incident::add_note(&cx, first, format!("note {n}"))).await),
        _ => drop(dropped_after(polls, incident::list(&cx, &Filter::live(), Sort::Severity, &Paging::default())).await),
    }
}

async fn everything_is_whole(app: &Arc<App>) {
    for (fault, sql) in [
        (
            "incidents without their one opened event",
            "SELECT COUNT(*) FROM incident i WHERE (SELECT COUNT(*) FROM event e WHERE e.incident_id = i.id AND e.kind = 'incident.opened') <> 1",
        ),
        (
            "opened events without their incident",
            "SELECT COUNT(*) FROM event e WHERE e.kind = 'incident.opened' AND NOT EXISTS (SELECT 1 FROM incident i WHERE i.id = e.incident_id)",
        ),
        (
            "incidents with more or fewer changes than events",
            "SELECT COUNT(*) FROM incident i WHERE i.rev <> (SELECT COUNT(*) FROM event e WHERE e.incident_id = i.id)",
        ),
        ("notes without their event", "SELECT COUNT(*) - (SELECT COUNT(*) FROM event WHERE kind = 'incident.noted') FROM note"),
        ("numbers given but not used", "SELECT value - (SELECT COUNT(*) FROM incident) FROM counter WHERE name = 'incident_number'"),
        ("keys without an outcome", "SELECT COUNT(*) FROM idempotency WHERE outcome IS NULL"),
    ] {
        assert_eq!(count(&app.store, sql).await, 0, "{fault}, seed {SEED}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn senders_who_go_away_at_any_moment_leave_whole_writes_and_a_sound_pool() {
    for place in Place::both().await {
        let app = place.start().await;
        let mara = person(&app, "Mara", Role::Responder).await;
        let first = declare(&mara, REQUESTS).await.id;
        let mut dice = StdRng::seed_from_u64(SEED);
        let (mut running, mut declared) = (JoinSet::new(), vec![REQUESTS]);
        for n in 0..REQUESTS {
            let kind = dice.random_range(0..9);
            let polls = if dice.random_bool(0.8) { dice.random_range(0..6) } else { dice.random_range(6..60) };
            if kind <= 3 {
                declared.push(n);
            }
            running.spawn(request(mara.clone(), n, kind, polls, first));
            if running.len() >= AT_ONCE {
                running.join_next().await.unwrap().unwrap();
            }
        }
        while let Some(ended) = running.join_next().await {
            ended.unwrap();
        }
        // Whoever was cut off asks again under the same key: nothing happens twice.
        let again = futures_util::future::join_all(declared.iter().map(|n| declare(&mara, *n)));
        let ids: std::collections::HashSet<_> = soon("every connection works", again).await.into_iter().map(|i| i.id).collect();
        assert_eq!(ids.len(), declared.len());
        assert_eq!(count(&app.store, "SELECT COUNT(*) FROM incident").await, declared.len() as i64);
        app.stop().await.unwrap();

        let app = place.open().await;
        everything_is_whole(&app).await;
        app.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_use_case_that_panics_is_an_error_of_its_caller_and_of_nobody_else() {
    for place in Place::both().await {
        let app = place.start().await;
        let mara = person(&app, "Mara", Role::Responder).await;
        for n in 0..50 {
            let call = mara.clone();
            let ended = system(&app)
                .write_plain(move |tx| {
                    let call = call.clone();
                    async move {
                        services::job::enqueue(&tx, services::job::NewJob::new("x", serde_json::json!({}))).await?;
                        assert!(call.actor.id.is_none(), "panic {n}");
                        Ok(())
                    }
                })
                .await;
            assert!(ended.unwrap_err().to_string().contains(&format!("panic {n}")));
        }
        declare(&mara, 1).await;
        assert_eq!(count(&app.store, "SELECT COUNT(*) FROM job").await, 0, "what panicked wrote nothing");
        app.stop().await.unwrap();
    }
}
