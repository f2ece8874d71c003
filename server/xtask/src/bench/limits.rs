//! What this machine can do at all, measured in the same run: a figure without it says little on another disk.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use super::figures::{Bar, Figures};
use super::http::Session;
use super::load;
use super::subject::Subject;
use crate::Result;

/// Appends of 4 kB, each made durable: the floor under every commit that is not shared.
pub fn fsync_rate(figures: &mut Figures, folder: &Path) -> Result<()> {
    let path = folder.join("fsync-probe");
    let measure = || -> std::io::Result<f64> {
        let mut file = File::create(&path)?;
        let (start, mut count) = (Instant::now(), 0u32);
        while start.elapsed() < Duration::from_secs(1) {
            file.write_all(&[7; 4096])?;
            file.sync_data()?;
            count += 1;
        }
        Ok(f64::from(count) / start.elapsed().as_secs_f64())
    };
    let rate = measure().map_err(|error| format!("cannot measure the disk: {error}"))?;
    let _ = fs::remove_file(&path);
    figures.add("machine: fsync of 4 kB", rate, "/s", Bar::None);
    Ok(())
}

/// The cheapest request over the same client and stack.
pub fn livez_rate(figures: &mut Figures, subject: &Subject, database: &str) -> Result<()> {
    let outcome = load::closed_for(subject, &Session::default(), 8, Duration::from_secs(2), &|client, _| client.get("/livez"))?;
    figures.add(format!("{database}: machine: /livez, 8 connections"), outcome.per_second(), "/s", Bar::None);
    Ok(())
}
