//! Commands about what is stored: schema, demo data, backup, restore.

use std::{
    fs,
    io::{ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, bail};
use clap::Args;
use services::{
    Actor, App, Clock, Cx, Request,
    backup::{self, Key, Manifest},
    demo::{self, State, Summary},
    store::{Kind, Store, keyring, migrate as schema},
};

use crate::config::Config;

/// The passphrase of a backup's key, when no file is named.
const PASSPHRASE: &str = "OPSGUARD_BACKUP_PASSPHRASE";

#[derive(Debug, Args)]
pub(super) struct Backup {
    /// The file to write; it must not exist.
    file: PathBuf,
    /// Takes the key ring along, sealed under a passphrase of 12 characters or more.
    #[arg(long)]
    with_key: bool,
    /// The file with the passphrase; OPSGUARD_BACKUP_PASSPHRASE unless given.
    #[arg(long, requires = "with_key")]
    passphrase_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Restore {
    /// The backup.
    file: PathBuf,
    /// Also writes the key ring of the backup to `secret.key` in the data folder.
    #[arg(long)]
    with_key: bool,
    /// The file with the passphrase; OPSGUARD_BACKUP_PASSPHRASE unless given.
    #[arg(long, requires = "with_key")]
    passphrase_file: Option<PathBuf>,
}

pub(super) async fn migrate(config: &Config, dry_run: bool) -> anyhow::Result<()> {
    let store = Store::open(&config.database_url).await?;
    let pending = schema::pending(&store).await?;
    if pending.is_empty() {
        println!("The schema is up to date.");
    } else if dry_run {
        println!("Would apply: {}", pending.join(", "));
    } else {
        println!("Applied: {}", schema::run(&store).await?.join(", "));
    }
    store.close().await?;
    Ok(())
}

fn cx(app: &Arc<App>) -> Cx {
    Cx::new(app.clone(), Actor::system(), Request::inside("cli"))
}

pub(super) async fn seed_demo(config: &Config, remove: bool) -> anyhow::Result<()> {
    let app = App::open(config.options()).await?;
    let done = if remove { removed(&app).await } else { seeded(&app).await };
    app.stop().await?;
    done
}

async fn seeded(app: &Arc<App>) -> anyhow::Result<()> {
    let Summary { teams, people, services, integrations, incidents, live, alerts } = demo::seed(&cx(app)).await?;
    println!(
        "  Demo data: {teams} teams, {people} people, {services} services with {integrations} integrations, {incidents} incidents ({live} not over) from {alerts} alerts."
    );
    println!("  {HOW_TO_REMOVE}");
    Ok(())
}

const HOW_TO_REMOVE: &str = "Take it out again: opsguard seed-demo --remove (with SQLite, stop the server first).";

async fn removed(app: &Arc<App>) -> anyhow::Result<()> {
    let gone = demo::remove(&cx(app)).await?;
    println!(
        "Removed: {} incidents, {} alerts, {} services, {} people, {} teams. The journal keeps its entries.",
        gone.incidents, gone.alerts, gone.services, gone.people, gone.teams
    );
    if gone.archived > 0 {
        println!("Archived instead, because something else refers to them: {} people and teams.", gone.archived);
    }
    Ok(())
}

/// `serve --demo`: an empty installation gets the demo, any other stays as it is.
pub async fn ensure_demo(app: &Arc<App>) -> anyhow::Result<()> {
    match demo::state(&cx(app)).await? {
        State::Empty => seeded(app).await,
        State::Seeded => {
            println!("  The demo data is here already. {HOW_TO_REMOVE}");
            Ok(())
        }
        State::CutOff => {
            demo::remove(&cx(app)).await?;
            seeded(app).await
        }
        State::InUse => {
            println!("  This installation is in use, so --demo adds nothing; `opsguard seed-demo` does.");
            Ok(())
        }
    }
}

/// The passphrase from the file, or from the environment.
fn passphrase(file: Option<&Path>) -> anyhow::Result<String> {
    let text = match file {
        Some(path) => fs::read_to_string(path)
            .with_context(|| format!("--passphrase-file {} cannot be read; right: the path of a readable file", path.display()))?,
        None => std::env::var(PASSPHRASE)
            .ok()
            .with_context(|| format!("--with-key needs a passphrase; right: --passphrase-file PATH, or {PASSPHRASE} in the environment"))?,
    };
    Ok(text.trim().to_owned())
}

pub(super) async fn backup(config: &Config, what: Backup) -> anyhow::Result<()> {
    // With SQLite the server may have the file: reading beside it is allowed, writing is not.
    let store = Store::peek(&config.database_url).await?;
    let ring =
        if what.with_key { Some((keyring::text(&store, &config.options())?, passphrase(what.passphrase_file.as_deref())?)) } else { None };
    let key = ring.as_ref().map(|(ring, passphrase)| Key { ring, passphrase });
    let manifest = backup::backup(&store, &what.file, Clock::default().now(), key).await?;
    store.close().await?;
    let bytes = fs::metadata(&what.file).map_or(0, |meta| meta.len());
    println!("{}: {} rows as of {}, {bytes} bytes.", what.file.display(), rows(&manifest), manifest.made_at.rfc3339());
    if !what.with_key {
        println!(
            "The key is not inside. Keep OPSGUARD_SECRET_KEY (or secret.key of the data folder) apart from it: without the key, stored secrets cannot be read again."
        );
    }
    Ok(())
}

fn rows(manifest: &Manifest) -> u64 {
    manifest.tables.iter().map(|t| t.rows).sum()
}

pub(super) async fn restore(config: &Config, what: Restore) -> anyhow::Result<()> {
    let ring = if what.with_key {
        let found = backup::open_key(&what.file, &passphrase(what.passphrase_file.as_deref())?).await?;
        Some(found.with_context(|| {
            format!(
                "{} was made without its key; right: restore without --with-key, and give the old OPSGUARD_SECRET_KEY",
                what.file.display()
            )
        })?)
    } else {
        None
    };
    let key_file = config.data_dir.join("secret.key");
    if let Some(ring) = &ring {
        put_key(&key_file, ring)?;
    }
    let store = Store::open(&config.database_url).await?;
    let manifest = backup::restore(&store, &what.file, Clock::default().now()).await?;
    let kind = store.kind;
    store.close().await?;
    println!("Restored {} rows as of {}. Everybody signs in again.", rows(&manifest), manifest.made_at.rfc3339());
    match (kind, ring.is_some()) {
        (Kind::Sqlite, true) => println!("The key is in {}.", key_file.display()),
        (Kind::Postgres, true) => println!("The key is in {}; every node needs it: OPSGUARD_SECRET_KEY_FILE={0}", key_file.display()),
        (Kind::Sqlite, false) => {
            println!("Before the first start, put the old secret.key at {}, or give the old OPSGUARD_SECRET_KEY.", key_file.display())
        }
        (Kind::Postgres, false) => println!("Start it with the OPSGUARD_SECRET_KEY of the installation that the backup is of."),
    }
    Ok(())
}

/// Writes the ring where nothing else stands.
fn put_key(path: &Path, ring: &str) -> anyhow::Result<()> {
    let place = || format!("{} cannot be written; right: OPSGUARD_DATA_DIR names a folder that may be written", path.display());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(place)?;
    }
    match fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(mut file) => file.write_all(ring.as_bytes()).and_then(|()| file.sync_all()).with_context(place),
        Err(e) if e.kind() == ErrorKind::AlreadyExists => {
            if fs::read_to_string(path).with_context(place)?.trim() == ring {
                return Ok(());
            }
            bail!("{} holds another key; right: move it away, or restore into an empty data folder", path.display())
        }
        Err(e) => Err(e).with_context(place),
    }
}
