//! Forms of services and their integrations.

mod fields;
mod integration;

use axum::{Router, extract::Path, response::Response, routing::post};
use domain::{Id, Problem, service::Service};
use services::service;

use super::{Form, answer, back, see};
use crate::http::{State, context::Call, refusal::Refusal};

/// The forms of these nouns.
pub fn router() -> Router<State> {
    Router::new()
        .route("/services", post(create))
        .route("/services/{id}/edit", post(edit))
        .route("/services/{id}/archive", post(archive))
        .route("/services/{id}/restore", post(restore))
        .merge(integration::router())
}

fn id(text: &str) -> Result<Id<Service>, Problem> {
    text.parse().map_err(|_| Problem::not_found("service"))
}

/// The page of a service, whatever stood in the address.
fn page(text: &str) -> String {
    format!("/services/{}", answer::escaped(text))
}

async fn create(Call(cx): Call, form: Form) -> Response {
    // The way from an empty installation to the first incident goes on with the integration.
    let first = form.0.get("first").is_some();
    let made = async { Ok::<_, Refusal>(service::create(&cx, fields::read(&form)?).await?) };
    match made.await {
        Ok(made) if first => see(&format!("/welcome?service={}", made.id)),
        Ok(made) => see(&format!("/services/{}", made.id)),
        Err(refusal) => back(&cx, if first { "/welcome" } else { "/services/new" }, "service", &fields::typed(&form), refusal).await,
    }
}

async fn edit(Call(cx): Call, Path(text): Path<String>, form: Form) -> Response {
    let edited = async {
        let seen = form.0.parse("version", "the version of the form", |v| v.parse().ok())?.unwrap_or(0);
        Ok::<_, Refusal>(service::edit(&cx, id(&text)?, fields::patch(&form)?, seen).await?)
    };
    match edited.await {
        Ok(_) => answer::told(&cx, &page(&text), "service", "The service is saved.").await,
        Err(refusal) => back(&cx, &format!("{}/edit", page(&text)), "service", &fields::typed(&form), refusal).await,
    }
}

async fn archive(Call(cx): Call, Path(text): Path<String>, _: Form) -> Response {
    let done = async { service::archive(&cx, id(&text)?).await };
    match done.await {
        Ok(_) => answer::told(&cx, &page(&text), "service", "The service is archived. Its integrations refuse what comes.").await,
        Err(e) => back(&cx, &page(&text), "service", &[], e).await,
    }
}

async fn restore(Call(cx): Call, Path(text): Path<String>, _: Form) -> Response {
    let done = async { service::restore(&cx, id(&text)?).await };
    match done.await {
        Ok(_) => answer::told(&cx, &page(&text), "service", "The service is in use again.").await,
        Err(e) => back(&cx, &page(&text), "service", &[], e).await,
    }
}
