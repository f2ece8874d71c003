//! Starts that must not happen, and the sentence that says why.

use std::{os::unix::fs::symlink, sync::Arc};

use services::{App, Options};

use crate::place::{Place, execute};

async fn refusal(options: Options) -> String {
    match App::open(options).await {
        Ok(_) => panic!("it started"),
        Err(e) => e.to_string(),
    }
}

#[tokio::test]
async fn a_second_server_on_one_sqlite_file_is_refused_by_naming_the_first() {
    let place = Place::sqlite();
    let first = place.open().await;
    let sentence = refusal(place.options()).await;
    assert!(sentence.contains(&format!("another OpsGuard (process {}) already serves", std::process::id())), "{sentence}");
    assert!(sentence.contains("use PostgreSQL for several nodes"), "{sentence}");

    first.stop().await.unwrap();
    drop(first);
    place.open().await.stop().await.unwrap();
}

#[tokio::test]
async fn another_name_of_the_same_file_is_the_same_file() {
    let place = Place::sqlite();
    let first = place.open().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let link = elsewhere.path().join("link.db");
    symlink(place.folder.path().join("opsguard.db"), &link).unwrap();
    let sentence = refusal(Options { database_url: format!("sqlite:{}", link.display()), ..place.options() }).await;
    assert!(sentence.contains("already serves"), "{sentence}");
    first.stop().await.unwrap();
}

#[tokio::test]
async fn several_nodes_share_one_postgresql() {
    let place = Place::postgres().await;
    let nodes: Vec<Arc<App>> = futures_util::future::join_all((0..3).map(|_| place.open())).await;
    assert!(nodes.windows(2).all(|n| n[0].epoch == n[1].epoch && n[0].node != n[1].node));
    for node in nodes {
        node.stop().await.unwrap();
    }
}

#[tokio::test]
async fn a_wrong_key_stops_the_start_and_the_right_one_behind_a_new_one_does_not() {
    for place in Place::both().await {
        place.open().await.stop().await.unwrap();
        let wrong = "test:another-key-of-the-same-name-0123456789";
        let sentence = refusal(Options { secret_key: Some(wrong.into()), ..place.options() }).await;
        assert!(sentence.contains("the key \"test\" of OPSGUARD_SECRET_KEY is not the one"), "{sentence}");

        let lacking = "new:another-key-of-a-newer-name-0123456789";
        let sentence = refusal(Options { secret_key: Some(lacking.into()), ..place.options() }).await;
        assert!(sentence.contains("lacks the key \"test\""), "{sentence}");

        let both = format!("{lacking},{}", place.options().secret_key.unwrap());
        App::open(Options { secret_key: Some(both), ..place.options() }).await.unwrap().stop().await.unwrap();
    }
}

#[tokio::test]
async fn postgresql_without_a_key_is_refused_with_a_right_example_sqlite_makes_one() {
    let place = Place::postgres().await;
    let sentence = refusal(Options { secret_key: None, ..place.options() }).await;
    assert!(sentence.contains("OPSGUARD_SECRET_KEY is missing") && sentence.contains("right: OPSGUARD_SECRET_KEY=k1:"), "{sentence}");

    let place = Place::sqlite();
    for _ in 0..2 {
        App::open(Options { secret_key: None, ..place.options() }).await.unwrap().stop().await.unwrap();
    }
    let file = std::fs::metadata(place.folder.path().join("secret.key")).unwrap();
    assert_eq!(std::os::unix::fs::MetadataExt::mode(&file) & 0o777, 0o600);
}

#[tokio::test]
async fn a_schema_newer_than_the_program_is_refused() {
    for place in Place::both().await {
        let app = place.open().await;
        execute(&app, "INSERT INTO migration (name, position) VALUES ('9999_future', 9999)").await;
        app.stop().await.unwrap();
        drop(app);
        let sentence = refusal(place.options()).await;
        assert!(sentence.contains("made by a newer OpsGuard (it has 9999_future)"), "{sentence}");
    }
}
