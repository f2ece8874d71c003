//! The server under measurement: started as people start it, in a fresh data folder on disk, and used only through
//! its public interface.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::http::{Client, Response, Session};
use crate::postgres::Postgres;
use crate::{Result, process, workspace};

const EMAIL: &str = "bench@example.org";
const PASSWORD: &str = "correct horse battery staple";
/// PostgreSQL installations must bring a key; this one protects nothing.
const SECRET_KEY: &str = "bench:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

#[derive(Clone, Copy, PartialEq)]
pub enum Database {
    Sqlite,
    Postgres,
}

pub const BOTH: [Database; 2] = [Database::Sqlite, Database::Postgres];

impl Database {
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// A place for one server's data, kept over restarts of that server.
pub struct Home {
    pub folder: PathBuf,
    binary: PathBuf,
    postgres: Option<Postgres>,
}

pub struct Subject {
    child: Child,
    pub address: SocketAddr,
    /// From starting the process to the first 200 of /readyz.
    pub ready_after: Duration,
}

impl Home {
    pub fn new(binary: &Path, database: Database) -> Result<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = workspace::root().join(format!("target/bench/data-{}-{}-{number}", database.name(), std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        workspace::create_dir(&folder)?;
        let postgres = (database == Database::Postgres).then(Postgres::start).transpose()?;
        Ok(Self { folder, binary: binary.to_path_buf(), postgres })
    }

    /// The binary with everything set but the command.
    pub fn command(&self, port: u16) -> Command {
        let mut command = process::command(&self.binary);
        command
            .env("OPSGUARD_ADDR", format!("127.0.0.1:{port}"))
            .env("OPSGUARD_PUBLIC_URL", format!("http://127.0.0.1:{port}"))
            .env("OPSGUARD_DATA_DIR", &self.folder)
            .env("OPSGUARD_ADMIN_EMAIL", EMAIL)
            .env("OPSGUARD_ADMIN_PASSWORD", PASSWORD)
            .env("OPSGUARD_SECRET_KEY", SECRET_KEY)
            .env("OPSGUARD_LOG", "warn")
            .stdin(Stdio::null());
        if let Some(postgres) = &self.postgres {
            command.env("OPSGUARD_DATABASE_URL", postgres.url());
        }
        command
    }

    /// After a mass of writes: what PostgreSQL does by itself within minutes, done now, so that it neither runs beside the
    /// measurement nor is missing from it.
    pub fn settle(&self) -> Result<()> {
        match &self.postgres {
            Some(postgres) => postgres.settle(),
            None => Ok(()),
        }
    }

    pub fn serve(&self, args: &[&str]) -> Result<Subject> {
        let port = process::free_port()?;
        let log = File::create(self.folder.join("server.log")).map_err(|error| format!("cannot write the server's log: {error}"))?;
        let start = Instant::now();
        let child = self
            .command(port)
            .arg("serve")
            .args(args)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(|error| format!("cannot start {}: {error}", self.binary.display()))?;
        let mut subject = Subject { child, address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)), ready_after: Duration::ZERO };
        subject.wait_until_ready(start).map_err(|error| {
            let log = fs::read_to_string(self.folder.join("server.log")).unwrap_or_default();
            format!("{error}\n{log}")
        })?;
        Ok(subject)
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Subject {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Resident memory in MB.
    pub fn rss_mb(&self) -> Result<f64> {
        let status = workspace::read(Path::new(&format!("/proc/{}/status", self.pid())))?;
        rss_kb(&status).map(|kb| kb / 1000.0 * 1.024).ok_or_else(|| "/proc has no VmRSS for the server".into())
    }

    /// Seconds of a core that the server has used.
    pub fn cpu_seconds(&self) -> Result<f64> {
        let stat = workspace::read(Path::new(&format!("/proc/{}/stat", self.pid())))?;
        cpu_ticks(&stat).map(|ticks| ticks / TICKS).ok_or_else(|| "/proc has no times for the server".into())
    }

    pub fn connect(&self, session: &Session) -> Result<Client> {
        Client::connect(self.address, session).map_err(|error| format!("cannot connect to the server: {error}"))
    }

    pub fn sign_in(&self) -> Result<Session> {
        let mut client = self.connect(&Session::default())?;
        let answer = expect(client.post("/api/v1/session", &json!({ "email": EMAIL, "password": PASSWORD }).to_string()), "sign in")?;
        let cookies = answer.headers.iter().filter(|(name, _)| name == "set-cookie").filter_map(|(_, value)| value.split(';').next());
        let cookie = cookies.collect::<Vec<_>>().join("; ");
        if cookie.is_empty() { Err("signing in set no cookie".into()) } else { Ok(Session { cookie, gzip: false }) }
    }

    /// A new service with one generic integration: the service's id and the path that takes alerts.
    pub fn alert_source(&self, session: &Session, name: &str) -> Result<(String, String)> {
        let mut client = self.connect(session)?;
        let service = value(&expect(client.post("/api/v1/services", &json!({ "name": name }).to_string()), "create a service")?)?;
        let id = text(&service, "id")?;
        let body = json!({ "kind": "generic", "name": "bench" }).to_string();
        let integration = value(&expect(client.post(&format!("/api/v1/services/{id}/integrations"), &body), "create an integration")?)?;
        Ok((id, format!("/in/generic/{}", text(&integration, "key")?)))
    }

    /// The body of an answer that is not JSON.
    pub fn text(&self, session: &Session, path: &str) -> Result<String> {
        Ok(expect(self.connect(session)?.get(path), path)?.text())
    }

    pub fn read(&self, session: &Session, path: &str) -> Result<Value> {
        value(&expect(self.connect(session)?.get(path), path)?)
    }

    fn wait_until_ready(&mut self, start: Instant) -> Result<()> {
        while start.elapsed() < Duration::from_secs(60) {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(format!("the server ended with {status}"));
            }
            let ready = Client::connect(self.address, &Session::default()).and_then(|mut client| client.get("/readyz"));
            if ready.is_ok_and(|answer| answer.status == 200) {
                self.ready_after = start.elapsed();
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        Err("the server was not ready after 60 s".into())
    }
}

impl Drop for Subject {
    fn drop(&mut self) {
        process::signal(self.child.id(), "TERM");
        process::reap(&mut self.child, Duration::from_secs(15));
    }
}

/// The answer, if it is a success; the reason otherwise.
pub fn expect(answer: std::io::Result<Response>, what: &str) -> Result<Response> {
    let answer = answer.map_err(|error| format!("{what}: {error}"))?;
    if answer.is_success() { Ok(answer) } else { Err(format!("{what}: {} {}", answer.status, answer.text())) }
}

fn value(answer: &Response) -> Result<Value> {
    serde_json::from_slice(&answer.body).map_err(|error| format!("not JSON ({error}): {}", answer.text()))
}

fn text(value: &Value, field: &str) -> Result<String> {
    value[field].as_str().map(str::to_owned).ok_or_else(|| format!("the answer has no `{field}`: {value}"))
}

/// Of a second, as /proc counts on every Linux of today.
const TICKS: f64 = 100.0;

/// In user and in kernel mode, which follow the name (in brackets, with whatever it has) and eleven other fields.
fn cpu_ticks(stat: &str) -> Option<f64> {
    let mut times = stat.rsplit_once(')')?.1.split_whitespace().skip(11).map_while(|field| field.parse::<f64>().ok());
    Some(times.next()? + times.next()?)
}

fn rss_kb(status: &str) -> Option<f64> {
    status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    #[test]
    fn reads_time_on_cores() {
        let stat = "4711 (ops (guard)) S 1 4711 4711 0 -1 4194560 1 0 0 0 250 50 0 0 20 0 9 0 100 1 2";
        assert_eq!(super::cpu_ticks(stat), Some(300.0));
        assert_eq!(super::cpu_ticks("4711 (x) S 1"), None);
    }

    #[test]
    fn reads_resident_memory() {
        assert_eq!(super::rss_kb("Name:\tx\nVmHWM:\t  99 kB\nVmRSS:\t  52340 kB\n"), Some(52340.0));
        assert_eq!(super::rss_kb("Name:\tx\n"), None);
    }
}
