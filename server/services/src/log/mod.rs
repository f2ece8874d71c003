//! The team's log: status updates and blockers.

mod blocker;
mod update;

pub use blocker::{blocker, create_blocker, edit_blocker, list_blockers, on_me, reopen_blocker, resolve_blocker};
pub use update::{create_update, delete_update, edit_update, list_updates, restore_update, update};

pub(crate) use blocker::{beside_incident, of_rows as blockers_of_rows};
use update::require_update;

use domain::Problem;
use sea_orm::{ColumnTrait, Condition};
use uuid::Uuid;

use crate::Result;

/// The cursor of a row in a list that is ordered by when it was made.
fn cursor(at: i64, id: Uuid) -> String {
    format!("{at}.{id}")
}

fn parsed(cursor: &str) -> Result<(i64, Uuid)> {
    let parsed = cursor.split_once('.').and_then(|(at, id)| Some((at.parse().ok()?, Uuid::try_parse(id).ok()?)));
    Ok(parsed.ok_or_else(|| Problem::bad_request("`after` is not a cursor of this list; take `next` of an earlier answer."))?)
}

/// The rows that were made before the one with this instant and id.
fn older<C: ColumnTrait>(made_at: C, id_column: C, (at, id): (i64, Uuid)) -> Condition {
    Condition::any().add(made_at.lt(at)).add(Condition::all().add(made_at.eq(at)).add(id_column.lt(id)))
}
