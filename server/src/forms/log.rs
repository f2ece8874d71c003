//! Forms of the team's log.

use axum::{Router, extract::Path, response::Response, routing::post};
use domain::{
    Id, Prefixed, Problem,
    log::{Blocker, BlockerIn, BlockerPatch, Resolution, Update, UpdateIn, UpdatePatch, tags_in},
};
use services::log;

use super::{Form, answer, back, see};
use crate::http::{State, context::Call, refusal::Refusal};

/// The forms of these nouns.
pub fn router() -> Router<State> {
    Router::new()
        .route("/log", post(create))
        .route("/log/{id}/edit", post(edit))
        .route("/log/{id}/delete", post(delete))
        .route("/log/{id}/restore", post(restore))
        .route("/log/blockers", post(report))
        .route("/log/blockers/{id}/edit", post(edit_blocker))
        .route("/log/blockers/{id}/resolve", post(resolve))
        .route("/log/blockers/{id}/reopen", post(reopen))
}

/// Their names in a flash.
const UPDATE: &str = "log";
const BLOCKER: &str = "blocker";

fn update_id(text: &str) -> Result<Id<Update>, Problem> {
    text.parse().map_err(|_| Problem::not_found("update"))
}

fn blocker_id(text: &str) -> Result<Id<Blocker>, Problem> {
    text.parse().map_err(|_| Problem::not_found("blocker"))
}

fn update_page(text: &str) -> String {
    format!("/log/{}", answer::escaped(text))
}

fn blocker_page(text: &str) -> String {
    format!("/log/blockers/{}", answer::escaped(text))
}

fn seen(form: &Form) -> Result<i64, Problem> {
    Ok(form.0.parse("version", "the version of the form", |v| v.parse().ok())?.unwrap_or(0))
}

fn update(form: &Form) -> UpdateIn {
    UpdateIn { title: form.text("title"), content: form.text("content"), tags: tags_in(&form.text("tags")) }
}

/// A choice that may be left open.
fn reference<T: Prefixed>(form: &Form, field: &str) -> Result<Option<Id<T>>, Problem> {
    if form.text(field).is_empty() { Ok(None) } else { form.0.id(field) }
}

fn blocker(form: &Form) -> Result<BlockerIn, Problem> {
    Ok(BlockerIn {
        description: form.text("description"),
        impact: form.text("impact"),
        owner_id: reference(form, "owner_id")?,
        waits_for_id: reference(form, "waits_for_id")?,
        waits_for: form.text("waits_for"),
        related_status_id: reference(form, "related_status_id")?,
        related_incident_id: reference(form, "related_incident_id")?,
    })
}

fn typed(form: &Form, fields: &[&'static str]) -> Vec<(&'static str, String)> {
    fields.iter().map(|field| (*field, form.text(field))).collect()
}

const UPDATE_FIELDS: [&str; 3] = ["title", "content", "tags"];
const BLOCKER_FIELDS: [&str; 7] =
    ["description", "impact", "owner_id", "waits_for_id", "waits_for", "related_status_id", "related_incident_id"];

async fn create(Call(cx): Call, form: Form) -> Response {
    match log::create_update(&cx, update(&form)).await {
        Ok(made) => see(&format!("/log/{}", made.id)),
        Err(refusal) => back(&cx, "/log/new", UPDATE, &typed(&form, &UPDATE_FIELDS), refusal).await,
    }
}

async fn edit(Call(cx): Call, Path(text): Path<String>, form: Form) -> Response {
    let edited = async {
        let UpdateIn { title, content, tags } = update(&form);
        let patch = UpdatePatch { title: Some(title), content: Some(content), tags: Some(tags) };
        Ok::<_, Refusal>(log::edit_update(&cx, update_id(&text)?, patch, seen(&form)?).await?)
    };
    match edited.await {
        Ok(_) => answer::told(&cx, &update_page(&text), UPDATE, "The update is saved.").await,
        Err(refusal) => back(&cx, &format!("{}/edit", update_page(&text)), UPDATE, &typed(&form, &UPDATE_FIELDS), refusal).await,
    }
}

async fn delete(Call(cx): Call, Path(text): Path<String>, _: Form) -> Response {
    let done = async { log::delete_update(&cx, update_id(&text)?).await };
    match done.await {
        Ok(_) => answer::told(&cx, &update_page(&text), UPDATE, "Deleted. You can take that back.").await,
        Err(e) => back(&cx, &update_page(&text), UPDATE, &[], e).await,
    }
}

async fn restore(Call(cx): Call, Path(text): Path<String>, _: Form) -> Response {
    let done = async { log::restore_update(&cx, update_id(&text)?).await };
    match done.await {
        Ok(_) => answer::told(&cx, &update_page(&text), UPDATE, "The update is in the log again.").await,
        Err(e) => back(&cx, &update_page(&text), UPDATE, &[], e).await,
    }
}

/// The form again, with what the blocker belongs to in its address: an incident that is over is among its choices only when
/// the address names it. What was refused itself is not named, or the page would not be found.
fn report_page(form: &Form, refusal: &Refusal) -> String {
    let named = [("incident_id", "related_incident_id"), ("status_id", "related_status_id")].into_iter().filter_map(|(name, field)| {
        let id = form.text(field);
        let is_fine = !id.is_empty() && refusal.0.fields.iter().all(|fault| fault.field != field);
        is_fine.then(|| format!("{name}={}", answer::escaped(&id)))
    });
    let query: Vec<String> = named.collect();
    if query.is_empty() { "/log/blockers/new".to_owned() } else { format!("/log/blockers/new?{}", query.join("&")) }
}

async fn report(Call(cx): Call, form: Form) -> Response {
    let made = async { Ok::<_, Refusal>(log::create_blocker(&cx, blocker(&form)?).await?) };
    match made.await {
        Ok(made) => see(&format!("/log/blockers/{}", made.id)),
        Err(refusal) => back(&cx, &report_page(&form, &refusal), BLOCKER, &typed(&form, &BLOCKER_FIELDS), refusal).await,
    }
}

async fn edit_blocker(Call(cx): Call, Path(text): Path<String>, form: Form) -> Response {
    let edited = async {
        let new = blocker(&form)?;
        let patch = BlockerPatch {
            description: Some(new.description),
            impact: Some(new.impact),
            owner_id: new.owner_id,
            waits_for_id: Some(new.waits_for_id),
            waits_for: Some(new.waits_for),
            related_status_id: Some(new.related_status_id),
            related_incident_id: Some(new.related_incident_id),
        };
        Ok::<_, Refusal>(log::edit_blocker(&cx, blocker_id(&text)?, patch, seen(&form)?).await?)
    };
    match edited.await {
        Ok(_) => see(&blocker_page(&text)),
        Err(refusal) => back(&cx, &format!("{}/edit", blocker_page(&text)), BLOCKER, &typed(&form, &BLOCKER_FIELDS), refusal).await,
    }
}

async fn resolve(Call(cx): Call, Path(text): Path<String>, form: Form) -> Response {
    let how = Resolution { resolution_notes: form.text("resolution_notes") };
    let done = async { log::resolve_blocker(&cx, blocker_id(&text)?, how).await };
    match done.await {
        Ok(_) => see(&blocker_page(&text)),
        Err(e) => back(&cx, &blocker_page(&text), BLOCKER, &typed(&form, &["resolution_notes"]), e).await,
    }
}

async fn reopen(Call(cx): Call, Path(text): Path<String>, _: Form) -> Response {
    let done = async { log::reopen_blocker(&cx, blocker_id(&text)?).await };
    match done.await {
        Ok(_) => see(&blocker_page(&text)),
        Err(e) => back(&cx, &blocker_page(&text), BLOCKER, &[], e).await,
    }
}
