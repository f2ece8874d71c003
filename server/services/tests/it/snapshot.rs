//! Several queries of one answer see one state, whoever commits between them.

use std::sync::Arc;

use domain::{
    Id,
    account::Role,
    incident::{Filter, Incident, IncidentIn, Sort},
    list::Paging,
};
use services::{App, Cx, Error, incident};

use crate::{
    place::{dropped_after, soon},
    support::{on_both, person},
};

async fn declare(cx: &Cx, title: &str) -> Id<Incident> {
    incident::declare(cx, IncidentIn { title: title.into(), ..IncidentIn::default() }).await.unwrap().id
}

async fn total(cx: &Cx) -> services::Result<u64> {
    Ok(incident::list(cx, &Filter::default(), Sort::Newest, &Paging::default()).await?.total)
}

#[tokio::test]
async fn what_is_declared_during_an_answer_is_in_the_next_answer_and_not_in_half_of_this_one() {
    on_both(|app| async move {
        let mara = person(&app, "Mara", Role::Responder).await;
        let first = declare(&mara, "first").await;
        let writer = mara.clone();
        let (before, timeline, after) = mara
            .read(move |cx| async move {
                let before = total(&cx).await?;
                declare(&writer, "second").await;
                incident::add_note(&writer, first, "meanwhile".into()).await?;
                Ok((before, incident::timeline(&cx, first, None).await?, total(&cx).await?))
            })
            .await
            .unwrap();
        assert_eq!((before, after), (1, 1));
        assert!(timeline.iter().all(|item| item.note.is_none()), "the note came later");
        assert_eq!(total(&mara).await.unwrap(), 2);
        assert!(incident::timeline(&mara, first, None).await.unwrap().iter().any(|item| item.note.is_some()));
    })
    .await;
}

async fn pool_is_sound(app: &Arc<App>, cx: &Cx) {
    let answers = futures_util::future::join_all((0..60).map(|_| total(cx)));
    soon("every reader works", answers).await.into_iter().for_each(|answer| assert_eq!(answer.unwrap(), 1));
    soon("so does the node", app.ready()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_who_go_away_at_any_moment_leave_a_sound_pool() {
    on_both(|app| async move {
        let mara = person(&app, "Mara", Role::Responder).await;
        let id = declare(&mara, "first").await;
        for polls in 0..120 {
            drop(dropped_after(polls % 12, incident::detail(&mara, &id.to_string())).await);
        }
        pool_is_sound(&app, &mara).await;
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_panics_or_is_refused_gives_its_reader_back() {
    on_both(|app| async move {
        let mara = person(&app, "Mara", Role::Responder).await;
        declare(&mara, "first").await;
        for n in 0..30 {
            let ended = mara.read(move |cx| async move {
                assert!(total(&cx).await? != 1, "panic {n}");
                Ok(())
            });
            assert!(matches!(ended.await, Err(Error::Panicked(words)) if words.contains(&format!("panic {n}"))));
            let refused = mara.read(|cx| async move { incident::by_reference(&cx, "INC-999").await });
            assert_eq!(refused.await.unwrap_err().problem().code, domain::Code::NotFound);
        }
        pool_is_sound(&app, &mara).await;
    })
    .await;
}
