//! The statements that people wait for walk an index. What is explained is what the use cases really ran.

use std::sync::Arc;

use domain::{
    account::{Role, TeamIn},
    alert::{AlertStatus, SignalStatus::Firing},
    incident::{Filter, Severity, Sort, State},
    list::Paging,
    service::Service,
    time::HOUR,
};
use sea_orm::{ConnectionTrait, Statement};
use services::{
    App, Cx,
    account::{self, TeamFilter, UserFilter},
    alert,
    event::{self, read::Query},
    incident, service,
};

use crate::{
    place::{count, execute, is_shared},
    support::{arrive, on_both, person, service as new_service, signal, system},
};

/// 3,000 incidents of 10 services, each of one alert; one in 20 is live.
async fn seeded(app: &Arc<App>) -> Vec<Service> {
    let mut services = Vec::new();
    for n in 0..10 {
        let s = new_service(app, &format!("service {n}"), |_| {}).await;
        for batch in 0..3 {
            let severity = Severity::ALL[(n + batch) % 4];
            arrive(app, &s, (0..100).map(|k| signal(&format!("{n}-{batch}-{k}"), Firing, severity)).collect()).await;
        }
        services.push(s);
    }
    execute(app, "UPDATE incident SET live = (number % 20 = 0), status = CASE WHEN number % 20 = 0 THEN 'open' ELSE 'closed' END").await;
    execute(app, "UPDATE alert SET status = 'resolved' WHERE incident_id IN (SELECT id FROM incident WHERE NOT live)").await;
    execute(app, "ANALYZE").await;
    services
}

/// The plans of the statements on a table that a call runs, one line each.
async fn plans<T>(app: &Arc<App>, table: &str, call: impl Future<Output = services::Result<T>>) -> Vec<(String, Vec<String>)> {
    plans_by(app, "", table, call).await
}

/// What is small here is better scanned: PostgreSQL shows whether there is another way when that is made dear.
const DEAR: &str = "SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off";

/// The plans of what stays small in a test.
async fn plans_of_few<T>(app: &Arc<App>, table: &str, call: impl Future<Output = services::Result<T>>) -> Vec<(String, Vec<String>)> {
    plans_by(app, DEAR, table, call).await
}

async fn plans_by<T>(
    app: &Arc<App>,
    settings: &'static str,
    table: &str,
    call: impl Future<Output = services::Result<T>>,
) -> Vec<(String, Vec<String>)> {
    app.store.seen.record();
    call.await.unwrap();
    let of_table = format!("FROM \"{table}\"");
    let seen: Vec<_> = app.store.seen.taken().into_iter().filter(|s| s.sql.contains(&of_table)).collect();
    assert!(!seen.is_empty(), "nothing was asked of {table}");
    let shared = is_shared(app);
    let explained = |statement: Statement| async move {
        let (explain, column) = if shared { ("EXPLAIN", 0) } else { ("EXPLAIN QUERY PLAN", 3) };
        let explained = Statement { sql: format!("{explain} {}", statement.sql), ..statement.clone() };
        let cx = system(app);
        let plan = cx.write_plain(move |tx| {
            let explained = explained.clone();
            async move {
                if shared {
                    tx.conn().execute_unprepared(settings).await?;
                }
                let rows = tx.conn().query_all_raw(explained).await?;
                Ok(rows.iter().map(|r| r.try_get_by_index(column).unwrap()).collect::<Vec<String>>())
            }
        });
        (statement.sql, plan.await.unwrap())
    };
    futures_util::future::join_all(seen.into_iter().map(explained)).await
}

/// No full scan of the table, and no sort: neither may grow with the table.
#[track_caller]
fn check(plans: &[(String, Vec<String>)], table: &str) {
    for (sql, plan) in plans {
        // SQLite names no index when it walks the rows in the order of their key, as many as are asked for.
        let is_walk = sql.contains("WHERE TRUE ORDER BY \"event\".\"seq\" DESC LIMIT");
        for line in plan.iter().filter(|line| !(is_walk && *line == "SCAN event")) {
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
        listed(&app, &cx, Filter::live(), Sort::Newest).await;
        listed(&app, &cx, Filter::live(), Sort::Oldest).await;
        check(&plans(&app, "incident", incident::count_live(&cx)).await, "incident");
        let number = incident::list(&cx, &Filter::live(), Sort::Newest, &Paging::default()).await.unwrap().items[0].incident.label();
        check(&plans(&app, "incident", incident::detail(&cx, &number)).await, "incident");

        let newest = event::feed::newest(&app.store).await.unwrap();
        check(&plans(&app, "event", event::feed::after(&app.store, newest - 40, 500)).await, "event");
        let first = incident::list(&cx, &Filter::live(), Sort::Newest, &Paging::default()).await.unwrap().items[0].incident.id;
        check(&plans(&app, "event", incident::timeline(&cx, first, None)).await, "event");

        let all = Query { limit: 50, ..Query::default() };
        let asked = [
            all.clone(),
            Query { topic: Some("incidents".into()), ..all.clone() },
            Query { kind: Some("incident.opened".into()), ..all.clone() },
        ];
        for asked in &asked {
            check(&plans(&app, "event", event::read::list(&cx, asked)).await, "event");
            check(&plans_of_few(&app, "event", event::audit(&cx, asked)).await, "event");
        }
        check(&plans(&app, "event", incident::latest(&cx, 14)).await, "event");
        // A moment long past: its few events are sorted, the journal since then is not walked.
        let before = |ms: i64| Some(app.clock.now().plus(-ms));
        let moment = Query { from: before(2 * HOUR), to: before(HOUR), ..all };
        for (sql, plan) in plans(&app, "event", event::audit(&cx, &moment)).await {
            assert!(plan.iter().any(|line| line.contains("event_at")), "{sql}\n{}", plan.join("\n"));
        }

        let latest = alert::Filter { service_id: Some(services[3].id), ..alert::Filter::default() };
        let firing = alert::Filter { status: Some(AlertStatus::Firing), ..alert::Filter::default() };
        let of_incident = alert::Filter { incident_id: Some(first), ..alert::Filter::default() };
        for filter in [alert::Filter::default(), latest, firing, of_incident] {
            check(&plans_of_few(&app, "alert", alert::list(&cx, &filter, &Paging::default())).await, "alert");
        }
    })
    .await;
}

#[tokio::test]
async fn lists_by_name_walk_an_index_archived_or_not() {
    on_both(|app| async move {
        let cx = system(&app);
        for n in 0..200 {
            person(&app, &format!("Person {n}"), Role::Viewer).await;
            let new = TeamIn { name: format!("Team {n}"), description: String::new(), time_zone: "UTC".into(), locale: "en".into() };
            account::create_team(&cx, new).await.unwrap();
            new_service(&app, &format!("Service {n}"), |_| {}).await;
        }
        execute(&app, "ANALYZE").await;
        for archived in [false, true] {
            let (users, teams) = (UserFilter { archived, ..UserFilter::default() }, TeamFilter { archived, ..TeamFilter::default() });
            let services = service::Filter { archived, ..service::Filter::default() };
            let paging = Paging::default();
            in_order(&plans_of_few(&app, "account", account::list_users(&cx, &users, &paging)).await, "account_listed");
            in_order(&plans_of_few(&app, "team", account::list_teams(&cx, &teams, &paging)).await, "team_listed");
            let of_services = plans_of_few(&app, "service", service::list(&cx, &services, &paging)).await;
            in_order(&of_services, "service_listed");
            // What burns on each is looked up, not counted over all.
            check(&of_services, "incident");
        }
        in_order(&plans_of_few(&app, "service", incident::choices(&cx)).await, "service_listed");
    })
    .await;
}

/// The rows come in the order of this index. Their total is counted beside, of 10,001 at most.
#[track_caller]
fn in_order(plans: &[(String, Vec<String>)], index: &str) {
    for (sql, plan) in plans {
        let text = plan.join("\n");
        assert!(text.contains(index) && !text.contains("Sort") && !text.contains("TEMP B-TREE"), "{sql}\n{text}");
    }
}

#[tokio::test]
async fn the_total_of_all_alerts_is_kept_and_not_counted() {
    on_both(|app| async move {
        let (s, cx) = (new_service(&app, "api", |_| {}).await, system(&app));
        arrive(&app, &s, (0..30).map(|n| signal(&format!("k{n}"), Firing, Severity::Low)).collect()).await;
        // A repeat is no further alert, in the same delivery or in a later one.
        arrive(&app, &s, ["k1", "k1", "new", "new"].map(|key| signal(key, Firing, Severity::Low)).to_vec()).await;
        app.store.seen.record();
        let all = alert::list(&cx, &alert::Filter::default(), &Paging::default()).await.unwrap();
        assert_eq!((all.total, all.total_is_exact), (31, true));
        let asked: Vec<_> = app.store.seen.taken().into_iter().filter(|s| s.sql.contains("FROM \"alert\"")).collect();
        assert!(asked.len() == 1 && !asked[0].sql.contains("COUNT(*)"), "{asked:?}");
        let beyond = Paging { page: 3, ..Paging::default() };
        assert_eq!(alert::list(&cx, &alert::Filter::default(), &beyond).await.unwrap().total, 31, "beyond the end, too");
        assert_eq!(count(&app.store, "SELECT COUNT(*) FROM alert").await, 31);
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
        let s = new_service(&app, "api", |_| {}).await;
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
        let s = new_service(&app, "fleet", |n| n.alerts.grouping = Grouping::Labels { labels: vec!["host".into()] }).await;
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
