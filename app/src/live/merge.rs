//! JSON merge patch (RFC 7396): how an event changes the row that a page has.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// The row with the patch applied; `None` when the patch does not make a row of it, and the row must be fetched.
pub fn merged<T: Serialize + DeserializeOwned>(row: &T, patch: &Value) -> Option<T> {
    if !patch.is_object() {
        return None;
    }
    let mut value = serde_json::to_value(row).ok()?;
    apply(&mut value, patch);
    domain::from_tree(&value).ok()
}

/// RFC 7396, section 2, but that null stays null instead of removing: rows have every field, and an absent one reads the same.
fn apply(target: &mut Value, patch: &Value) {
    match (target, patch) {
        (Value::Object(target), Value::Object(patch)) => {
            for (name, value) in patch {
                apply(target.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
        (target, patch) => *target = patch.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_patch_changes_what_it_names() {
        let row = json!({ "title": "a", "assigned_to_id": "x", "n": { "a": 1, "b": 2 }, "list": [1, 2] });
        let patch = json!({ "assigned_to_id": null, "n": { "b": 3 }, "list": [3] });
        assert_eq!(merged(&row, &patch), Some(json!({ "title": "a", "assigned_to_id": null, "n": { "a": 1, "b": 3 }, "list": [3] })));
    }

    #[test]
    fn what_came_without_a_patch_must_be_fetched() {
        assert_eq!(merged(&json!({ "title": "a" }), &Value::Null), None);
    }
}
