//! The statements that the reader ran, for tests: how many a page needs, and whether their plans use an index.

use std::sync::{Arc, Mutex, PoisonError};

use sea_orm::{DatabaseConnection, Statement};

/// What was seen since the recording began; nothing is kept before.
#[derive(Clone, Default)]
pub struct Seen(Arc<Mutex<Option<Vec<Statement>>>>);

impl Seen {
    /// Begins anew.
    pub fn record(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Vec::new());
    }

    /// Ends, and answers what was seen, in order.
    pub fn taken(&self) -> Vec<Statement> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_default()
    }
}

/// A connection whose statements are seen.
pub(super) fn watch(mut connection: DatabaseConnection) -> (DatabaseConnection, Seen) {
    let seen = Seen::default();
    let kept = seen.clone();
    connection.set_metric_callback(move |info| {
        if let Some(list) = kept.0.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            list.push(info.statement.clone());
        }
    });
    (connection, seen)
}
