//! PostgreSQL goes away and comes back, SQLite's disk is full: what is written meanwhile is refused as unavailable, and nobody has
//! to do anything.

use std::{
    future::pending,
    sync::{Arc, Mutex},
    time::Duration,
};

use domain::{
    Code, Problem,
    account::Role,
    incident::{Filter, Incident, IncidentIn, Sort},
    list::Paging,
};
use sea_orm::ConnectionTrait;
use services::{App, Cx, Error, IdempotencyKey, Options, incident};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};

use crate::{
    place::{Place, WAITING, count, execute, hold, soon, until},
    support::{options, person, system},
};

/// A wire to the database that can be cut, or swallow what it carries.
struct Wire {
    to: String,
    port: u16,
    /// How often it fell silent: what is open then carries nothing for ever.
    silences: watch::Sender<usize>,
    /// Nothing gets through what is opened from now on.
    dead: watch::Sender<bool>,
    carrying: Mutex<Option<JoinSet<()>>>,
}

impl Wire {
    async fn laid(to: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let wire = Self {
            to,
            port: listener.local_addr().unwrap().port(),
            silences: watch::Sender::new(0),
            dead: watch::Sender::new(false),
            carrying: Mutex::default(),
        };
        wire.carry(listener);
        wire
    }

    fn carry(&self, listener: TcpListener) {
        let (to, silences, dead) = (self.to.clone(), self.silences.clone(), self.dead.clone());
        let mut carrying = JoinSet::new();
        carrying.spawn(async move {
            let mut open = JoinSet::new();
            while let Ok((mut near, _)) = listener.accept().await {
                let (to, mut silences, dead) = (to.clone(), silences.subscribe(), *dead.borrow());
                open.spawn(async move {
                    let Ok(mut far) = TcpStream::connect(to).await else { return };
                    if !dead {
                        tokio::select! {
                            _ = copy_bidirectional(&mut near, &mut far) => return,
                            _ = silences.changed() => {}
                        }
                    }
                    // Neither side hears anything, not even that the other has gone.
                    pending().await
                });
            }
        });
        *self.carrying.lock().unwrap() = Some(carrying);
    }

    /// Every connection breaks, and new ones are refused.
    async fn cut(&self) {
        let carrying = self.carrying.lock().unwrap().take();
        if let Some(mut carrying) = carrying {
            carrying.shutdown().await;
        }
    }

    /// Nothing arrives any more, on old connections and new ones, and nobody is told.
    fn fall_silent(&self) {
        self.dead.send_replace(true);
        self.silences.send_modify(|n| *n += 1);
    }

    /// New connections work; those that were open carry nothing, as behind a router that has forgotten them.
    fn speak(&self) {
        self.dead.send_replace(false);
    }

    async fn mend(&self) {
        self.carry(TcpListener::bind(("127.0.0.1", self.port)).await.unwrap());
    }
}

async fn behind_a_wire(place: &Place) -> (Arc<App>, Wire) {
    let (credentials, rest) = place.url.strip_prefix("postgres://").unwrap().split_once('@').unwrap();
    let (host, name) = rest.split_once('/').unwrap();
    let wire = Wire::laid(host.to_owned()).await;
    let url = format!("postgres://{credentials}@127.0.0.1:{}/{name}", wire.port);
    (App::start(Options { database_url: url, ..place.options() }).await.unwrap(), wire)
}

async fn declare(cx: &Cx, title: &str) -> services::Result<Incident> {
    incident::declare(cx, IncidentIn { title: title.into(), ..IncidentIn::default() }).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn while_the_database_is_away_writes_are_unavailable_and_when_it_is_back_they_work() {
    let place = Place::postgres().await;
    let (app, wire) = behind_a_wire(&place).await;
    let mara = person(&app, "Mara", Role::Responder).await;
    declare(&mara, "before").await.unwrap();
    let mut live = app.feed.listen();

    wire.cut().await;
    let away = futures_util::future::join_all((0..20).map(|n| declare(&mara, if n % 2 == 0 { "a" } else { "b" }))).await;
    for outcome in away {
        let e = outcome.unwrap_err();
        assert!(e.is_unavailable(), "{e:?}");
        assert_eq!(e.problem().code, Code::Unavailable);
    }
    assert!(app.ready().await.is_err());

    wire.mend().await;
    until("a write works again", || async { declare(&mara, "after").await.is_ok() }).await;
    futures_util::future::join_all((0..40).map(|_| declare(&mara, "after"))).await.into_iter().for_each(|o| drop(o.unwrap()));
    until("the node is ready again", || async { app.ready().await.is_ok() }).await;
    let arrives = async { while !live.recv().await.unwrap().frame.contains("after") {} };
    soon("the live feed goes on by itself", arrives).await;
    assert_eq!(count(&app.store, "SELECT COUNT(*) FROM incident WHERE title IN ('a', 'b')").await, 0, "what was refused was not stored");
    app.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_restart_of_the_database_between_two_writes_is_not_noticed() {
    let place = Place::postgres().await;
    let app = place.start().await;
    let other = place.open().await;
    let mara = person(&app, "Mara", Role::Responder).await;
    // A full pool, all of it idle.
    futures_util::future::join_all((0..40).map(|_| declare(&mara, "before"))).await.into_iter().for_each(|o| drop(o.unwrap()));
    let ends_others =
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    for _ in 0..3 {
        execute(&other, ends_others).await;
        for _ in 0..5 {
            declare(&mara, "after").await.unwrap();
        }
    }
    assert_eq!(count(&app.store, "SELECT COUNT(*) FROM incident WHERE title = 'after'").await, 15);
    app.stop().await.unwrap();
    other.stop().await.unwrap();
}

/// The commit of a new incident waits for a lock.
async fn slow_commits(beside: &Arc<App>) {
    execute(
        beside,
        "CREATE FUNCTION slow_commit() RETURNS trigger LANGUAGE plpgsql AS $$ \
         BEGIN IF NEW.kind = 'incident.opened' THEN PERFORM pg_advisory_xact_lock(77); END IF; RETURN NULL; END $$; \
         CREATE CONSTRAINT TRIGGER slow_commit AFTER INSERT ON event DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow_commit()",
    )
    .await;
}

/// Declares an incident whose connection is cut while it commits, which it does all the same.
async fn cut_at_commit(key: Option<&str>) -> services::Result<Incident> {
    let place = Place::postgres().await;
    let beside = place.open().await;
    slow_commits(&beside).await;
    let (app, wire) = behind_a_wire(&place).await;
    let key = key.map(|k| IdempotencyKey::of(k, "POST", "/incidents", "", b"{}").unwrap());
    let mara = person(&app, "Mara", Role::Responder).await.with_idempotency(key);
    let (release, held) = hold(&beside, 77).await;
    let declaring = tokio::spawn(async move { declare(&mara, "at the last moment").await });
    until("it commits", || async { count(&beside.store, WAITING).await == 1 }).await;
    wire.cut().await;
    release.send(()).unwrap();
    held.await.unwrap();
    until("it is stored", || async { count(&beside.store, "SELECT COUNT(*) FROM incident").await == 1 }).await;
    wire.mend().await;
    let outcome = soon("the answer", declaring).await.unwrap();
    assert_eq!(count(&beside.store, "SELECT COUNT(*) FROM incident").await, 1, "once");
    app.stop().await.unwrap();
    beside.stop().await.unwrap();
    outcome
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_connection_that_breaks_during_the_commit_is_never_told_as_nothing_stored() {
    let e = cut_at_commit(None).await.unwrap_err();
    assert!(matches!(e, Error::Unconfirmed(_)) && e.is_unavailable(), "{e:?}");
    assert!(e.problem().detail.contains("may or may not"), "{}", e.problem().detail);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn under_a_key_a_write_whose_commit_was_in_doubt_is_answered_as_if_nothing_had_happened() {
    assert_eq!(cut_at_commit(Some("k1")).await.unwrap().title, "at the last moment");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_database_that_falls_silent_is_told_as_unavailable_and_what_carried_its_silence_is_not_used_again() {
    let place = Place::postgres().await;
    let (app, wire) = behind_a_wire(&place).await;
    let mara = person(&app, "Mara", Role::Responder).await;
    futures_util::future::join_all((0..40).map(|_| declare(&mara, "before"))).await.into_iter().for_each(|o| drop(o.unwrap()));
    let patience = &app.store.patience;

    wire.fall_silent();
    patience.set_limit(Duration::from_millis(300));
    let (live, first) = (Filter::live(), Paging::default());
    for n in 0..8 {
        let (written, listed) = tokio::join!(declare(&mara, "a"), incident::list(&mara, &live, Sort::Severity, &first));
        for e in [written.unwrap_err(), listed.unwrap_err()] {
            assert!(e.is_unavailable() && e.problem().code == Code::Unavailable, "{n}: {e:?}");
        }
    }
    assert!(app.ready().await.is_err());

    wire.speak();
    patience.set_limit(Duration::from_secs(2));
    until("a write works again", || async { declare(&mara, "after").await.is_ok() }).await;
    let all_at_once = futures_util::future::join_all((0..60).map(|_| declare(&mara, "after")));
    let stored = soon("the whole pool works", all_at_once).await.into_iter().filter(Result::is_ok).count();
    assert_eq!(stored, 60, "no place of the pool is taken by a connection that says nothing");
    assert_eq!(count(&app.store, "SELECT COUNT(*) FROM incident WHERE title = 'a'").await, 0, "what was refused was not stored");
    app.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn silence_during_the_commit_is_never_told_as_nothing_stored() {
    let place = Place::postgres().await;
    let beside = place.open().await;
    slow_commits(&beside).await;
    let (app, wire) = behind_a_wire(&place).await;
    let mara = person(&app, "Mara", Role::Responder).await;
    let (release, held) = hold(&beside, 77).await;
    let call = mara.clone();
    app.store.patience.set_limit(Duration::from_secs(2));
    let declaring = tokio::spawn(async move { declare(&call, "at the last moment").await });
    until("it commits", || async { count(&beside.store, WAITING).await == 1 }).await;
    wire.fall_silent();
    let e = soon("the answer", declaring).await.unwrap().unwrap_err();
    assert!(matches!(e, Error::Unconfirmed(_)) && e.is_unavailable(), "{e:?}");
    release.send(()).unwrap();
    held.await.unwrap();
    until("it is stored all the same", || async { count(&beside.store, "SELECT COUNT(*) FROM incident").await == 1 }).await;
    wire.speak();
    app.stop().await.unwrap();
    beside.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_node_that_fell_deaf_notices_it_makes_up_for_what_it_missed_and_hears_the_others_again() {
    let place = Place::postgres().await;
    let (app, wire) = behind_a_wire(&place).await;
    let other = place.start().await;
    let mara = person(&other, "Mara", Role::Responder).await;
    let mut presence = app.feed.presence.subscribe();
    let (connection, looks_at) = (uuid::Uuid::from_u128(7), |n: usize| format!("incident:{n}"));
    let look = |n: usize| {
        let (mara, entity) = (mara.clone(), looks_at(n));
        async move { services::live::viewing(&mara, connection, Some(&entity), false).await.unwrap() }
    };
    // Whoever is told is told of the place that was left, too.
    let heard = async |presence: &mut tokio::sync::broadcast::Receiver<Arc<str>>, what: String| {
        soon(&what, async { while *presence.recv().await.unwrap() != *what {} }).await;
    };
    let listening = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'";
    until("both listen", || async { count(&other.store, listening).await == 2 }).await;
    app.store.patience.set_limit(Duration::from_secs(1));
    look(1).await;
    heard(&mut presence, "!incident:1".into()).await;

    wire.fall_silent();
    look(2).await;
    until("it is noticed", || async { app.ready().await.is_err() }).await;
    wire.speak();
    heard(&mut presence, "!*".into()).await;
    look(3).await;
    heard(&mut presence, "!incident:3".into()).await;
    let mut live = app.feed.listen();
    declare(&mara, "after").await.unwrap();
    soon("an event arrives", async { while !live.recv().await.unwrap().frame.contains("after") {} }).await;
    app.stop().await.unwrap();
    other.stop().await.unwrap();
}

#[tokio::test]
async fn what_is_accepted_after_sqlite_ended_a_transaction_by_itself_is_stored() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("opsguard.db").display());
    let app = App::start(options(url, folder.path().to_owned())).await.unwrap();
    let cx = system(&app);
    // As SQLite does when the disk is full.
    let ended = cx.write_plain(|tx| async move {
        tx.conn().execute_unprepared("ROLLBACK").await?;
        Err::<(), _>(Problem::unavailable("the disk is full").into())
    });
    ended.await.unwrap_err();
    let refused = cx.write_plain(|_| async { Err::<(), _>(Problem::unavailable("still").into()) });
    refused.await.unwrap_err();
    let new = IncidentIn { title: "Disk of db-1 is full".into(), ..IncidentIn::default() };
    let id = incident::declare(&cx, new).await.unwrap().id;
    assert_eq!(incident::get(&cx, id).await.unwrap().incident.id, id, "what was answered is there for everybody");
    app.stop().await.unwrap();
}
