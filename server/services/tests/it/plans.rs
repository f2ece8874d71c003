//! The statements that people wait for walk an index. What is explained is what the use cases really ran.

use std::sync::Arc;

use domain::{
    alert::SignalStatus::Firing,
    incident::{Filter, Severity, Sort, State},
    list::Paging,
    service::Service,
};
use sea_orm::{ConnectionTrait, Statement};
use services::{App, Cx, alert, event, incident};

use crate::{
    place::{execute, is_shared},
    support::{arrive, on_both, service, signal, system},
};

/// 3,000 incidents of 10 services; one in 20 is live.
async fn seeded(app: &Arc<App>) -> Vec<Service> {
    let mut services = Vec::new();
    for n in 0..10 {
        let s = service(app, &format!("service {n}"), |_| {}).await;
        for batch in 0..3 {
            let severity = Severity::ALL[(n + batch) % 4];
            arrive(app, &s, (0..100).map(|k| signal(&format!("{n}-{batch}-{k}"), Firing, severity)).collect()).await;
        }
        services.push(s);
    }
    execute(app, "UPDATE incident SET live = (number % 20 = 0), status = CASE WHEN number % 20 = 0 THEN 'open' ELSE 'closed' END").await;
    execute(app, "ANALYZE").await;
    services
}

/// The plans of the statements on a table that a call runs, one line each.
async fn plans<T>(app: &Arc<App>, table: &str, call: impl Future<Output = services::Result<T>>) -> Vec<(String, Vec<String>)> {
    app.store.seen.record();
    call.await.unwrap();
    let of_table = format!("FROM \"{table}\"");
    let seen: Vec<_> = app.store.seen.taken().into_iter().filter(|s| s.sql.contains(&of_table)).collect();
    assert!(!seen.is_empty(), "nothing was asked of {table}");
    let mut plans = Vec::new();
    for statement in seen {
        let (explain, column) = if is_shared(app) { ("EXPLAIN", 0) } else { ("EXPLAIN QUERY PLAN", 3) };
        let explained = Statement { sql: format!("{explain} {}", statement.sql), ..statement.clone() };
        let rows = app.store.reader.query_all_raw(explained).await.unwrap();
        plans.push((statement.sql, rows.iter().map(|r| r.try_get_by_index(column).unwrap()).collect()));
    }
    plans
}

/// No full scan of the table, and no sort: neither may grow with the table.
#[track_caller]
fn check(plans: &[(String, Vec<String>)], table: &str) {
    for (sql, plan) in plans {
        for line in plan {
            let scan =
                line.contains(&format!("Seq Scan on {table}")) || (line.contains(&format!("SCAN {table}")) && !line.contains("USING"));
            let sort = line.contains("Sort") || line.contains("USE TEMP B-TREE FOR ORDER BY");
            assert!(!scan && !sort, "{sql}\n{}", plan.join("\n"));
        }
    }
}

async fn listed(app: &Arc<App>, cx: &Cx, filter: Filter, sort: Sort) {
    check(&plans(app, "incident", incident::list(cx, &filter, sort, &Paging::default())).await, "incident");
}

#[tokio::test]
async fn lists_the_journal_and_alerts_by_key_use_an_index_and_sort_nothing() {
    on_both(|app| async move {
        let services = seeded(&app).await;
        let cx = system(&app);
        let of_service = Filter { service_id: Some(services[3].id), ..Filter::live() };
        listed(&app, &cx, Filter::live(), Sort::Severity).await;
        listed(&app, &cx, Filter { status: vec![State::Open], ..Filter::default() }, Sort::Severity).await;
        listed(&app, &cx, of_service, Sort::Severity).await;
        listed(&app, &cx, Filter::default(), Sort::Severity).await;
        listed(&app, &cx, Filter::default(), Sort::Newest).await;

        let newest = event::feed::newest(&app.store).await.unwrap();
        check(&plans(&app, "event", event::feed::after(&app.store, newest - 40, 500)).await, "event");
        let first = incident::list(&cx, &Filter::live(), Sort::Newest, &Paging::default()).await.unwrap().items[0].incident.id;
        check(&plans(&app, "event", incident::timeline(&cx, first, None)).await, "event");

        let latest = alert::Filter { service_id: Some(services[3].id), ..alert::Filter::default() };
        let page = plans(&app, "alert", alert::list(&cx, &latest, &Paging::default())).await;
        check(&page.into_iter().filter(|(sql, _)| sql.contains("ORDER BY")).collect::<Vec<_>>(), "alert");
    })
    .await;
}

#[tokio::test]
async fn an_alert_is_found_by_its_key_without_a_scan() {
    on_both(|app| async move {
        let services = seeded(&app).await;
        let sql = "SELECT * FROM alert WHERE superseded_at IS NULL AND (service_id = $1 AND dedup_key IN ($2, $3)) ORDER BY service_id, dedup_key";
        let values: Vec<sea_orm::Value> = vec![services[0].id.uuid().into(), "0-0-1".into(), "0-0-2".into()];
        let (explain, column) = if is_shared(&app) { ("EXPLAIN", 0) } else { ("EXPLAIN QUERY PLAN", 3) };
        let explained = Statement::from_sql_and_values(app.store.backend(), format!("{explain} {sql}"), values);
        let rows = app.store.reader.query_all_raw(explained).await.unwrap();
        let plan: Vec<String> = rows.iter().map(|r| r.try_get_by_index(column).unwrap()).collect();
        assert!(plan.iter().any(|line| line.contains("alert_key")), "{}", plan.join("\n"));
    })
    .await;
}

#[tokio::test]
async fn walking_the_alerts_by_cursor_meets_each_once_those_of_one_moment_too() {
    on_both(|app| async move {
        let s = service(&app, "api", |_| {}).await;
        arrive(&app, &s, (0..95).map(|n| signal(&format!("k{n}"), Firing, Severity::Low)).collect()).await;
        let mut paging = Paging { page_size: 10, ..Paging::default() };
        let mut met = Vec::new();
        loop {
            let page = alert::list(&system(&app), &alert::Filter::default(), &paging).await.unwrap();
            met.extend(page.items.into_iter().map(|a| a.id));
            match page.next {
                Some(next) => paging.after = Some(next),
                None => break,
            }
        }
        assert_eq!((met.len(), met.iter().collect::<std::collections::HashSet<_>>().len()), (95, 95));
    })
    .await;
}

#[tokio::test]
async fn one_request_with_thousands_of_alerts_of_as_many_groups_is_taken() {
    use domain::service::Grouping;
    on_both(|app| async move {
        let s = service(&app, "fleet", |n| n.alerts.grouping = Grouping::Labels { labels: vec!["host".into()] }).await;
        let mut many: Vec<_> = (0..1_500).map(|n| signal(&format!("host-{n}"), Firing, Severity::Low)).collect();
        for (n, signal) in many.iter_mut().enumerate() {
            signal.labels.insert("host".into(), format!("h{n}"));
        }
        arrive(&app, &s, many.clone()).await;
        arrive(&app, &s, many).await;
        let total = incident::list(&system(&app), &Filter::default(), Sort::Newest, &Paging::default()).await.unwrap().total;
        assert_eq!(total, 1_500);
    })
    .await;
}
