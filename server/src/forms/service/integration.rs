//! Forms of integrations: made below their service, then known by their own id.

use axum::{
    Router,
    extract::{Path, State as Extract},
    response::Response,
    routing::post,
};
use domain::{
    Code, Id, Problem,
    integration::{Integration, IntegrationIn, IntegrationPatch, Kind, Settings},
};
use services::{
    Cx,
    integration::{self, WithSecret},
};

use super::id as service_id;
use crate::{
    forms::{Form, answer, back, see},
    http::{State, context::Call, refusal::Refusal},
    rest::integration::url,
};

pub(super) fn router() -> Router<State> {
    Router::new()
        .route("/services/{id}/integrations", post(create))
        .route("/integrations/{id}/edit", post(edit))
        .route("/integrations/{id}/disable", post(disable))
        .route("/integrations/{id}/enable", post(enable))
        .route("/integrations/{id}/reveal", post(reveal))
        .route("/integrations/{id}/rotate", post(rotate))
        .route("/integrations/{id}/test", post(test))
        .route("/integrations/{id}/payloads/{payload}/replay", post(replay))
}

fn id(text: &str) -> Result<Id<Integration>, Problem> {
    text.parse().map_err(|_| Problem::not_found("integration"))
}

fn page(text: &str) -> String {
    format!("/integrations/{}", answer::escaped(text))
}

/// Leads to the integration's page, which shows the secret URL once.
async fn secret(state: &State, cx: &Cx, made: WithSecret, query: &str) -> Response {
    let url = url(&state.config, made.integration.kind, &made.key);
    answer::shown_once(cx, &format!("{}{query}", page(&made.integration.id.to_string())), "secret", &[("url", url), ("key", made.key)])
        .await
}

async fn create(Extract(state): Extract<State>, Call(cx): Call, Path(text): Path<String>, form: Form) -> Response {
    let first = form.0.get("first").is_some();
    let made = async {
        let wrong = || Problem::invalid(vec![domain::FieldError::new("kind", "not_allowed", "Choose what sends the alerts.")]);
        let kind = Kind::parse(&form.text("kind")).ok_or_else(wrong)?;
        Ok::<_, Refusal>(
            integration::create(&cx, service_id(&text)?, IntegrationIn { kind, name: form.text("name"), settings: Settings::default() })
                .await?,
        )
    };
    let service = super::page(&text);
    match made.await {
        Ok(made) => secret(&state, &cx, made, if first { "?first=true" } else { "" }).await,
        // The same press again: the integration is there, and its page shows the URL to who asks.
        Err(Refusal(p)) if p.code == Code::AlreadyDone => see(&service),
        Err(refusal) => {
            let to = if first { format!("/welcome?service={}", answer::escaped(&text)) } else { service };
            back(&cx, &to, "integration", &["kind", "name"].map(|f| (f, form.text(f))), refusal).await
        }
    }
}

fn seen(form: &Form) -> Result<i64, Problem> {
    Ok(form.0.parse("version", "the version of the form", |v| v.parse().ok())?.unwrap_or(0))
}

async fn edit(Call(cx): Call, Path(text): Path<String>, form: Form) -> Response {
    let edited = async {
        let settings = Settings { key_by_group: form.0.get("key_by_group").is_some() };
        let patch = IntegrationPatch { name: Some(form.text("name")), settings: Some(settings), disabled: None };
        Ok::<_, Refusal>(integration::edit(&cx, id(&text)?, patch, seen(&form)?).await?)
    };
    match edited.await {
        Ok(_) => answer::told(&cx, &page(&text), "integration", "The integration is saved.").await,
        Err(refusal) => back(&cx, &page(&text), "integration", &[("name", form.text("name"))], refusal).await,
    }
}

async fn switched(cx: &Cx, text: &str, form: &Form, disabled: bool) -> Result<Integration, Refusal> {
    let patch = IntegrationPatch { disabled: Some(disabled), ..IntegrationPatch::default() };
    Ok(integration::edit(cx, id(text)?, patch, seen(form)?).await?)
}

async fn disable(Call(cx): Call, Path(text): Path<String>, form: Form) -> Response {
    match switched(&cx, &text, &form, true).await {
        Ok(_) => answer::told(&cx, &page(&text), "integration", "The integration is disabled: what comes is refused.").await,
        Err(refusal) => back(&cx, &page(&text), "integration", &[], refusal).await,
    }
}

async fn enable(Call(cx): Call, Path(text): Path<String>, form: Form) -> Response {
    match switched(&cx, &text, &form, false).await {
        Ok(_) => answer::told(&cx, &page(&text), "integration", "The integration takes alerts again.").await,
        Err(refusal) => back(&cx, &page(&text), "integration", &[], refusal).await,
    }
}

async fn reveal(Extract(state): Extract<State>, Call(cx): Call, Path(text): Path<String>, form: Form) -> Response {
    let first = if form.0.get("first").is_some() { "?first=true" } else { "" };
    let found = async { Ok::<_, Refusal>(integration::reveal(&cx, id(&text)?).await?) };
    match found.await {
        Ok(found) => secret(&state, &cx, found, first).await,
        Err(refusal) => back(&cx, &page(&text), "integration", &[], refusal).await,
    }
}

async fn rotate(Extract(state): Extract<State>, Call(cx): Call, Path(text): Path<String>, _: Form) -> Response {
    let made = async { Ok::<_, Refusal>(integration::rotate(&cx, id(&text)?).await?) };
    match made.await {
        Ok(made) => secret(&state, &cx, made, "").await,
        Err(refusal) => back(&cx, &page(&text), "integration", &[], refusal).await,
    }
}

async fn test(Call(cx): Call, Path(text): Path<String>, form: Form) -> Response {
    let to = format!("{}{}", page(&text), if form.0.get("first").is_some() { "?first=true" } else { "" });
    let sent = async { Ok::<_, Refusal>(integration::send_test(&cx, id(&text)?).await?) };
    match sent.await {
        Ok(Some(number)) => answer::shown_once(&cx, &to, "test", &[("number", number.to_string())]).await,
        Ok(None) => {
            answer::told(&cx, &to, "test", "The test alert was taken. Its incident opens when the hold of this service is over.").await
        }
        Err(refusal) => back(&cx, &to, "test", &[], refusal).await,
    }
}

async fn replay(Call(cx): Call, Path((text, payload)): Path<(String, String)>, _: Form) -> Response {
    let sent = async {
        let payload = payload.parse().map_err(|_| Problem::not_found("payload"))?;
        Ok::<_, Refusal>(integration::replay(&cx, id(&text)?, payload).await?)
    };
    match sent.await {
        Ok(not_read) if not_read.is_empty() => answer::told(&cx, &page(&text), "payloads", "The payload went through.").await,
        Ok(not_read) => {
            answer::told(&cx, &page(&text), "payloads", &format!("It went through in part. Not read: {}", not_read.join("; "))).await
        }
        Err(refusal) => back(&cx, &page(&text), "payloads", &[], refusal).await,
    }
}
