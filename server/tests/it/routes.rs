//! The routes and their document are the same list.

use std::collections::{BTreeMap, BTreeSet};

use domain::account::Role;

use crate::support::{Client, on_sqlite};
use server::http::assets::Assets;

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// One operation of the document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Operation {
    pub id: String,
    pub method: String,
    /// `/api/v1/incidents/{id}`.
    pub path: String,
}

/// Every operation that the server says it has.
pub async fn operations(client: &Client) -> Vec<Operation> {
    let document = client.get("/api/openapi.json").await.expect(200).json();
    assert_eq!(document["openapi"], "3.1.0");
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap_or_else(|| panic!("{method} {path} has no operationId")).to_owned();
            found.push(Operation { id, method: method.to_uppercase(), path: path.clone() });
        }
    }
    found
}

/// The path with something in each of its places.
fn filled(path: &str) -> String {
    path.split('/')
        .map(|part| if part.starts_with('{') { "01900000-0000-7000-8000-00000000abcd" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

#[tokio::test]
async fn every_documented_operation_answers_with_and_without_v1() {
    on_sqlite(&[], Assets::default, |app| async move {
        let admin = app.as_role(Role::Admin).await;
        let all = operations(&admin).await;
        assert!(all.len() >= 50, "{}", all.len());
        for operation in all.iter().filter(|o| o.id != "signOut") {
            for path in [filled(&operation.path), filled(&operation.path).replacen("/api/v1/", "/api/", 1)] {
                let answer = admin.send(&operation.method, &path, None).await;
                let noun = answer.json_or_null()["detail"].as_str().unwrap_or_default().starts_with("There is no such ");
                assert!(answer.status < 500 && answer.status != 405, "{} {path}: {}", operation.method, answer.status);
                assert!(
                    answer.status != 404 || noun && !answer.text().contains("no such address"),
                    "{} {path}: {}",
                    operation.method,
                    answer.text()
                );
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_method_that_is_not_documented_is_not_allowed() {
    on_sqlite(&[], Assets::default, |app| async move {
        let admin = app.as_role(Role::Admin).await;
        let mut by_path: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for operation in operations(&admin).await {
            by_path.entry(operation.path).or_default().insert(operation.method);
        }
        for (path, known) in by_path {
            for method in METHODS.iter().filter(|m| !known.contains(**m)) {
                admin.send(method, &filled(&path), None).await.problem(405, "method_not_allowed");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn nothing_below_the_api_is_left_out_of_the_document() {
    on_sqlite(&[], Assets::default, |app| async move {
        let documented: BTreeSet<String> = operations(&app.anonymous()).await.into_iter().map(|o| o.path).collect();
        // The router says of itself where it answers.
        let shown = format!("{:?}", app.router);
        let mounted: BTreeSet<&str> = shown.split('"').filter(|text| text.starts_with("/api/")).collect();
        assert!(mounted.len() > documented.len(), "the router no longer shows its paths: {shown}");
        let about_the_api = ["/api/openapi.json", "/api/docs", "/api/"];
        let is_rest = |path: &str| path.starts_with("/api/{*");
        for path in mounted.into_iter().filter(|p| !about_the_api.contains(p) && !is_rest(p)) {
            let versioned = if path.starts_with("/api/v1/") { path.to_owned() } else { path.replacen("/api/", "/api/v1/", 1) };
            assert!(documented.contains(&versioned), "{path} is in no document");
        }
    })
    .await;
}

#[tokio::test]
async fn an_address_below_the_api_that_is_nothing_is_a_problem_and_not_a_page() {
    on_sqlite(&[], Assets::default, |app| async move {
        for path in ["/api/v1/incident", "/api/v1/", "/api/v1", "/api/nothing/at/all", "/api/v2/incidents"] {
            app.anonymous().get(path).await.problem(404, "not_found");
            app.anonymous().post(path, &serde_json::json!({})).await.problem(404, "not_found");
        }
    })
    .await;
}

#[tokio::test]
async fn the_document_is_whole() {
    on_sqlite(&[], Assets::default, |app| async move {
        let answer = app.anonymous().get("/api/openapi.json").await.expect(200);
        let document = answer.json();
        let mut names = BTreeSet::new();
        for operation in operations(&app.anonymous()).await {
            assert!(names.insert(operation.id.clone()), "{} stands twice", operation.id);
        }
        // Every reference leads somewhere.
        let text = answer.text();
        for reference in text.split("\"$ref\":\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            let found = document.pointer(reference.trim_start_matches('#'));
            assert!(found.is_some(), "{reference} leads nowhere");
        }
        let docs = app.anonymous().get("/api/docs").await.expect(200);
        assert!(names.iter().all(|id| docs.text().contains(id.as_str())));
        assert!(!docs.text().contains("<script"));
    })
    .await;
}
