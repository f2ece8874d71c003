//! Incidents by hand: declare, verbs, edits, notes, lists, idempotency, the journal.

use domain::{
    Code,
    account::Role,
    incident::{Filter, IncidentIn, IncidentPatch, Severity, Sort, State},
    list::Paging,
    time::DAY,
};
use services::{Cx, Error, IdempotencyKey, due, event, incident};

use crate::support::{on_both, person, system};

fn new(title: &str, severity: Severity) -> IncidentIn {
    IncidentIn { title: title.into(), severity, ..IncidentIn::default() }
}

fn code(e: Error) -> Code {
    e.problem().code
}

fn keyed(cx: &Cx, key: &str, body: &str) -> Cx {
    cx.clone().with_idempotency(Some(IdempotencyKey::of(key, "POST", "/x", "", body.as_bytes()).unwrap()))
}

#[tokio::test]
async fn a_person_declares_acknowledges_works_resolves_and_it_closes_by_itself() {
    on_both(|app| async move {
        let mara = person(&app, "Mara", Role::Responder).await;
        let i = incident::declare(&mara, new("Checkout fails", Severity::Critical)).await.unwrap();
        assert_eq!((i.number, i.reported_by_id), (1, mara.actor.caller.user()));
        incident::acknowledge(&mara, i.id).await.unwrap();
        incident::start(&mara, i.id).await.unwrap();
        let i = incident::resolve(&mara, i.id, "rolled back".into()).await.unwrap();
        assert_eq!((i.status, i.resolution_notes.as_str()), (State::Resolved, "rolled back"));
        app.clock.advance(7 * DAY);
        while due::reconcile(&system(&app)).await.unwrap() > 0 {}
        assert_eq!(incident::get(&mara, i.id).await.unwrap().incident.status, State::Closed);
        let again = incident::reopen(&mara, i.id).await.unwrap();
        assert_eq!((again.number, again.continues_id, again.status), (2, Some(i.id), State::Open));
    })
    .await;
}

#[tokio::test]
async fn an_acknowledgement_can_be_undone_for_ten_seconds() {
    on_both(|app| async move {
        let mara = person(&app, "Mara", Role::Responder).await;
        let i = incident::declare(&mara, new("x", Severity::Low)).await.unwrap();
        incident::acknowledge(&mara, i.id).await.unwrap();
        let undone = incident::undo_acknowledge(&mara, i.id).await.unwrap();
        assert_eq!((undone.status, undone.acknowledged_at, undone.assigned_to_id), (State::Open, None, None));
        incident::acknowledge(&mara, i.id).await.unwrap();
        app.clock.advance(10_001);
        assert_eq!(code(incident::undo_acknowledge(&mara, i.id).await.unwrap_err()), Code::Conflict);
    })
    .await;
}

#[tokio::test]
async fn a_viewer_reads_and_changes_nothing_a_stranger_does_neither() {
    on_both(|app| async move {
        let mara = person(&app, "Mara", Role::Responder).await;
        let eve = person(&app, "Eve", Role::Viewer).await;
        let i = incident::declare(&mara, new("x", Severity::Low)).await.unwrap();
        assert!(incident::get(&eve, i.id).await.is_ok());
        assert_eq!(code(incident::acknowledge(&eve, i.id).await.unwrap_err()), Code::Forbidden);
        let nobody = Cx::new(app.clone(), services::Actor::anonymous(), services::Request::inside("web"));
        assert_eq!(code(incident::get(&nobody, i.id).await.unwrap_err()), Code::Unauthenticated);
        assert_eq!(incident::get(&mara, i.id).await.unwrap().incident.status, State::Open);
    })
    .await;
}

#[tokio::test]
async fn the_same_key_acts_once_and_answers_the_same() {
    on_both(|app| async move {
        let mara = person(&app, "Mara", Role::Responder).await;
        let cx = keyed(&mara, "k1", "{}");
        let first = incident::declare(&cx, new("x", Severity::Low)).await.unwrap();
        let second = incident::declare(&cx, new("x", Severity::Low)).await.unwrap();
        assert_eq!(first, second);
        assert!(cx.replayed.load(std::sync::atomic::Ordering::Relaxed));
        assert_eq!(code(incident::declare(&keyed(&mara, "k1", "{other}"), new("y", Severity::Low)).await.unwrap_err()), Code::KeyReused);
        let ben = person(&app, "Ben", Role::Responder).await;
        assert_ne!(incident::declare(&keyed(&ben, "k1", "{}"), new("x", Severity::Low)).await.unwrap().id, first.id);
        assert_eq!(event::feed::newest(&app.store).await.unwrap(), 3, "two incidents and the first service, each once");
    })
    .await;
}

#[tokio::test]
async fn the_same_key_from_many_at_once_acts_once() {
    on_both(|app| async move {
        let mara = person(&app, "Mara", Role::Responder).await;
        let calls: Vec<_> = (0..20)
            .map(|_| {
                let cx = keyed(&mara, "k", "{}");
                tokio::spawn(async move { incident::declare(&cx, new("x", Severity::Low)).await.unwrap().id })
            })
            .collect();
        let mut ids = std::collections::HashSet::new();
        for call in calls {
            ids.insert(call.await.unwrap());
        }
        assert_eq!(ids.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_refusal_is_not_kept() {
    on_both(|app| async move {
        let mara = person(&app, "Mara", Role::Responder).await;
        let i = incident::declare(&mara, new("x", Severity::Low)).await.unwrap();
        incident::resolve(&mara, i.id, String::new()).await.unwrap();
        let cx = keyed(&mara, "k", "{}");
        assert_eq!(code(incident::acknowledge(&cx, i.id).await.unwrap_err()), Code::Conflict);
        incident::reopen(&mara, i.id).await.unwrap();
        assert_eq!(incident::acknowledge(&cx, i.id).await.unwrap().status, State::Acknowledged);
    })
    .await;
}

#[tokio::test]
async fn an_edit_on_an_old_version_is_refused_with_what_changed() {
    on_both(|app| async move {
        let mara = person(&app, "Mara", Role::Responder).await;
        let i = incident::declare(&mara, new("x", Severity::Low)).await.unwrap();
        let title = |t: &str| IncidentPatch { title: Some(t.into()), ..IncidentPatch::default() };
        let edited = incident::edit(&mara, i.id, title("y"), i.version).await.unwrap();
        assert_eq!((edited.title.as_str(), edited.version), ("y", 2));
        let problem = incident::edit(&mara, i.id, title("z"), i.version).await.unwrap_err().problem();
        assert_eq!((problem.code, problem.changed.clone()), (Code::Stale, vec!["title".to_owned()]));
        assert_eq!(problem.current.unwrap()["title"], "y");
        incident::acknowledge(&mara, i.id).await.unwrap();
        assert!(incident::edit(&mara, i.id, title("z"), 2).await.is_ok(), "an acknowledgement is no edit");
    })
    .await;
}

#[tokio::test]
async fn every_bad_field_is_named_at_once() {
    on_both(|app| async move {
        let mara = person(&app, "Mara", Role::Responder).await;
        let bad = IncidentIn { title: " ".into(), description: "x".repeat(20_001), ..IncidentIn::default() };
        let problem = incident::declare(&mara, bad).await.unwrap_err().problem();
        assert_eq!(problem.fields.iter().map(|f| f.field.as_str()).collect::<Vec<_>>(), ["title", "description"]);
    })
    .await;
}

#[tokio::test]
async fn the_list_is_worst_first_filtered_found_by_words_and_walked_by_cursor() {
    on_both(|app| async move {
        let mara = person(&app, "Mara", Role::Responder).await;
        for (title, severity) in [
            ("Disk full on db-1", Severity::Low),
            ("Checkout down", Severity::Critical),
            ("Disk slow", Severity::High),
            ("Mail late", Severity::High),
        ] {
            incident::declare(&mara, new(title, severity)).await.unwrap();
        }
        let titles = |filter: Filter, sort: Sort, paging: Paging| {
            let mara = mara.clone();
            async move { incident::list(&mara, &filter, sort, &paging).await.unwrap() }
        };
        let all = titles(Filter::live(), Sort::Severity, Paging::default()).await;
        let shown: Vec<_> = all.items.iter().map(|r| r.incident.title.as_str()).collect();
        assert_eq!(shown, ["Checkout down", "Mail late", "Disk slow", "Disk full on db-1"]);
        assert_eq!((all.total, all.total_is_exact, all.pages), (4, true, 1));

        let words = |q: &str| Filter { q: Some(q.into()), ..Filter::default() };
        assert_eq!(titles(words("disk"), Sort::Newest, Paging::default()).await.total, 2);
        assert_eq!(titles(words("DISK full"), Sort::Newest, Paging::default()).await.total, 1);
        assert_eq!(titles(words("\"disk full\""), Sort::Newest, Paging::default()).await.total, 1);
        assert_eq!(titles(words("nothing) OR *"), Sort::Newest, Paging::default()).await.total, 0);

        for sort in [Sort::Severity, Sort::Newest, Sort::Oldest] {
            let mut walked = Vec::new();
            let mut paging = Paging { page_size: 1, ..Paging::default() };
            loop {
                let page = titles(Filter::default(), sort, paging.clone()).await;
                walked.extend(page.items.into_iter().map(|r| r.incident.number));
                match page.next {
                    Some(next) => paging.after = Some(next),
                    None => break,
                }
            }
            assert_eq!(walked.len(), 4, "{sort:?}");
            assert_eq!(walked.iter().collect::<std::collections::HashSet<_>>().len(), 4, "{sort:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_journal_cannot_be_changed() {
    use sea_orm::ConnectionTrait;
    on_both(|app| async move {
        for sql in ["UPDATE event SET kind = 'x'", "DELETE FROM event", "UPDATE event SET payload = NULL"] {
            let refused =
                system(&app).write_plain(move |tx| async move { Ok(tx.conn().execute_unprepared(sql).await?.rows_affected()) }).await;
            assert!(refused.unwrap_err().to_string().contains("append-only"), "{sql}");
        }
        let erased = "UPDATE event SET payload = NULL, erased_at = 1";
        system(&app).write_plain(move |tx| async move { Ok(tx.conn().execute_unprepared(erased).await?.rows_affected()) }).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn notes_are_rendered_and_editable_by_their_author_for_fifteen_minutes() {
    on_both(|app| async move {
        let mara = person(&app, "Mara", Role::Responder).await;
        let ben = person(&app, "Ben", Role::Admin).await;
        let i = incident::declare(&mara, new("x", Severity::Low)).await.unwrap();
        let note = incident::add_note(&mara, i.id, "**found** it".into()).await.unwrap();
        assert!(note.html.contains("<strong>found</strong>"));
        assert_eq!(code(incident::edit_note(&ben, i.id, note.id, "no".into()).await.unwrap_err()), Code::Forbidden);
        incident::edit_note(&mara, i.id, note.id, "found it".into()).await.unwrap();
        let shown = incident::timeline(&ben, i.id, None).await.unwrap();
        assert_eq!(shown[0].note.as_ref().unwrap().body, "found it");
        assert_eq!(shown[0].event.actor.name, "Mara");
        app.clock.advance(15 * 60_000 + 1);
        assert_eq!(code(incident::edit_note(&mara, i.id, note.id, "late".into()).await.unwrap_err()), Code::Conflict);
    })
    .await;
}
