//! How reading grows: the list, searches and home with 1,000,000 incidents against the same with 1,000.
//!
//! The small installation takes its incidents as alerts. The large one is its backup, with every incident and its alert a
//! thousand times (a day apart, each copy with a title and a number of its own) and restored: months of ingest in minutes, by
//! the product's own way in. The journal is not multiplied.
//!
//! One client, one request at a time: what is compared is the cost of a request, not what queues behind another. Both are asked
//! for pages of as many rows: where the small installation has fewer than fill a page, through REST, which takes a `page_size`.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::{Value, json};

use super::figures::{Bar, Figures};
use super::http::Session;
use super::ingest::total;
use super::load;
use super::percentile::Latencies;
use super::subject::{BOTH, Database, Home, Subject};
use crate::{Result, process, workspace};

const SMALL: usize = 1_000;
const TIMES: usize = 1_000;
/// One ten of incidents in so many is not over.
const LIVE_EACH: usize = 20;
const REQUESTS: usize = 200;
const AT_MOST: f64 = 2.0;
const DAY_MS: i64 = 86_400_000;
/// Rows of one part of the archive.
const PART: usize = 10_000;

/// What is asked, and what the answer must show, so that an empty page is not taken for a quick one.
const ASKED: [(&str, &str, &str); 8] = [
    ("list", "/incidents", "Node"),
    ("list of everything", "/incidents?status=all", "Node"),
    ("search, rare term", "/incidents?status=all&q=node998", "Node998"),
    ("search, term in 1 %", "/api/v1/incidents?q=certificate&page_size=10", "certificate"),
    ("search, term in 50 %", "/incidents?status=all&q=checkout", "checkout"),
    ("search, term in 50 % and newest first", "/incidents?status=all&q=checkout&sort=newest", "checkout"),
    (
        "search, phrase and filters",
        "/api/v1/incidents?status=open&status=acknowledged&status=in_progress&severity=critical&q=%22replication+lag%22&page_size=2",
        "replication lag",
    ),
    ("home", "/", "Node"),
];

pub fn run(binary: &Path) -> Result<Figures> {
    let mut figures = Figures::default();
    for database in BOTH {
        measure(binary, database, &mut figures)?;
    }
    Ok(figures)
}

fn measure(binary: &Path, database: Database, figures: &mut Figures) -> Result<()> {
    let name = database.name();
    println!("{name}: {SMALL} incidents");
    let small = Home::new(binary, database)?;
    let few = {
        let subject = small.serve(&[])?;
        seed(&subject)?;
        small.settle()?;
        medians(&subject, SMALL)?
    };
    println!("{name}: {} incidents", SMALL * TIMES);
    let large = Home::new(binary, database)?;
    multiply(&small, &large)?;
    drop(small);
    large.settle()?;
    let many = medians(&large.serve(&[])?, SMALL * TIMES)?;
    for (((what, ..), few), many) in ASKED.iter().zip(few).zip(many) {
        let note = format!("median of {REQUESTS}: {few:.1} ms, {many:.1} ms");
        figures.noted(format!("{name}: {what}"), many / few, "times", Bar::AtMost(AT_MOST), note);
    }
    Ok(())
}

/// What an incident of a number is called: half are of the checkout, one in a hundred is of a certificate, one in ten is a
/// replication lag and as many have these words apart, and each names a node of its own.
fn title(number: usize) -> String {
    let of = if number.is_multiple_of(2) { "checkout" } else { "billing" };
    let what = match number % 100 {
        7 => "certificate runs out",
        n if n % 10 == 3 => "replication lag grows",
        n if n % 10 == 4 => "lag of the replication",
        _ => "queue is not drained",
    };
    format!("Node{number} of {of}: {what}")
}

fn seed(subject: &Subject) -> Result<()> {
    let session = subject.sign_in()?;
    let (_, path) = subject.alert_source(&session, "bench")?;
    let alert = |number: usize, status: &str| {
        let severity = ["critical", "high", "medium", "low"][number / 100 % 4];
        json!({ "title": title(number), "severity": severity, "dedup_key": format!("node-{number}"), "status": status }).to_string()
    };
    // In order, so that an incident has the number of its title.
    let fired = load::closed(subject, &Session::default(), 1, SMALL, &|client, n| client.post(&path, &alert(n + 1, "firing")))?;
    let over = |n: &usize| !(n / 10).is_multiple_of(LIVE_EACH);
    let over: Vec<usize> = (1..=SMALL).filter(over).collect();
    let taken = load::closed(subject, &session, 2, over.len(), &|client, n| {
        client.post(&format!("/api/v1/incidents/{}/acknowledge", over[n]), "{}")
    })?;
    let resolved = load::closed(subject, &Session::default(), 2, over.len(), &|client, n| client.post(&path, &alert(over[n], "resolved")))?;
    match fired.failed + taken.failed + resolved.failed {
        0 => Ok(()),
        failed => Err(format!("seeding failed: {failed} requests were refused")),
    }
}

/// The median of each request in milliseconds, once the installation has as many incidents as it should.
fn medians(subject: &Subject, incidents: usize) -> Result<Vec<f64>> {
    let session = subject.sign_in()?;
    let there = total(subject, &session, "incidents")?;
    if there != incidents as f64 {
        return Err(format!("there are {there} incidents instead of {incidents}"));
    }
    let mut client = subject.connect(&session)?;
    let mut medians = Vec::new();
    for (what, path, shows) in ASKED {
        let mut samples = Vec::new();
        for _ in 0..REQUESTS {
            let start = Instant::now();
            let page = client.get(path).map_err(|error| format!("{what}: {error}"))?;
            samples.push(start.elapsed());
            if !page.is_success() || !page.text().contains(shows) {
                return Err(format!("{path} does not show {shows:?} ({})", page.status));
            }
        }
        medians.push(Latencies::new(samples).percentile(50.0));
    }
    Ok(medians)
}

/// Fills `large` with the backup of `small`, every incident and alert of it so many times.
fn multiply(small: &Home, large: &Home) -> Result<()> {
    let (backup, grown, open) = (small.folder.join("small.tar.gz"), large.folder.join("large.tar.gz"), large.folder.join("archive"));
    process::run_quietly(small.command(0).arg("backup").arg(&backup))?;
    workspace::create_dir(&open)?;
    process::run_quietly(process::command("tar").arg("-xzf").arg(&backup).arg("-C").arg(&open))?;
    let failed = |error: std::io::Error| format!("cannot multiply the backup: {error}");
    let tables = grow(&open).map_err(failed)?;
    let mut tar = process::command("tar");
    tar.args(["-I", "gzip -1", "-cf"]).arg(&grown).arg("-C").arg(&open).arg("manifest.json");
    process::run_quietly(tar.args(tables))?;
    fs::remove_dir_all(&open).map_err(failed)?;
    process::run_quietly(large.command(0).arg("restore").arg(&grown))?;
    fs::remove_file(&grown).map_err(failed)
}

/// Multiplies the rows of an archive that lies open in a folder; its members behind the manifest, in their order.
fn grow(archive: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut manifest: Value = serde_json::from_slice(&fs::read(archive.join("manifest.json"))?)?;
    let mut members = Vec::new();
    for table in manifest["tables"].as_array_mut().into_iter().flatten() {
        let name = table["name"].as_str().unwrap_or_default().to_owned();
        let columns: Vec<String> =
            table["columns"].as_array().into_iter().flatten().map(|c| c["name"].as_str().unwrap_or_default().to_owned()).collect();
        let folder = archive.join("rows").join(&name);
        if !folder.is_dir() {
            continue;
        }
        let rows = rows(&folder)?;
        let copies = match name.as_str() {
            "incident" | "alert" => TIMES,
            _ => 1,
        };
        table["rows"] = (rows.len() * copies).into();
        fs::remove_dir_all(&folder)?;
        fs::create_dir_all(&folder)?;
        let mut part = None;
        for (written, (copy, row)) in (0..copies).flat_map(|copy| rows.iter().map(move |row| (copy, row))).enumerate() {
            if written % PART == 0 {
                part = Some(BufWriter::new(File::create(folder.join(format!("{:06}.jsonl", written / PART + 1)))?));
            }
            let mut row = row.clone();
            shift(&name, &columns, &mut row, copy);
            if let Some(part) = part.as_mut() {
                serde_json::to_writer(&mut *part, &row)?;
                part.write_all(b"\n")?;
            }
        }
        drop(part);
        members.push(PathBuf::from("rows").join(name));
    }
    fs::write(archive.join("manifest.json"), serde_json::to_vec(&manifest)?)?;
    Ok(members)
}

fn rows(folder: &Path) -> std::io::Result<Vec<Vec<Value>>> {
    let mut rows = Vec::new();
    for part in fs::read_dir(folder)? {
        for line in BufReader::new(File::open(part?.path())?).lines() {
            rows.push(serde_json::from_str(&line?)?);
        }
    }
    Ok(rows)
}

/// Another id for each `plus`: three digits of its random end are counted on, of a uuid or, from SQLite, of base64.
fn other_id(id: &str, plus: usize) -> String {
    let (digits, end) = match id.strip_suffix("==") {
        Some(_) => ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", id.len() - 3),
        None => ("0123456789abcdef", id.len()),
    };
    let (kept, counted) = (&id[..end - 3], &id[end - 3..end]);
    let value = counted.chars().fold(0, |value, digit| value * digits.len() + digits.find(digit).unwrap_or(0)) + plus;
    let digit = |place: u32| &digits[value / digits.len().pow(place) % digits.len()..][..1];
    format!("{kept}{}{}{}{}", digit(2), digit(1), digit(0), &id[end..])
}

/// Makes a row the one of a copy. The last copy is the newest; it is the original but for its number and title.
fn shift(table: &str, columns: &[String], row: &mut [Value], copy: usize) {
    let before = DAY_MS * (TIMES - 1 - copy) as i64;
    let mut number = 0;
    for (column, value) in columns.iter().zip(row.iter_mut()) {
        match (table, column.as_str()) {
            ("incident", "number") => {
                number = value.as_u64().unwrap_or(0) as usize + copy * SMALL;
                *value = number.into();
            }
            ("counter", "value") => *value = (value.as_i64().unwrap_or(0) * TIMES as i64).into(),
            ("incident" | "alert", "id") | ("alert", "incident_id") => {
                if let Some(id) = value.as_str() {
                    *value = other_id(id, TIMES - 1 - copy).into();
                }
            }
            ("alert", "dedup_key") => *value = format!("{}-{copy}", value.as_str().unwrap_or_default()).into(),
            // What is resolved closes by itself after the measurement, not during it.
            ("incident", "auto_close_at") => {}
            ("incident" | "alert", at) if at.ends_with("_at") => {
                if let Some(ms) = value.as_i64() {
                    *value = (ms - before).into();
                }
            }
            _ => {}
        }
    }
    if table == "incident"
        && let Some(place) = columns.iter().position(|column| column == "title")
    {
        row[place] = title(number).into();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_one_in_a_hundred_and_one() {
        let titles: Vec<String> = (1..=SMALL).map(title).collect();
        let with = |word: &str| titles.iter().filter(|title| title.split([' ', ':']).any(|w| w == word)).count();
        assert_eq!((with("checkout"), with("certificate"), with("Node998")), (500, 10, 1));
        assert_eq!(titles.iter().filter(|title| title.contains("replication lag")).count(), 100);
    }

    #[test]
    fn copies_are_rows_of_their_own() {
        let columns = ["id", "number", "title", "created_at"].map(String::from);
        let row = |copy| {
            let mut row = vec![json!("0193-fff"), json!(7), json!(""), json!(DAY_MS * TIMES as i64)];
            shift("incident", &columns, &mut row, copy);
            row
        };
        let last = TIMES - 1;
        assert_eq!(
            row(last),
            vec![json!("0193-fff"), json!(7 + last * SMALL), json!(title(7 + last * SMALL)), json!(DAY_MS * TIMES as i64)]
        );
        assert_eq!(row(last - 1)[0], json!("0193-000"));
        assert_eq!(row(0), vec![json!("0193-3e6"), json!(7), json!(title(7)), json!(DAY_MS)]);
        assert_eq!(other_id("AaIbHqGzcjS8L8gnECgMPg==", 65), "AaIbHqGzcjS8L8gnECgNQg==");
    }
}
