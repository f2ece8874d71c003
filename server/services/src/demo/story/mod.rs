//! What happened in the last 30 days: one tale for each incident. All of it is invented.

mod past;
mod present;

use domain::incident::Severity;

/// How an incident came about, and what was done.
pub(super) struct Tale {
    /// It began so many minutes ago.
    pub ago: i64,
    pub service: &'static str,
    pub opening: Opening,
    /// Seconds after the beginning, and the act.
    pub then: &'static [(i64, Act)],
}

pub(super) enum Opening {
    /// An alert fired.
    Alert(Sign),
    /// Somebody noticed.
    Declared { by: &'static str, title: &'static str, severity: Severity, description: &'static str },
}

/// What a source says.
pub(super) struct Sign {
    pub key: &'static str,
    pub title: &'static str,
    pub severity: Severity,
    pub description: &'static str,
    pub labels: &'static [(&'static str, &'static str)],
}

/// Names are those of the people; keys those of the tale's signs.
pub(super) enum Act {
    Fires(Sign),
    Again(&'static str),
    Over(&'static str),
    Acknowledge(&'static str),
    Start(&'static str),
    /// By whom, to whom.
    Assign(&'static str, &'static str),
    Note(&'static str, &'static str),
    Resolve(&'static str, &'static str),
}

/// In seconds.
const MIN: i64 = 60;
/// In minutes.
const HOUR: i64 = 60;
/// In minutes.
const DAY: i64 = 24 * HOUR;

/// All tales, in no particular order.
pub(super) fn tales() -> impl Iterator<Item = &'static Tale> {
    present::TALES.iter().chain(past::TALES)
}
