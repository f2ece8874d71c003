//! The team's log: what people did and plan to do, and what stands in their way.

mod blocker;
mod update;

pub use blocker::{
    Blocker, BlockerFilter, BlockerIn, BlockerPatch, BlockerRow, BlockerState, Resolution, reopen, resolve, validate_blocker,
};
pub use update::{Update, UpdateFilter, UpdateIn, UpdatePatch, UpdateRow, tag, tags_in, validate_update};
