//! A search finds what a look at every incident would find, in the same order and with the same total, on both databases.

use std::sync::Arc;

use domain::{
    Id,
    account::{Role, TeamIn},
    alert::SignalStatus::{Firing, Resolved},
    incident::{Filter, Row, Severity, Sort, State},
    list::{EXACT_TOTAL, Paging},
    service::{Service, Visibility},
};
use sea_orm::{ConnectionTrait, Statement};
use services::{App, Cx, account, incident};

use crate::{
    place::{execute, is_shared},
    support::{arrive, on_both, person, service, signal, system},
};

const EACH: usize = 24;
/// So many copies have words that more have than are counted.
const MANY: usize = 313;
/// So many are a large installation.
const LARGE: usize = 700;

/// Two services of different teams, the second for its team only; incidents in every state and severity.
async fn seeded(app: &Arc<App>, taken_by: &Cx) -> [Service; 2] {
    let team = |name: &str| TeamIn { name: name.into(), description: String::new(), time_zone: "UTC".into(), locale: "en".into() };
    let open = account::create_team(&system(app), team("Checkout")).await.unwrap().id;
    let closed = account::create_team(&system(app), team("Vault")).await.unwrap().id;
    let services = [
        service(app, "checkout", |s| s.team_id = Some(open)).await,
        service(app, "vault", |s| (s.team_id, s.visibility) = (Some(closed), Visibility::Team)).await,
    ];
    for s in &services {
        let title = |n: usize| format!("{} {} on node{n}", s.name, ["disk is full", "full of disk", "certificate runs out"][n % 3]);
        let signals =
            |status, from: usize| (from..EACH).map(|n| (n, signal(&format!("k{n}"), status, Severity::ALL[n % 4]))).collect::<Vec<_>>();
        arrive(app, s, signals(Firing, 0).into_iter().map(|(n, signal)| domain::alert::Signal { title: title(n), ..signal }).collect())
            .await;
        arrive(app, s, signals(Resolved, EACH - 4).into_iter().map(|(_, signal)| signal).collect()).await;
    }
    let all = everything(&system(app)).await;
    for (n, row) in all.iter().filter(|row| row.incident.status == State::Open).enumerate() {
        let id = row.incident.id;
        match n % 5 {
            0 => drop(incident::acknowledge(taken_by, id).await.unwrap()),
            1 => drop(incident::set_status(taken_by, id, State::InProgress, String::new()).await.unwrap()),
            2 => drop(incident::set_status(taken_by, id, State::Closed, String::new()).await.unwrap()),
            _ => {}
        }
    }
    services
}

async fn everything(cx: &Cx) -> Vec<Row> {
    incident::list(cx, &Filter::default(), Sort::Newest, &Paging { page_size: 200, ..Paging::default() }).await.unwrap().items
}

/// The numbers that a look at every incident finds.
fn expected(all: &[Row], filter: &Filter, team_of: impl Fn(&Row) -> Option<Id<domain::account::Team>>, sort: Sort) -> Vec<i64> {
    let has = |row: &Row| {
        let title: Vec<&str> = row.incident.title.split(' ').collect();
        let words = filter.q.as_deref().unwrap_or_default();
        match words.strip_prefix('"') {
            Some(phrase) => row.incident.title.contains(phrase.trim_end_matches('"')),
            None => words.split(' ').all(|word| title.contains(&word)),
        }
    };
    let mut found: Vec<_> = all
        .iter()
        .filter(|row| has(row))
        .filter(|row| filter.status.is_empty() || filter.status.contains(&row.incident.status))
        .filter(|row| filter.severity.is_empty() || filter.severity.contains(&row.incident.severity))
        .filter(|row| filter.service_id.is_none_or(|id| id == row.incident.service_id))
        .filter(|row| filter.team_id.is_none_or(|id| team_of(row) == Some(id)))
        .filter(|row| filter.assigned_to_id.is_none_or(|id| row.incident.assigned_to_id == Some(id)))
        .filter(|row| filter.from.is_none_or(|from| row.incident.created_at >= from))
        .filter(|row| filter.to.is_none_or(|to| row.incident.created_at < to))
        .map(|row| (row.incident.severity.rank(), row.incident.number))
        .collect();
    match sort {
        Sort::Severity => found.sort_by_key(|(rank, number)| (*rank, -number)),
        Sort::Newest => found.sort_by_key(|(_, number)| -number),
        Sort::Oldest => found.sort_by_key(|(_, number)| *number),
    }
    found.into_iter().map(|(_, number)| number).collect()
}

/// All pages of a list, by page or by cursor, with the total that every page tells.
async fn walked(cx: &Cx, filter: &Filter, sort: Sort, by_cursor: bool) -> (Vec<i64>, u64) {
    let mut paging = Paging { page_size: 5, ..Paging::default() };
    let mut numbers = Vec::new();
    loop {
        let page = incident::list(cx, filter, sort, &paging).await.unwrap();
        numbers.extend(page.items.iter().map(|row| row.incident.number));
        match page.next {
            None => return (numbers, page.total),
            Some(next) if by_cursor => paging.after = Some(next),
            Some(_) => paging.page += 1,
        }
    }
}

#[tokio::test]
async fn words_with_every_filter_in_every_order_find_what_a_look_at_all_finds() {
    on_both(|app| async move {
        let mara = person(&app, "Mara", Role::Admin).await;
        let [checkout, vault] = seeded(&app, &mara).await;
        let all = everything(&mara).await;
        assert_eq!(all.len(), 2 * EACH);
        let middle = all[EACH].incident.created_at;
        let me = mara.actor.caller.user();
        let with = |q: &str, rest: Filter| Filter { q: Some(q.into()), ..rest };
        let none = Filter::default;
        let outsider = person(&app, "Otto", Role::Responder).await;
        for filter in [
            with("disk", none()),
            with("\"full of disk\"", none()),
            with("disk full", Filter::live()),
            with("node7", none()),
            with("certificate", Filter { severity: vec![Severity::Low, Severity::Critical], ..none() }),
            with("disk", Filter { status: vec![State::InProgress, State::Closed], ..none() }),
            with("certificate", Filter { service_id: Some(vault.id), ..Filter::live() }),
            with("disk", Filter { team_id: checkout.team_id, ..none() }),
            with("disk", Filter { assigned_to_id: me, ..none() }),
            with("disk", Filter { from: Some(middle), ..none() }),
            with("disk", Filter { to: Some(middle), severity: vec![Severity::High], ..none() }),
            with("nowhere", none()),
            // Facets are no words.
            with("live", none()),
            with("everyone", none()),
        ] {
            for sort in [Sort::Severity, Sort::Newest, Sort::Oldest] {
                for (cx, all) in [(&mara, &all), (&outsider, &everything(&outsider).await)] {
                    let team_of =
                        |row: &Row| [&checkout, &vault].into_iter().find(|s| s.id == row.incident.service_id).and_then(|s| s.team_id);
                    let numbers = expected(all, &filter, team_of, sort);
                    let total = numbers.len() as u64;
                    for by_cursor in [true, false] {
                        assert_eq!(walked(cx, &filter, sort, by_cursor).await, (numbers.clone(), total), "{filter:?} {sort:?}");
                    }
                }
            }
        }
        assert_eq!(everything(&outsider).await.len(), EACH, "who is in no team does not know of the second service's");
    })
    .await;
}

#[tokio::test]
async fn what_an_edit_takes_away_is_not_found_and_what_it_adds_is() {
    on_both(|app| async move {
        let mara = person(&app, "Mara", Role::Admin).await;
        let new = domain::incident::IncidentIn { title: "disk".into(), severity: Severity::Low, ..Default::default() };
        let declared = incident::declare(&mara, new).await.unwrap();
        let total = async |q: &str, severity| {
            let filter = Filter { q: Some(q.into()), severity: vec![severity], ..Filter::default() };
            incident::list(&mara, &filter, Sort::Severity, &Paging::default()).await.unwrap().total
        };
        assert_eq!((total("disk", Severity::Low).await, total("disk", Severity::High).await), (1, 0));
        let edit = domain::incident::IncidentPatch { title: Some("queue".into()), severity: Some(Severity::High), ..Default::default() };
        incident::edit(&mara, declared.id, edit, declared.version).await.unwrap();
        assert_eq!((total("disk", Severity::Low).await, total("disk", Severity::High).await), (0, 0));
        assert_eq!((total("queue", Severity::Low).await, total("queue", Severity::High).await), (0, 1));
    })
    .await;
}

/// Copies of all incidents, so many in all.
async fn multiplied(app: &Arc<App>, times: usize) {
    let columns = match is_shared(app) {
        true => {
            "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = 'incident' AND is_generated = 'NEVER'"
        }
        false => "SELECT name FROM pragma_table_info('incident')",
    };
    let reader = &app.store.reader;
    let names: Vec<String> = reader
        .query_all_raw(Statement::from_string(app.store.backend(), columns))
        .await
        .unwrap()
        .iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect();
    let id = if is_shared(app) { "gen_random_uuid()" } else { "randomblob(16)" };
    let values = names.iter().map(|name| match name.as_str() {
        "id" => id.to_owned(),
        "number" => format!("number + {} * n", 2 * EACH),
        name => format!("incident.{name}"),
    });
    let (values, names) = (values.collect::<Vec<_>>().join(", "), names.join(", "));
    let copies = format!("WITH RECURSIVE copy (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copy WHERE n < {})", times - 1);
    execute(app, &format!("INSERT INTO incident ({names}) {copies} SELECT {values} FROM incident CROSS JOIN copy")).await;
    execute(app, "ANALYZE").await;
}

/// Every incident of an installation that has more than one page of them.
async fn all_of_many(cx: &Cx) -> Vec<Row> {
    let mut all = Vec::new();
    let mut paging = Paging { page_size: 200, ..Paging::default() };
    loop {
        let page = incident::list(cx, &Filter::default(), Sort::Newest, &paging).await.unwrap();
        all.extend(page.items);
        match page.next {
            Some(next) => paging.after = Some(next),
            None => return all,
        }
    }
}

#[tokio::test]
async fn what_many_have_is_paged_in_order_too_and_counted_as_far_as_is_told() {
    on_both(|app| async move {
        many(&app, MANY, |found, _, total| total == (found.min(EXACT_TOTAL), found <= EXACT_TOTAL)).await;
    })
    .await;
}

#[tokio::test]
async fn in_a_large_installation_what_many_have_is_counted_as_far_as_a_page_comes() {
    on_both(|app| async move {
        let all_or_one_more = |found, seen, total| total == (found, true) || (found > seen && total == (seen + 1, false));
        many(&app, LARGE, all_or_one_more).await;
    })
    .await;
}

/// Walks searches by page and by cursor, beside the same by a look at all. `is_told`: of so many, of which the pages until now have
/// shown so many, this total may be told, and whether it is exact.
async fn many(app: &Arc<App>, times: usize, is_told: impl Fn(u64, u64, (u64, bool)) -> bool) {
    let mara = person(app, "Mara", Role::Admin).await;
    let [checkout, vault] = seeded(app, &mara).await;
    multiplied(app, times).await;
    let all = all_of_many(&mara).await;
    let with = |rest: Filter| Filter { q: Some("disk".into()), ..rest };
    for filter in [
        with(Filter::default()),
        with(Filter::live()),
        with(Filter { severity: vec![Severity::Low, Severity::High], ..Filter::live() }),
        with(Filter { status: vec![State::Closed], service_id: Some(vault.id), ..Filter::default() }),
        with(Filter { team_id: checkout.team_id, from: Some(all[0].incident.created_at), ..Filter::default() }),
        Filter { q: Some("node7 full".into()), ..Filter::default() },
    ] {
        for sort in [Sort::Severity, Sort::Newest, Sort::Oldest] {
            let team_of = |row: &Row| [&checkout, &vault].into_iter().find(|s| s.id == row.incident.service_id).and_then(|s| s.team_id);
            let numbers = expected(&all, &filter, team_of, sort);
            let mut cursor = Paging { page_size: 200, ..Paging::default() };
            for (page, shown) in (1..).zip(numbers.chunks(200)).take(4) {
                let by_page = Paging { page, page_size: 200, after: None };
                let mut found = Vec::new();
                for paging in [&by_page, &cursor] {
                    found.push(incident::list(&mara, &filter, sort, paging).await.unwrap());
                }
                cursor.after = found[1].next.clone();
                for (found, seen) in found.into_iter().zip([200 * u64::from(page), 200]) {
                    let numbers_found: Vec<_> = found.items.iter().map(|row| row.incident.number).collect();
                    assert_eq!(numbers_found, shown, "{filter:?} {sort:?}, page {page}");
                    let total = (found.total, found.total_is_exact);
                    assert!(is_told(numbers.len() as u64, seen, total), "{total:?} of {}: {filter:?} {sort:?}, page {page}", numbers.len());
                }
            }
        }
    }
}
