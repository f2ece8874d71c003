//! One entry of the journal, with what it changed.

use domain::event::{Audited, Event};
use leptos::prelude::*;
use serde_json::Value;
use ui::{Time, TimeShow, view};

/// Who did what, when, from where; unfolded: the payload, and each field before and after.
#[component]
pub fn Line(entry: Audited) -> impl IntoView {
    let Audited { event, address, user_agent, before, after } = entry;
    let Event { seq, at, actor, kind, entity, source, request_id, payload, incident_id, .. } = event;
    let changes = changes(before.as_ref(), after.as_ref());
    let from = address.map(|address| format!(" from {address}")).unwrap_or_default();
    let incident = incident_id.map(|id| view! { <a class="link" href=format!("/incidents/{id}")>"Incident"</a> });
    let table = (!changes.is_empty()).then(|| {
        let rows = changes.into_iter().map(|(field, before, after)| view! { <tr><th scope="row">{field}</th><td>{before}</td><td>{after}</td></tr> });
        view! {
            <div class="table-wrap" tabindex="0" role="group" aria-label="Changes">
                <table class="table"><thead><tr><th scope="col">"Field"</th><th scope="col">"Before"</th><th scope="col">"After"</th></tr></thead><tbody>{rows.collect_view()}</tbody></table>
            </div>
        }
    });
    view! {
        <li class="px-4 py-2">
            <details>
                <summary class="flex flex-wrap items-baseline gap-2">
                    <span class="num text-ink-3">{seq}</span>
                    <strong>{actor.name}</strong>
                    <span>{words(&kind)}</span>
                    <span class="meta">{format!("by {source}{from}")}</span>
                    <span class="meta row-end"><Time utc_ms=at.ms() show=TimeShow::Exact/></span>
                </summary>
                <div class="stack-tight py-2">
                    {table}
                    <dl class="facts">
                        <dt>"Kind"</dt><dd><code>{kind}</code></dd>
                        <dt>"Entity"</dt><dd><code>{entity}</code>" "{incident}</dd>
                        <dt>"Payload"</dt><dd><code>{payload.to_string()}</code></dd>
                        {request_id.map(|id| view! { <dt>"Request"</dt><dd><code>{id}</code></dd> })}
                        {user_agent.map(|agent| view! { <dt>"Program"</dt><dd class="meta">{agent}</dd> })}
                    </dl>
                </div>
            </details>
        </li>
    }
}

/// `user.role_changed` reads "user role changed".
fn words(kind: &str) -> String {
    kind.replace(['.', '_'], " ")
}

/// The fields that differ, with both values; counters that every write raises are left out.
fn changes(before: Option<&Value>, after: Option<&Value>) -> Vec<(String, String, String)> {
    let (Some(Value::Object(before)), Some(Value::Object(after))) = (before, after) else { return Vec::new() };
    let shown = |value: Option<&Value>| match value {
        None | Some(Value::Null) => "-".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let differs = |field: &&String| !["rev", "version", "updated_at"].contains(&field.as_str()) && before.get(*field) != after.get(*field);
    after.keys().filter(differs).map(|field| (field.replace('_', " "), shown(before.get(field)), shown(after.get(field)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_differs_is_shown() {
        let before = json!({ "name": "api", "team_id": null, "rev": 1, "links": [] });
        let after = json!({ "name": "api", "team_id": "x", "rev": 2, "links": [] });
        assert_eq!(changes(Some(&before), Some(&after)), [("team id".to_owned(), "-".to_owned(), "x".to_owned())]);
        assert!(changes(None, Some(&after)).is_empty());
    }
}
