//! A private PostgreSQL: an own cluster in a fresh folder on a free port, gone when the guard is dropped.
//!
//! Tests never skip for want of a database and never touch one that a person uses. PostgreSQL refuses to run as
//! root, so in containers it runs as another user. If this process is killed, the kernel stops the server for us
//! (parent-death signal) and the next start sweeps the folder away.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::{Result, process};

const DEBIAN_FOLDER: &str = "/usr/lib/postgresql";
const PREFIX: &str = "opsguard-pg-";
const REMEDY: &str = "install PostgreSQL's server programs (Debian: apt install postgresql; macOS: brew install postgresql@16)";

pub struct Postgres {
    child: Child,
    folder: PathBuf,
    port: u16,
}

/// `cargo xtask postgres`.
pub fn run() -> Result<()> {
    let mut postgres = Postgres::start()?;
    println!("OPSGUARD_TEST_POSTGRES={}", postgres.url());
    println!("Ctrl-C ends it; its data goes with it.");
    postgres.child.wait().map(drop).map_err(|error| format!("cannot wait for PostgreSQL: {error}"))
}

impl Postgres {
    /// Ready to accept connections when this returns. Another program can take the port between our look and
    /// PostgreSQL's bind, so it is tried a few times.
    pub fn start() -> Result<Self> {
        let programs = programs()?;
        sweep();
        let user = User::needed()?;
        let folder = fresh_folder(user.as_ref())?;
        let data = folder.join("data");
        process::run_quietly(
            unprivileged(user.as_ref(), &programs.join("initdb"))
                .arg("-D")
                .arg(&data)
                .args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "-N"])
                .arg(if cfg!(target_os = "linux") { "--locale=C.UTF-8" } else { "--locale=C" }),
        )?;
        let mut last = String::new();
        for _ in 0..5 {
            match start_server(&programs, user.as_ref(), &folder) {
                Ok((child, port)) => {
                    return Ok(Self { child, folder, port });
                }
                Err(error) => last = error,
            }
        }
        let _ = fs::remove_dir_all(&folder);
        Err(last)
    }

    /// A superuser's connection; tests create their own databases through it.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Vacuums and analyses every table, and writes out what is dirty.
    pub fn settle(&self) -> Result<()> {
        let commands = ["--quiet", "--command", "VACUUM ANALYZE", "--command", "CHECKPOINT"];
        process::run_quietly(process::command(programs()?.join("psql")).arg(self.url()).args(commands)).map(drop)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // SIGINT is the fast shutdown (`pg_ctl stop -m fast`). The first line of the pid file is the server itself
        // even when `su` stands between us.
        let pid = fs::read_to_string(self.folder.join("data/postmaster.pid")).ok();
        let pid = pid.and_then(|text| text.lines().next()?.trim().parse().ok()).unwrap_or(self.child.id());
        process::signal(pid, "INT");
        process::reap(&mut self.child, Duration::from_secs(15));
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn start_server(programs: &Path, user: Option<&User>, folder: &Path) -> Result<(Child, u16)> {
    let port = process::free_port()?;
    let mut child = unprivileged(user, &programs.join("postgres"))
        .arg("-D")
        .arg(folder.join("data"))
        .arg("-k")
        .arg(folder)
        .args(["-h", "127.0.0.1", "-p", &port.to_string(), "-c", "max_connections=200", "-c", "fsync=on"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot start PostgreSQL: {error}"))?;
    match wait_until_ready(&mut child, &folder.join("server.log")) {
        Ok(()) => Ok((child, port)),
        Err(error) => {
            process::reap(&mut child, Duration::ZERO);
            Err(error)
        }
    }
}

/// Reads the server's log until it says that it is ready, then keeps draining it into a file.
fn wait_until_ready(child: &mut Child, log: &Path) -> Result<()> {
    let stderr = child.stderr.take().ok_or("PostgreSQL has no log")?;
    let mut lines = BufReader::new(stderr).lines().map_while(std::result::Result::ok);
    let deadline = Instant::now() + Duration::from_secs(60);
    let mut seen = Vec::new();
    for line in lines.by_ref() {
        let ready = line.contains("ready to accept connections");
        seen.push(line);
        if ready {
            let mut file = fs::File::create(log).map_err(|error| format!("cannot write {}: {error}", log.display()))?;
            thread::spawn(move || lines.for_each(|line| drop(std::io::Write::write_all(&mut file, format!("{line}\n").as_bytes()))));
            return Ok(());
        }
        if Instant::now() > deadline {
            break;
        }
    }
    Err(format!("PostgreSQL did not start:\n{}", seen.join("\n")))
}

/// The folder with initdb and postgres: Debian keeps them off PATH, one folder per major version.
fn programs() -> Result<PathBuf> {
    let versions = fs::read_dir(DEBIAN_FOLDER).into_iter().flatten().flatten().map(|entry| entry.path());
    newest(versions.filter(|path| path.join("bin/initdb").is_file()))
        .map(|path| path.join("bin"))
        .or_else(|| process::on_path("initdb")?.parent().map(Path::to_path_buf))
        .ok_or_else(|| format!("PostgreSQL's initdb is neither under {DEBIAN_FOLDER} nor on PATH: {REMEDY}"))
}

fn newest(folders: impl Iterator<Item = PathBuf>) -> Option<PathBuf> {
    folders.max_by_key(|path| path.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok()).unwrap_or(0))
}

struct User {
    name: &'static str,
    uid: u32,
    gid: u32,
}

impl User {
    /// Only root needs another user.
    fn needed() -> Result<Option<Self>> {
        let id = |args: &[&str]| process::run_quietly(process::command("id").args(args)).ok()?.trim().parse::<u32>().ok();
        if id(&["-u"]) != Some(0) {
            return Ok(None);
        }
        ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| Some(Self { name, uid: id(&["-u", name])?, gid: id(&["-g", name])? }))
            .map(Some)
            .ok_or_else(|| "PostgreSQL refuses to run as root, and there is neither a user `postgres` nor `nobody`".into())
    }
}

/// A command as that user, which the kernel interrupts when we die.
fn unprivileged(user: Option<&User>, program: &Path) -> Command {
    let mut command = match (process::on_path("setpriv"), user) {
        (Some(setpriv), user) => {
            let mut command = process::command(setpriv);
            if let Some(User { uid, gid, .. }) = user {
                command.args([&format!("--reuid={uid}"), &format!("--regid={gid}"), "--clear-groups"]);
            }
            command.args(["--pdeathsig", "INT", "--"]).arg(program);
            command
        }
        (None, Some(user)) => {
            let mut su = process::command("su");
            su.args(["-s", "/bin/sh", user.name, "-c", "exec \"$0\" \"$@\""]).arg(program);
            su
        }
        (None, None) => process::command(program),
    };
    // The checkout may lie where that user cannot go.
    command.current_dir(std::env::temp_dir());
    command
}

fn fresh_folder(user: Option<&User>) -> Result<PathBuf> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("{PREFIX}{}-{number}", std::process::id()));
    let failed = |error: std::io::Error| format!("cannot prepare {}: {error}", folder.display());
    fs::create_dir(&folder).map_err(failed)?;
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).map_err(failed)?;
    if let Some(user) = user {
        chown(&folder, Some(user.uid), Some(user.gid)).map_err(failed)?;
    }
    Ok(folder)
}

/// Removes folders whose process is gone: somebody ended it without giving the guard a chance.
fn sweep() {
    let entries = fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten();
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        if owner(&name).is_some_and(|pid| !alive(pid)) && entry.metadata().is_ok_and(|meta| meta.is_dir()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn owner(folder_name: &str) -> Option<u32> {
    folder_name.strip_prefix(PREFIX)?.split('-').next()?.parse().ok()
}

fn alive(pid: u32) -> bool {
    Command::new("kill").args(["-0", &pid.to_string()]).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_is_a_number_not_a_word() {
        let folders = ["/x/9", "/x/15", "/x/16beta", "/x/14"].map(PathBuf::from);
        assert_eq!(newest(folders.into_iter()), Some(PathBuf::from("/x/15")));
    }

    #[test]
    fn only_our_own_folders_are_swept() {
        assert_eq!(owner("opsguard-pg-4711-0"), Some(4711));
        assert_eq!(owner("opsguard-pg-"), None);
        assert_eq!(owner("postgres-data"), None);
    }
}
