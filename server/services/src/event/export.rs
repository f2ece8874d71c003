//! That a list left as a file, and with which filters, is in the journal before its first row is sent: what somebody took
//! along is no longer under the rules that showed it to them.

use domain::event::Class;
use serde_json::{Value, json};

use crate::{Cx, Result, store::NewEvent};

/// A list is no entity that changes.
const NO_REV: i64 = 0;

/// Journals an export, for administrators. `list` is where the rows came from, `incidents` or `incidents/418/alerts`.
pub async fn exported(cx: &Cx, list: &str, format: &'static str, filters: Value) -> Result<()> {
    let (list, payload) = (list.to_owned(), json!({ "format": format, "filters": filters }));
    cx.write_plain(move |tx| {
        let event = NewEvent::record("exports", "list.exported", format!("list:{list}"), NO_REV, payload.clone());
        tx.event(NewEvent { class: Class::Trace, private: true, ..event });
        async { Ok(()) }
    })
    .await
}
