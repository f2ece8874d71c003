//! Alerts in: what a stream of signals makes of alerts and incidents.

use std::sync::Arc;

use domain::{
    account::Role,
    alert::{
        AlertStatus,
        SignalStatus::{Acknowledged, Firing, Resolved},
    },
    incident::{Filter, Row, Severity, Sort, State},
    list::Paging,
    service::{Grouping, Service},
    time::MINUTE,
};
use services::{App, alert, due, incident};

use crate::support::{arrive, on_both, person, service, signal, system};

async fn incidents(app: &Arc<App>) -> Vec<Row> {
    incident::list(&system(app), &Filter::default(), Sort::Oldest, &Paging::default()).await.unwrap().items
}

async fn alerts(app: &Arc<App>) -> Vec<domain::alert::Alert> {
    alert::list(&system(app), &alert::Filter::default(), &Paging::default()).await.unwrap().items
}

async fn covered(app: &Arc<App>) {
    assert_eq!(alert::watch::uncovered(app).await.unwrap(), 0, "a firing alert has no incident");
}

async fn plain(app: &Arc<App>) -> Service {
    service(app, "api", |_| {}).await
}

#[tokio::test]
async fn an_alert_opens_an_incident_repeats_count_and_its_end_resolves() {
    on_both(|app| async move {
        let s = plain(&app).await;
        arrive(&app, &s, vec![signal("a", Firing, Severity::High)]).await;
        let before = incidents(&app).await;
        assert_eq!((before.len(), before[0].incident.status, before[0].incident.number), (1, State::Open, 1));
        assert_eq!(before[0].service_name, "api");

        for _ in 0..5 {
            arrive(&app, &s, vec![signal("a", Firing, Severity::High)]).await;
        }
        let after = incidents(&app).await;
        assert_eq!((after.len(), after[0].incident.rev), (1, before[0].incident.rev), "repeats change nothing");
        assert_eq!(alerts(&app).await[0].count, 6);
        covered(&app).await;

        arrive(&app, &s, vec![signal("a", Resolved, Severity::High)]).await;
        assert_eq!(incidents(&app).await[0].incident.status, State::Resolved);
        assert_eq!(alerts(&app).await[0].status, AlertStatus::Resolved);
        covered(&app).await;
    })
    .await;
}

#[tokio::test]
async fn one_request_with_the_same_key_many_times_is_one_alert() {
    on_both(|app| async move {
        let s = plain(&app).await;
        let many = (0..50).map(|_| signal("a", Firing, Severity::Low)).collect();
        arrive(&app, &s, many).await;
        assert_eq!((incidents(&app).await.len(), alerts(&app).await[0].count), (1, 50));
    })
    .await;
}

#[tokio::test]
async fn many_senders_at_once_lose_nothing_and_double_nothing() {
    on_both(|app| async move {
        let s = Arc::new(plain(&app).await);
        let senders = (0..100).map(|n| {
            let (app, s) = (app.clone(), s.clone());
            tokio::spawn(async move {
                arrive(
                    &app,
                    &s,
                    vec![signal(&format!("k{}", n % 10), Firing, Severity::Medium), signal(&format!("u{n}"), Firing, Severity::Low)],
                )
                .await
            })
        });
        for sender in senders.collect::<Vec<_>>() {
            sender.await.unwrap();
        }
        let total = incident::list(&system(&app), &Filter::default(), Sort::Newest, &Paging::default()).await.unwrap().total;
        assert_eq!(total, 110);
        covered(&app).await;
    })
    .await;
}

#[tokio::test]
async fn a_rise_in_severity_raises_the_incident_and_is_journalled_a_fall_is_not() {
    on_both(|app| async move {
        let s = plain(&app).await;
        arrive(&app, &s, vec![signal("a", Firing, Severity::Medium)]).await;
        arrive(&app, &s, vec![signal("a", Firing, Severity::Critical)]).await;
        arrive(&app, &s, vec![signal("a", Firing, Severity::Low)]).await;
        let row = &incidents(&app).await[0].incident;
        assert_eq!((row.severity, row.urgency.as_str()), (Severity::Critical, "high"));
        let kinds: Vec<_> = incident::timeline(&system(&app), row.id, None).await.unwrap().into_iter().map(|t| t.event.kind).collect();
        assert_eq!(kinds, ["incident.severity_raised", "incident.opened"]);
    })
    .await;
}

#[tokio::test]
async fn firing_again_within_the_window_brings_back_the_incident_with_who_had_it() {
    on_both(|app| async move {
        let s = plain(&app).await;
        let mara = person(&app, "Mara", Role::Responder).await;
        arrive(&app, &s, vec![signal("a", Firing, Severity::High)]).await;
        let id = incidents(&app).await[0].incident.id;
        incident::acknowledge(&mara, id).await.unwrap();
        arrive(&app, &s, vec![signal("a", Resolved, Severity::High)]).await;
        app.clock.advance(9 * MINUTE);
        arrive(&app, &s, vec![signal("a", Firing, Severity::High)]).await;
        let rows = incidents(&app).await;
        assert_eq!((rows.len(), rows[0].incident.status), (1, State::Acknowledged));
        assert_eq!(rows[0].assigned_to_name.as_deref(), Some("Mara"));
        covered(&app).await;
    })
    .await;
}

#[tokio::test]
async fn firing_after_the_window_is_a_new_alert_and_incident() {
    on_both(|app| async move {
        let s = plain(&app).await;
        arrive(&app, &s, vec![signal("a", Firing, Severity::High)]).await;
        arrive(&app, &s, vec![signal("a", Resolved, Severity::High)]).await;
        app.clock.advance(11 * MINUTE);
        arrive(&app, &s, vec![signal("a", Firing, Severity::High)]).await;
        assert_eq!((incidents(&app).await.len(), alerts(&app).await.len()), (2, 2));
        covered(&app).await;
    })
    .await;
}

#[tokio::test]
async fn what_a_person_resolved_ends_its_alerts_and_the_next_firing_opens_anew() {
    on_both(|app| async move {
        let s = plain(&app).await;
        let mara = person(&app, "Mara", Role::Responder).await;
        arrive(&app, &s, vec![signal("a", Firing, Severity::High)]).await;
        let id = incidents(&app).await[0].incident.id;
        incident::resolve(&mara, id, "restarted".into()).await.unwrap();
        assert_eq!(alerts(&app).await[0].end_reason, Some(domain::alert::EndReason::IncidentResolved));
        covered(&app).await;
        arrive(&app, &s, vec![signal("a", Firing, Severity::High)]).await;
        assert_eq!(incidents(&app).await.len(), 2);
        covered(&app).await;
    })
    .await;
}

#[tokio::test]
async fn somebody_who_works_on_it_decides_when_it_is_over() {
    on_both(|app| async move {
        let s = plain(&app).await;
        let mara = person(&app, "Mara", Role::Responder).await;
        arrive(&app, &s, vec![signal("a", Firing, Severity::High)]).await;
        let id = incidents(&app).await[0].incident.id;
        incident::start(&mara, id).await.unwrap();
        arrive(&app, &s, vec![signal("a", Resolved, Severity::High)]).await;
        let row = &incidents(&app).await[0].incident;
        assert_eq!((row.status, row.firing_count), (State::InProgress, 0));
    })
    .await;
}

#[tokio::test]
async fn flapping_is_one_incident_that_waits_for_quiet() {
    on_both(|app| async move {
        let s = plain(&app).await;
        for _ in 0..3 {
            arrive(&app, &s, vec![signal("a", Firing, Severity::High)]).await;
            app.clock.advance(MINUTE);
            arrive(&app, &s, vec![signal("a", Resolved, Severity::High)]).await;
            app.clock.advance(MINUTE);
        }
        let row = incidents(&app).await.remove(0).incident;
        assert!(row.flapping && row.is_live(), "{:?}", row.status);
        app.clock.advance(15 * MINUTE);
        while due::reconcile(&system(&app)).await.unwrap() > 0 {}
        assert_eq!(incidents(&app).await[0].incident.status, State::Resolved);
    })
    .await;
}

#[tokio::test]
async fn grouping_by_labels_joins_and_resolves_with_the_last() {
    on_both(|app| async move {
        let s = service(&app, "db", |n| n.alerts.grouping = Grouping::Labels { labels: vec!["host".into()] }).await;
        arrive(
            &app,
            &s,
            vec![signal("x1", Firing, Severity::Low), signal("x2", Firing, Severity::Critical), signal("y1", Firing, Severity::Low)],
        )
        .await;
        arrive(&app, &s, vec![signal("x3", Firing, Severity::Low)]).await;
        let rows = incidents(&app).await;
        assert_eq!(
            rows.iter().map(|r| (r.incident.alert_count, r.incident.severity)).collect::<Vec<_>>(),
            [(3, Severity::Critical), (1, Severity::Low)]
        );
        arrive(&app, &s, vec![signal("x1", Resolved, Severity::Low), signal("x2", Resolved, Severity::Low)]).await;
        assert!(incidents(&app).await[0].incident.is_live());
        arrive(&app, &s, vec![signal("x3", Resolved, Severity::Low)]).await;
        assert!(!incidents(&app).await[0].incident.is_live());
        covered(&app).await;
    })
    .await;
}

#[tokio::test]
async fn auto_pause_holds_then_opens_and_a_resolve_inside_opens_nothing() {
    on_both(|app| async move {
        let s = service(&app, "edge", |n| n.alerts.auto_pause_minutes = 5).await;
        arrive(&app, &s, vec![signal("a", Firing, Severity::High), signal("b", Firing, Severity::High)]).await;
        assert!(incidents(&app).await.is_empty());
        covered(&app).await;
        arrive(&app, &s, vec![signal("b", Resolved, Severity::High)]).await;
        app.clock.advance(5 * MINUTE);
        while due::reconcile(&system(&app)).await.unwrap() > 0 {}
        let rows = incidents(&app).await;
        assert_eq!((rows.len(), rows[0].incident.title.as_str()), (1, "Alert a"));
        covered(&app).await;
    })
    .await;
}

#[tokio::test]
async fn a_source_may_acknowledge_and_unknown_keys_are_ignored() {
    on_both(|app| async move {
        let s = plain(&app).await;
        arrive(&app, &s, vec![signal("a", Resolved, Severity::High), signal("b", Acknowledged, Severity::High)]).await;
        assert!(incidents(&app).await.is_empty() && alerts(&app).await.is_empty());
        arrive(&app, &s, vec![signal("a", Firing, Severity::High)]).await;
        arrive(&app, &s, vec![signal("a", Acknowledged, Severity::High)]).await;
        assert_eq!(incidents(&app).await[0].incident.status, State::Acknowledged);
    })
    .await;
}
