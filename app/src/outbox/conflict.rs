//! An edit that met another edit: both versions, field by field.

use leptos::prelude::*;
use serde_json::Value;
use ui::view;

use super::Item;

/// Mine beside theirs, for the fields that I wanted to change.
#[component]
pub fn Conflict(item: Item) -> impl IntoView {
    let problem = item.problem.unwrap_or_default();
    let theirs = problem.current.unwrap_or_default();
    let fields = item.body.as_object().cloned().unwrap_or_default();
    let rows = fields
        .into_iter()
        .map(|(name, mine)| {
            let met = problem.changed.contains(&name);
            view! {
                <tr>
                    <th scope="row">{label(&name)}{met.then(|| view! { <span class="meta block">"changed by others"</span> })}</th>
                    <td>{shown(&mine)}</td>
                    <td>{shown(&theirs[&name])}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-wrap">
            <table class="table">
                <thead><tr><th>"Field"</th><th>"Mine"</th><th>"Now"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// `resolution_notes` reads "Resolution notes".
fn label(name: &str) -> String {
    let mut words = name.replace('_', " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) if text.is_empty() => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_values_read_as_words() {
        assert_eq!(label("resolution_notes"), "Resolution notes");
        assert_eq!(shown(&Value::Null), "-");
        assert_eq!(shown(&"Checkout".into()), "Checkout");
        assert_eq!(shown(&418.into()), "418");
    }
}
