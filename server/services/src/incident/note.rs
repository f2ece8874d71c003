//! Notes on the timeline: markdown, rendered and sanitised here; the author may edit for 15 minutes.

use domain::{
    Id, Problem,
    account::Action,
    incident::{Incident, Note, markdown_source},
    time::MINUTE,
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
use serde_json::json;

use super::{
    note_entity as entity,
    repo::{self, load},
};
use crate::{Cx, Result, store};

/// The author may edit for this long.
const EDIT_MS: i64 = 15 * MINUTE;

/// Markdown to HTML that is safe to show: no raw HTML passes, then everything is sanitised.
pub fn render(markdown: &str) -> String {
    let mut options = comrak::Options::default();
    options.extension.strikethrough = true;
    options.extension.table = true;
    options.extension.autolink = true;
    options.extension.tasklist = true;
    options.render.escape = true;
    ammonia::clean(&comrak::markdown_to_html(markdown, &options))
}

/// Writes a note.
pub async fn add(cx: &Cx, incident: Id<Incident>, body: String) -> Result<Note> {
    let body = markdown_source("body", &body)?;
    let author = cx.user()?;
    let call = cx.clone();
    cx.write(move |tx| {
        let (cx, body) = (call.clone(), body.clone());
        async move {
            let mut stored = load(&cx, &tx, incident, Action::Respond).await?;
            let note = Note {
                id: store::id(tx.now()),
                incident_id: incident,
                author_id: author,
                html: render(&body),
                body,
                edited_at: None,
                created_at: tx.now(),
                version: 1,
            };
            entity::Entity::insert(model(&note).into_active_model()).exec_without_returning(tx.conn()).await?;
            stored.incident.rev += 1;
            stored.incident.updated_at = tx.now();
            repo::update(&tx, &stored).await?;
            repo::changed(&tx, &stored, "incident.noted", json!({ "note_id": note.id })).await?;
            Ok(note)
        }
    })
    .await
}

/// Changes one's own note, within 15 minutes.
pub async fn edit(cx: &Cx, incident: Id<Incident>, id: Id<Note>, body: String) -> Result<Note> {
    let body = markdown_source("body", &body)?;
    let author = cx.user()?;
    let call = cx.clone();
    cx.write(move |tx| {
        let (cx, body) = (call.clone(), body.clone());
        async move {
            let mut stored = load(&cx, &tx, incident, Action::Respond).await?;
            let row = entity::Entity::find_by_id(id.uuid()).one(tx.conn()).await?.filter(|n| n.incident_id == incident.uuid());
            let mut note = of(row.ok_or_else(|| Problem::not_found("note"))?);
            if note.author_id != author {
                return Err(Problem::forbidden("Only its author may edit a note.").into());
            }
            if tx.now().since(note.created_at) > EDIT_MS {
                return Err(Problem::conflict("A note can be edited for 15 minutes; write another one.").into());
            }
            note.html = render(&body);
            note.body = body;
            note.edited_at = Some(tx.now());
            note.version += 1;
            let change = entity::ActiveModel {
                id: Set(id.uuid()),
                body: Set(note.body.clone()),
                html: Set(note.html.clone()),
                edited_at: Set(Some(tx.now().ms())),
                version: Set(note.version),
                ..Default::default()
            };
            change.update(tx.conn()).await?;
            stored.incident.rev += 1;
            repo::update(&tx, &stored).await?;
            repo::changed(&tx, &stored, "incident.note_edited", json!({ "note_id": note.id })).await?;
            Ok(note)
        }
    })
    .await
}

fn model(n: &Note) -> entity::Model {
    entity::Model {
        id: n.id.uuid(),
        incident_id: n.incident_id.uuid(),
        author_id: n.author_id.uuid(),
        body: n.body.clone(),
        html: n.html.clone(),
        edited_at: n.edited_at.map(|at| at.ms()),
        created_at: n.created_at.ms(),
        version: n.version,
    }
}

pub(super) fn of(m: entity::Model) -> Note {
    Note {
        id: Id::new(m.id),
        incident_id: Id::new(m.incident_id),
        author_id: Id::new(m.author_id),
        body: m.body,
        html: m.html,
        edited_at: m.edited_at.map(domain::Instant),
        created_at: domain::Instant(m.created_at),
        version: m.version,
    }
}

#[cfg(test)]
mod tests {
    use super::render;

    #[test]
    fn markdown_is_rendered_and_nothing_active_passes() {
        assert_eq!(render("**down** since `09:00`").trim(), "<p><strong>down</strong> since <code>09:00</code></p>");
        for evil in
            ["<script>alert(1)</script>", "[x](javascript:alert(1))", "<img src=x onerror=alert(1)>", "<a href=\"data:text/html,x\">x</a>"]
        {
            let html = render(evil);
            assert!(
                !html.contains("<script")
                    && !html.contains("<img src=x")
                    && !html.contains("<a href=\"javascript")
                    && !html.contains("<a href=\"data"),
                "{html}"
            );
        }
    }
}
