//! Test seams (feature `test-seams`, never in a release build): the clock in the hands of a test, and another build of the site.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::Bytes,
    extract::State as Extract,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
};
use domain::{Instant, Problem};
use serde::Deserialize;
use services::{Actor, App, Cx, Request};

use crate::http::{State, refusal::Refusal};

/// The seams.
pub fn router() -> Router<State> {
    Router::new().route("/testing/clock", post(clock)).route("/testing/settle", post(settle))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Move {
    advance_ms: Option<i64>,
    set: Option<Instant>,
}

async fn clock(Extract(app): Extract<Arc<App>>, Json(to): Json<Move>) -> Response {
    match to {
        Move { advance_ms: Some(ms), set: None } => app.clock.advance(ms),
        Move { advance_ms: None, set: Some(at) } => app.clock.set(at),
        _ => return Refusal(Problem::bad_request("Give advance_ms or set.")).into_response(),
    }
    StatusCode::NO_CONTENT.into_response()
}

/// Returns when nothing is due.
async fn settle(Extract(app): Extract<Arc<App>>) -> Response {
    let cx = Cx::new(app.clone(), Actor::system(), Request::inside("engine"));
    loop {
        match services::due::reconcile(&cx).await {
            Ok(0) => break,
            Ok(_) => {}
            Err(e) => return Refusal::from(e).into_response(),
        }
    }
    // What was committed reaches the feed.
    let newest = services::event::feed::newest(&app.store).await.unwrap_or_default();
    let caught_up = async {
        while app.feed.seq() < newest {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let _ = tokio::time::timeout(Duration::from_secs(5), caught_up).await;
    StatusCode::NO_CONTENT.into_response()
}

/// Makes another build: the files below the folder `OPSGUARD_TEST_SITE` stand in the place of the site's own.
pub fn laid_over(mut site: BTreeMap<String, Bytes>) -> BTreeMap<String, Bytes> {
    let Some(folder) = std::env::var_os("OPSGUARD_TEST_SITE") else { return site };
    let folder = Path::new(&folder);
    for below in ["", "pkg/"] {
        for entry in fs::read_dir(folder.join(below)).into_iter().flatten().flatten() {
            let Ok(body) = fs::read(entry.path()) else { continue };
            let name = format!("{below}{}", entry.file_name().to_string_lossy());
            site.remove(&format!("{name}.br"));
            site.remove(&format!("{name}.gz"));
            site.insert(name, body.into());
        }
    }
    site
}
