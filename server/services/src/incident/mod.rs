//! Incidents: declare, the verbs, edit, notes, lists, and what happens to them by time.

mod counts;
mod declare;
mod detail;
mod due;
mod edit;
mod entity;
mod figures;
mod latest;
mod list;
mod note;
mod note_entity;
mod repo;
mod search;
mod verb;

pub use declare::declare;
pub use detail::{by_reference, detail, get, timeline};
pub use due::{auto_close, resolve_quiet};
pub use edit::edit;
pub use figures::figures;
pub use latest::{choices, latest};
pub use list::{burning, count_live, list, rows_by_ids};
pub use note::{add as add_note, edit as edit_note, render};
pub use verb::{acknowledge, assign, close, hand_back, reopen, resolve, set_status, start, undo_acknowledge};

pub(crate) use counts::{Counts, Live};
pub(crate) use declare::fresh;
pub(crate) use list::live;
pub(crate) use repo::{Stored, assignee_names, insert_many, journal, live_of_groups, load_many, owner, upsert_many};
