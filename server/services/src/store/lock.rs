//! Two servers on one SQLite file would page twice and corrupt nothing visibly: the second is refused.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::Write,
    path::Path,
};

use crate::{Error, Result};

/// An advisory lock beside the database file, held while the process lives; the kernel frees it after any kind of end.
#[derive(Debug)]
pub struct FileLock {
    _file: File,
}

impl FileLock {
    /// Takes the lock, or says who has it.
    pub fn take(database: &Path) -> Result<Self> {
        let path = database.with_extension("lock");
        let fault = |e: std::io::Error| Error::Stored(format!("{}: {e}", path.display()));
        let mut file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(fault)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let holder = std::fs::read_to_string(&path).unwrap_or_default();
                let who = if holder.trim().is_empty() { String::new() } else { format!(" (process {})", holder.trim()) };
                return Err(Error::Stored(format!(
                    "another OpsGuard{who} already serves {}; stop it first, or use PostgreSQL for several nodes",
                    database.display()
                )));
            }
            Err(TryLockError::Error(e)) => return Err(fault(e)),
        }
        file.set_len(0).and_then(|()| write!(file, "{}", std::process::id())).map_err(fault)?;
        Ok(Self { _file: file })
    }
}
