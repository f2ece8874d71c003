//! Demo data: believable, and gone without a trace but in the journal.

use std::{collections::HashSet, sync::Arc};

use domain::{
    Code,
    account::Role,
    event::Event,
    incident::{Filter, IncidentIn, Severity, Sort, State},
    list::Paging,
    service::UNSORTED,
    time::{DAY, HOUR, MINUTE},
};
use services::{
    App, Cx, Error, account, alert, demo, due,
    event::{feed, read},
    incident, service,
};

use crate::{
    place::{Place, count},
    support::{person, service as new_service, system},
};

fn all() -> Paging {
    Paging { page_size: 200, ..Paging::default() }
}

fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> Code {
    result.expect_err("it was not refused").problem().code
}

async fn journal(cx: &Cx) -> Vec<Event> {
    read::list(cx, &read::Query { after: Some(0), limit: 10_000, ..Default::default() }).await.unwrap()
}

/// Nodes without their tasks: what the engine would do at the same time has no part in it.
async fn on_both<F: Future<Output = ()>>(test: impl Fn(Arc<App>) -> F) {
    for place in Place::both().await {
        let app = place.open().await;
        test(app.clone()).await;
        app.stop().await.unwrap();
    }
}

#[tokio::test]
async fn the_demo_looks_like_a_month_of_work() {
    on_both(|app| async move {
        let cx = system(&app);
        assert_eq!(demo::state(&cx).await.unwrap(), demo::State::Empty);
        let made = demo::seed(&cx).await.unwrap();
        assert_eq!(demo::state(&cx).await.unwrap(), demo::State::Seeded);
        assert_eq!((made.teams, made.people, made.services), (3, 8, 9));
        assert!(made.incidents >= 40 && made.alerts > made.incidents && made.integrations >= made.services, "{made:?}");

        let rows = incident::list(&cx, &Filter::default(), Sort::Oldest, &all()).await.unwrap();
        assert_eq!((rows.total as i64, rows.items.len() as i64), (made.incidents, made.incidents));
        let now = cx.now();
        for (n, row) in rows.items.iter().enumerate() {
            let i = &row.incident;
            assert_eq!(i.number, n as i64 + 1, "numbers follow the time");
            assert!(i.created_at <= now && now.since(i.created_at) < 30 * DAY, "{}", i.title);
            assert!(
                i.acknowledged_at.is_none_or(|at| at >= i.created_at) && i.resolved_at.is_none_or(|at| at > i.created_at && at <= now),
                "{}",
                i.title
            );
            let expected = match i.resolved_at {
                Some(at) if now.since(at) > 7 * DAY + MINUTE => State::Closed,
                Some(_) => State::Resolved,
                None => i.status,
            };
            assert_eq!(
                (i.status, i.closed_at),
                (expected, i.resolved_at.filter(|_| expected == State::Closed).map(|at| at.plus(7 * DAY))),
                "{}",
                i.title
            );
            assert!(i.is_live() == i.resolved_at.is_none() && (!i.is_live() || i.alert_count == i.firing_count), "{}", i.title);
        }
        assert!(rows.items.windows(2).all(|two| two[0].incident.created_at <= two[1].incident.created_at));

        let first = &incident::list(&cx, &Filter::live(), Sort::Severity, &all()).await.unwrap().items[0].incident;
        assert_eq!(
            (first.title.as_str(), first.severity, first.status),
            ("Checkout error rate above 8 %", Severity::Critical, State::Open)
        );
        assert!(first.firing_count >= 4 && now.since(first.created_at) < HOUR);
        let live: HashSet<_> = rows.items.iter().filter(|r| r.incident.is_live()).map(|r| r.incident.status).collect();
        assert_eq!(live.len(), 3, "open, acknowledged, in progress");
        assert!(
            rows.items
                .iter()
                .any(|r| r.incident.is_live() && r.incident.severity == Severity::Low && r.incident.title.contains("Certificate"))
        );

        assert_eq!(alert::watch::uncovered(&app).await.unwrap(), 0);
        assert_eq!(count(&app.store, "SELECT COUNT(*) FROM alert WHERE hold_until IS NOT NULL").await, 0);
        assert_eq!(due::reconcile(&cx).await.unwrap(), 0, "the engine finds nothing that it should have done");
        assert!(account::needs_setup(&app).await.unwrap(), "the first administrator is still to be made");

        let events = journal(&cx).await;
        let demo: Vec<_> = events.iter().filter(|e| e.source == "demo").collect();
        let incidents: Vec<_> = demo.iter().filter(|e| e.topic == "incidents").collect();
        assert!(incidents.windows(2).all(|two| two[0].at <= two[1].at), "the journal runs with the time");
        assert!(incidents.iter().any(|e| e.actor.name == "Priya Raman") && incidents.iter().any(|e| e.actor.kind == "integration"));
        assert_eq!(demo.last().map(|e| e.kind.as_str()), Some("demo.seeded"));
        let notes = rows.items.iter().find(|r| r.incident.title.starts_with("Search latency")).unwrap().incident.label();
        let notes = incident::detail(&cx, &notes).await.unwrap();
        assert!(notes.timeline.iter().filter_map(|t| t.note.as_ref()).any(|n| n.html.contains("<pre>")), "notes are markdown");
    })
    .await;
}

#[tokio::test]
async fn what_was_made_goes_and_what_is_yours_stays() {
    on_both(|app| async move {
        let (cx, ada) = (system(&app), person(&app, "Ada", Role::Admin).await);
        demo::seed(&ada).await.unwrap();
        assert_eq!(code(demo::seed(&ada).await), Code::Conflict);
        let services = service::list(&cx, &service::Filter::default(), &all()).await.unwrap().items;
        let checkout = services.iter().find(|s| s.service.name == "Checkout").unwrap().service.clone();
        let jonas = account::list_users(&cx, &account::UserFilter { q: Some("Jonas".into()), ..Default::default() }, &all())
            .await
            .unwrap()
            .items
            .remove(0);
        let own = new_service(&app, "Own", |n| n.team_id = checkout.team_id).await;
        let declare = |service, title: &str, to| IncidentIn {
            title: title.into(),
            service_id: Some(service),
            assigned_to_id: to,
            ..IncidentIn::default()
        };
        let mine = incident::declare(&ada, declare(own.id, "Mine", Some(jonas.id))).await.unwrap();
        incident::declare(&ada, declare(checkout.id, "On a service of the demo", None)).await.unwrap();
        let before = journal(&cx).await.len();

        let removed = demo::remove(&ada).await.unwrap();
        assert_eq!((removed.services, removed.people, removed.teams, removed.archived), (9, 7, 2, 2), "Jonas and his team are referred to");
        let left = incident::list(&cx, &Filter::default(), Sort::Oldest, &all()).await.unwrap();
        assert_eq!((left.total, left.items.iter().map(|r| r.incident.id).collect::<Vec<_>>()), (1, vec![mine.id]));
        let found = incident::list(&cx, &Filter { q: Some("checkout".into()), ..Filter::default() }, Sort::Oldest, &all()).await.unwrap();
        assert_eq!(found.total, 0, "search has forgotten them");
        for table in ["alert", "note", "integration", "payload"] {
            assert_eq!(count(&app.store, &format!("SELECT COUNT(*) FROM {table}")).await, 0, "{table}");
        }
        let names: Vec<_> =
            service::list(&cx, &service::Filter::default(), &all()).await.unwrap().items.into_iter().map(|s| s.service.name).collect();
        assert_eq!(names, ["Own", "Unsorted"]);
        assert_eq!(alert::watch::uncovered(&app).await.unwrap(), 0);
        assert!(journal(&cx).await.len() > before, "the journal keeps what happened, and that it was removed");
        assert_eq!(code(demo::remove(&ada).await), Code::Conflict);
        assert_eq!(demo::state(&cx).await.unwrap(), demo::State::InUse);

        let again = demo::seed(&ada).await.unwrap();
        let next = incident::list(&cx, &Filter::default(), Sort::Oldest, &all()).await.unwrap();
        assert_eq!(next.total as i64, again.incidents + 1);
        assert!(next.items[1].incident.number > mine.number, "a number is never given twice");
        let removed = demo::remove(&ada).await.unwrap();
        assert_eq!((removed.incidents as i64, removed.alerts as i64), (again.incidents, again.alerts));
        assert_eq!(alert::list(&cx, &alert::Filter::default(), &all()).await.unwrap().total, 0, "the total goes down with them");
    })
    .await;
}

#[tokio::test]
async fn the_demo_is_the_administrators_and_takes_nobodys_name() {
    on_both(|app| async move {
        let cx = system(&app);
        let mara = person(&app, "Mara", Role::Manager).await;
        assert_eq!(code(demo::seed(&mara).await), Code::Forbidden);
        assert_eq!(code(demo::remove(&mara).await), Code::Forbidden);
        new_service(&app, "checkout", |_| {}).await;
        let seq = feed::newest(&app.store).await.unwrap();
        assert_eq!(code(demo::seed(&cx).await), Code::Conflict);
        assert_eq!(feed::newest(&app.store).await.unwrap(), seq, "nothing was made");
        assert_eq!(service::get(&cx, UNSORTED).await.unwrap().name, "Unsorted");
    })
    .await;
}
