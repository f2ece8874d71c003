//! The data folder: there, writable, not full, and how long a write takes to reach the disk.

use std::{
    fs,
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

use super::Report;

/// Below this alerts may soon be refused.
const LITTLE: u64 = 1 << 30;
/// Below this they will be.
const TOO_LITTLE: u64 = 100 << 20;
/// Above this every commit is slow.
const SLOW: Duration = Duration::from_millis(20);
const WRITES: usize = 11;

pub(super) fn look(report: &mut Report, folder: &Path) {
    let name = folder.display();
    if !folder.is_dir() {
        return report.warn("data folder", format!("{name} is not there; the first start makes it"));
    }
    match fsync(folder) {
        Ok(took) if took > SLOW => report.warn(
            "data folder",
            format!(
                "{name} may be written; a write takes {took:.1?} to reach the disk, and each accepted alert waits for one: use a local disk"
            ),
        ),
        Ok(took) => report.ok("data folder", format!("{name} may be written; a write takes {took:.1?} to reach the disk")),
        Err(e) => report.fail(
            "data folder",
            format!("{name} cannot be written ({e}); right: a folder that belongs to the user of the service, with space left"),
        ),
    }
    match rustix::fs::statvfs(folder) {
        Err(e) => report.warn("free disk", format!("not known ({e})")),
        Ok(disk) => {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize);
            let words = format!("{} MB", free / 1_000_000);
            match free {
                ..TOO_LITTLE => report.fail("free disk", format!("{words}; a full disk refuses alerts: make room")),
                TOO_LITTLE..LITTLE => report.warn("free disk", format!("{words}; make room before alerts are refused")),
                _ => report.ok("free disk", words),
            }
        }
    }
}

/// The median of some writes of a page.
fn fsync(folder: &Path) -> std::io::Result<Duration> {
    let path = folder.join(format!(".doctor-{}", std::process::id()));
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(&path)?;
    let measured = (0..WRITES)
        .map(|_| {
            let began = Instant::now();
            file.write_all(&[0; 4096])?;
            file.sync_data()?;
            Ok(began.elapsed())
        })
        .collect::<std::io::Result<Vec<_>>>();
    fs::remove_file(&path)?;
    let mut took = measured?;
    took.sort_unstable();
    Ok(took[WRITES / 2])
}
