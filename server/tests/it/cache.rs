//! What browsers keep, and what they ask again.

use std::{collections::BTreeMap, io::Read as _};

use domain::account::Role;
use serde_json::json;
use server::http::assets::Assets;

use crate::support::{on_both, on_sqlite};

const IMMUTABLE: &str = "public, max-age=31536000, immutable";

fn site() -> Assets {
    let files = [
        ("pkg/opsguard.abc.js", "let a = 1"),
        ("pkg/opsguard.abc.js.br", "brotli"),
        ("pkg/opsguard.abc.js.gz", "gzip"),
        ("pkg/opsguard.def.wasm", "\0asm"),
        ("sw.js", "const BUILD = /*__BUILD__*/\"\"; const FILES = /*__PRECACHE__*/[];"),
        ("manifest.webmanifest", "{\"name\":\"__INSTANCE__\"}"),
        ("outbox.js", "let o = 1"),
        ("offline.html", "<!doctype html><p>Offline"),
    ];
    Assets::of(files.iter().map(|(name, text)| ((*name).to_owned(), (*text).into())).collect::<BTreeMap<_, _>>())
}

#[tokio::test]
async fn hashed_files_are_kept_for_good_in_the_best_encoding() {
    on_sqlite(&[], site, |app| async move {
        let browser = app.anonymous();
        let plain = browser.get("/pkg/opsguard.abc.js").await.expect(200);
        assert_eq!(
            (plain.text().as_str(), plain.header("cache-control"), plain.header("content-encoding")),
            ("let a = 1", Some(IMMUTABLE), None)
        );
        assert_eq!(plain.header("content-type"), Some("text/javascript; charset=utf-8"));
        let br = browser.with("accept-encoding", "gzip, br;q=0.9").get("/pkg/opsguard.abc.js").await.expect(200);
        assert_eq!((br.text().as_str(), br.header("content-encoding"), br.header("vary")), ("brotli", Some("br"), Some("accept-encoding")));
        let gz = browser.with("accept-encoding", "gzip").get("/pkg/opsguard.abc.js").await.expect(200);
        assert_eq!((gz.text().as_str(), gz.header("content-encoding")), ("gzip", Some("gzip")));
        // No compressed copy was made of this one.
        let wasm = browser.with("accept-encoding", "br, gzip").get("/pkg/opsguard.def.wasm").await.expect(200);
        assert_eq!((wasm.header("content-type"), wasm.header("content-encoding")), (Some("application/wasm"), None));

        let known = browser.with("if-none-match", plain.header("etag").unwrap()).get("/pkg/opsguard.abc.js").await.expect(304);
        assert!(known.body.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_refused_encoding_is_not_sent() {
    on_sqlite(&[], site, |app| async move {
        let answer = app.anonymous().with("accept-encoding", "br;q=0, gzip;q=0.0").get("/pkg/opsguard.abc.js").await.expect(200);
        assert_eq!(answer.header("content-encoding"), None);
    })
    .await;
}

#[tokio::test]
async fn pages_and_lists_are_compressed_for_who_accepts_it() {
    on_both(|app| async move {
        let me = app.as_role(Role::Admin).await;
        me.post("/api/v1/services", &json!({ "name": "checkout", "description": "x".repeat(2_000) })).await.expect(201);
        for path in ["/", "/services", "/api/v1/services", "/api/v1/services.csv"] {
            let plain = me.get(path).await.expect(200);
            assert_eq!(plain.header("content-encoding"), None, "{path}");
            let sent = me.with("accept-encoding", "gzip").get(path).await.expect(200);
            assert_eq!((sent.header("content-encoding"), sent.header("vary")), (Some("gzip"), Some("accept-encoding")), "{path}");
            assert_eq!(inflated(&sent.body).len(), plain.body.len(), "{path}");
            assert!(sent.body.len() * 2 < plain.body.len(), "{path}: {} of {}", sent.body.len(), plain.body.len());
        }
    })
    .await;
}

fn inflated(body: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(body).read_to_end(&mut plain).expect("gzip");
    plain
}

#[tokio::test]
async fn a_strong_etag_and_a_few_bytes_stay_as_they_are() {
    on_sqlite(&[], site, |app| async move {
        let me = app.as_role(Role::Admin).await;
        let made = me.post("/api/v1/services", &json!({ "name": "checkout", "description": "x".repeat(2_000) })).await.expect(201);
        let item =
            me.with("accept-encoding", "gzip").get(&format!("/api/v1/services/{}", made.json()["id"].as_str().unwrap())).await.expect(200);
        assert_eq!((item.header("content-encoding"), item.header("etag").unwrap().starts_with('"')), (None, true));
        let few = me.with("accept-encoding", "gzip").get("/livez").await.expect(200);
        assert_eq!(few.header("content-encoding"), None);
    })
    .await;
}

#[tokio::test]
async fn a_miss_among_the_files_is_a_plain_404_that_nobody_keeps() {
    on_sqlite(&[], site, |app| async move {
        for path in ["/pkg/opsguard.old.js", "/pkg/../Cargo.toml", "/pkg/%2e%2e/sw.js", "/pkg/a/b/c"] {
            let miss = app.anonymous().get(path).await.expect(404);
            assert_eq!(miss.header("content-type"), Some("text/plain; charset=utf-8"), "{path}");
            assert!(!miss.text().contains('<') && miss.body.len() < 200, "{path}");
            assert_ne!(miss.header("cache-control"), Some(IMMUTABLE), "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_service_worker_is_asked_again_each_time_and_knows_its_build() {
    on_sqlite(&[], site, |app| async move {
        let worker = app.anonymous().get("/sw.js").await.expect(200);
        assert_eq!(worker.header("cache-control"), Some("no-cache"));
        assert_eq!(worker.header("content-type"), Some("text/javascript; charset=utf-8"));
        let build = app.state.assets.build.clone();
        assert!(worker.text().contains(&format!("const BUILD = \"{build}\"")), "{}", worker.text());
        for file in ["/pkg/opsguard.abc.js", "/pkg/opsguard.def.wasm", "/offline.html"] {
            assert!(worker.text().contains(&format!("\"{file}\"")), "{file} is not kept for offline: {}", worker.text());
        }
        let build_of_server = app.anonymous().get("/version").await.expect(200).json();
        assert_eq!(build_of_server["build"], build.as_str());
    })
    .await;
}

#[tokio::test]
async fn a_file_that_is_not_hashed_by_name_is_kept_only_under_its_hash() {
    on_sqlite(&[], site, |app| async move {
        let address = app.state.assets.versioned("/outbox.js");
        assert!(address.starts_with("/outbox.js?v="), "{address}");
        assert_eq!(app.anonymous().get(&address).await.expect(200).header("cache-control"), Some(IMMUTABLE));
        for path in ["/outbox.js", "/outbox.js?v=0", "/offline.html"] {
            assert_eq!(app.anonymous().get(path).await.expect(200).header("cache-control"), Some("no-cache"), "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_manifest_carries_the_name_of_the_installation() {
    on_sqlite(&[("OPSGUARD_INSTANCE", "Acme \"EU\"")], site, |app| async move {
        let manifest = app.anonymous().get("/manifest.webmanifest").await.expect(200);
        assert_eq!(manifest.json()["name"], "Acme \"EU\"");
        assert_eq!(manifest.header("content-type"), Some("application/manifest+json"));
    })
    .await;
}

#[tokio::test]
async fn without_a_built_site_files_are_missing_and_the_rest_works() {
    on_sqlite(&[], Assets::default, |app| async move {
        for path in ["/sw.js", "/manifest.webmanifest", "/outbox.js", "/favicon.svg"] {
            app.anonymous().get(path).await.expect(404);
        }
        assert_eq!(app.anonymous().get("/livez").await.expect(200).text(), "ok\n");
        app.anonymous().get("/readyz").await.expect(200);
    })
    .await;
}
