//! Jobs: effects outside the database. A write asks for one in its own transaction; a worker carries it out after the commit.
//!
//! At least once: a job whose process dies runs again when its lease ends (PostgreSQL) or when the process is back (SQLite,
//! where the file lock proves that nobody else runs it). The attempt is counted when the job is taken, so that a job which
//! kills its process ends as a dead letter, too. Who lost its lease may not say how the job ended. State: the table `job`.

mod backoff;
mod claim;
mod enqueue;
mod letter;
mod registry;
mod run;

pub use enqueue::{NewJob, enqueue, enqueue_many};
pub use letter::{DeadJob, list_dead, retry};
pub use registry::{JobError, Registry};
pub use run::Jobs;

pub use claim::reclaim;
pub(crate) use claim::release;
pub(crate) use run::run;

/// Marks the ids of jobs.
#[derive(Debug, Clone, Copy)]
pub struct Job;

impl domain::id::Prefixed for Job {
    const PREFIX: &'static str = "job";
}
