//! Configuration: environment variables, and the same keys in `opsguard.toml`. A wrong value stops the start with one line
//! that names the key, its fault and a right example.

use std::{
    collections::BTreeMap,
    fs,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

/// Everything that can be configured.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen.
    pub addr: SocketAddr,
    /// The address that people and programs use; no slash at the end.
    pub public_url: String,
    /// Where OpsGuard keeps its files.
    pub data_dir: PathBuf,
    /// The database.
    pub database_url: String,
    /// The key ring.
    pub secret_key: Option<String>,
    /// The first administrator, for an unattended first start.
    pub admin: Option<(String, String)>,
    /// Proxies whose X-Forwarded-For is believed: address and prefix length.
    pub trusted_proxies: Vec<(IpAddr, u8)>,
    /// Certificate chain and key, PEM.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// The log filter.
    pub log: String,
    /// The name of the installation.
    pub instance: String,
    /// The bearer token of `/metrics`; without one it is closed.
    pub metrics_token: Option<String>,
}

/// The keys, each with what it is for: the README lists them from here.
pub const KEYS: [(&str, &str); 14] = [
    ("OPSGUARD_ADDR", "where to listen; default 127.0.0.1:3000"),
    ("OPSGUARD_PUBLIC_URL", "the address that people use; default http://<addr>"),
    ("OPSGUARD_DATA_DIR", "files of OpsGuard; default ./data"),
    ("OPSGUARD_DATABASE_URL", "sqlite:<path> or postgres://user:password@host/name; default SQLite in the data folder"),
    ("OPSGUARD_SECRET_KEY", "kid:key,.. with keys of 32 characters and more; made on the first start with SQLite"),
    ("OPSGUARD_ADMIN_EMAIL", "first administrator, for an unattended first start"),
    ("OPSGUARD_ADMIN_PASSWORD", "their password"),
    ("OPSGUARD_TRUSTED_PROXIES", "addresses or networks whose X-Forwarded-For is believed, such as 10.0.0.0/8,127.0.0.1"),
    ("OPSGUARD_TLS_CERT", "certificate chain, PEM; read again when it changes"),
    ("OPSGUARD_TLS_KEY", "its key, PEM"),
    ("OPSGUARD_LOG", "log filter; default info"),
    ("OPSGUARD_INSTANCE", "the name of the installation; default OpsGuard"),
    ("OPSGUARD_METRICS_TOKEN", "bearer token of /metrics; without it /metrics is closed"),
    ("OPSGUARD_CONFIG", "path of a file with the same keys; default opsguard.toml in the working folder, when it is there"),
];

impl Config {
    /// From the environment and the file.
    pub fn from_env() -> Result<Self, String> {
        let env = |key: &str| std::env::var(key).ok();
        let path = env("OPSGUARD_CONFIG");
        let file = match fs::read_to_string(path.as_deref().unwrap_or("opsguard.toml")) {
            Ok(text) => Some(text),
            Err(_) if path.is_none() => None,
            Err(e) => return Err(format!("OPSGUARD_CONFIG: {}: {e}; right: the path of a readable file", path.unwrap_or_default())),
        };
        Self::read(env, file.as_deref())
    }

    /// From these sources; the environment goes before the file.
    pub fn read(env: impl Fn(&str) -> Option<String>, file: Option<&str>) -> Result<Self, String> {
        let file = parse_file(file.unwrap_or_default())?;
        let value = |key: &str| -> Result<Option<String>, String> {
            let secret = format!("{key}_FILE");
            if let Some(path) = env(&secret).or_else(|| file.get(&secret).cloned()) {
                let text = fs::read_to_string(&path).map_err(|e| format!("{secret}: {path}: {e}; right: the path of a readable file"))?;
                return Ok(Some(text.trim().to_owned()));
            }
            Ok(env(key).or_else(|| file.get(key).cloned()).filter(|v| !v.trim().is_empty()))
        };
        let addr_text = value("OPSGUARD_ADDR")?.unwrap_or_else(|| "127.0.0.1:3000".into());
        let addr: SocketAddr =
            addr_text.parse().map_err(|_| format!("OPSGUARD_ADDR is {addr_text:?}, not an address with a port; right: 0.0.0.0:3000"))?;
        let tls = match (value("OPSGUARD_TLS_CERT")?, value("OPSGUARD_TLS_KEY")?) {
            (Some(cert), Some(key)) => Some((cert.into(), key.into())),
            (None, None) => None,
            (Some(_), None) => {
                return Err("OPSGUARD_TLS_KEY is missing beside OPSGUARD_TLS_CERT; right: the path of the certificate's key".into());
            }
            (None, Some(_)) => {
                return Err("OPSGUARD_TLS_CERT is missing beside OPSGUARD_TLS_KEY; right: the path of the certificate chain".into());
            }
        };
        let scheme = if tls.is_some() { "https" } else { "http" };
        let public_url = value("OPSGUARD_PUBLIC_URL")?.unwrap_or_else(|| format!("{scheme}://{addr}")).trim_end_matches('/').to_owned();
        let host = public_url.split_once("://").filter(|(s, h)| matches!(*s, "http" | "https") && !h.is_empty() && !h.contains('/'));
        if host.is_none() {
            return Err(format!("OPSGUARD_PUBLIC_URL is {public_url:?}, not an address without a path; right: https://ops.example.org"));
        }
        let data_dir = PathBuf::from(value("OPSGUARD_DATA_DIR")?.unwrap_or_else(|| "./data".into()));
        let database_url = value("OPSGUARD_DATABASE_URL")?.unwrap_or_else(|| format!("sqlite:{}", data_dir.join("opsguard.db").display()));
        if !["sqlite:", "postgres://", "postgresql://"].iter().any(|s| database_url.starts_with(s)) {
            return Err(
                "OPSGUARD_DATABASE_URL is not a database address; right: sqlite:data/opsguard.db or postgres://user:password@host/name"
                    .into(),
            );
        }
        let admin = match (value("OPSGUARD_ADMIN_EMAIL")?, value("OPSGUARD_ADMIN_PASSWORD")?) {
            (Some(email), Some(password)) => Some((email, password)),
            (None, None) => None,
            _ => return Err("OPSGUARD_ADMIN_EMAIL and OPSGUARD_ADMIN_PASSWORD go together; right: give both, or neither".into()),
        };
        let trusted_proxies = value("OPSGUARD_TRUSTED_PROXIES")?.unwrap_or_default();
        let trusted_proxies = trusted_proxies.split(',').map(str::trim).filter(|p| !p.is_empty()).map(network).collect::<Result<_, _>>()?;
        Ok(Self {
            addr,
            public_url,
            data_dir,
            database_url,
            secret_key: value("OPSGUARD_SECRET_KEY")?,
            admin,
            trusted_proxies,
            tls,
            log: value("OPSGUARD_LOG")?.unwrap_or_else(|| "info".into()),
            instance: value("OPSGUARD_INSTANCE")?.unwrap_or_else(|| "OpsGuard".into()),
            metrics_token: value("OPSGUARD_METRICS_TOKEN")?,
        })
    }

    /// Whether people reach it by https.
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    /// `ops.example.org`, with the port when there is one.
    pub fn public_host(&self) -> Option<&str> {
        self.public_url.split_once("://").map(|(_, host)| host)
    }

    /// Whether an address is a trusted proxy.
    pub fn trusts(&self, ip: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|(net, bits)| contains(*net, *bits, ip))
    }

    /// What the node is opened with.
    pub fn options(&self) -> services::Options {
        services::Options { database_url: self.database_url.clone(), data_dir: self.data_dir.clone(), secret_key: self.secret_key.clone() }
    }
}

fn parse_file(text: &str) -> Result<BTreeMap<String, String>, String> {
    let table: toml::Table = text.parse().map_err(|e: toml::de::Error| format!("opsguard.toml: {}", e.to_string().replace('\n', " ")))?;
    let mut out = BTreeMap::new();
    for (key, value) in table {
        let bare = key.strip_suffix("_FILE").unwrap_or(&key);
        if !KEYS.iter().any(|(known, _)| *known == bare) {
            return Err(format!("opsguard.toml: {key} is not a key; right: one of {}", KEYS.map(|k| k.0).join(", ")));
        }
        let text = match value {
            toml::Value::String(s) => s,
            toml::Value::Integer(i) => i.to_string(),
            other => return Err(format!("opsguard.toml: {key} is {}; right: a text in quotes", other.type_str())),
        };
        out.insert(key, text);
    }
    Ok(out)
}

fn network(text: &str) -> Result<(IpAddr, u8), String> {
    let wrong = || format!("OPSGUARD_TRUSTED_PROXIES has {text:?}, not an address or network; right: 10.0.0.0/8,127.0.0.1");
    let (ip, bits) = text.split_once('/').unwrap_or((text, ""));
    let ip: IpAddr = ip.parse().map_err(|_| wrong())?;
    let most = if ip.is_ipv4() { 32 } else { 128 };
    let bits = if bits.is_empty() { most } else { bits.parse().ok().filter(|b| *b <= most).ok_or_else(wrong)? };
    Ok((ip, bits))
}

fn contains(net: IpAddr, bits: u8, ip: IpAddr) -> bool {
    let number = |ip: IpAddr| match ip {
        IpAddr::V4(v4) => (u128::from(u32::from(v4)) << 96, 32),
        IpAddr::V6(v6) => (u128::from(v6), 128),
    };
    let ((net, width), (ip, other)) = (number(net), number(ip));
    width == other && (bits == 0 || (net ^ ip) >> (128 - u32::from(bits)) == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)], file: &str) -> Result<Config, String> {
        let pairs: BTreeMap<String, String> = pairs.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
        Config::read(|k| pairs.get(k).cloned(), Some(file))
    }

    #[test]
    fn nothing_configured_is_a_working_start() {
        let c = read(&[], "").unwrap();
        assert_eq!((c.addr.to_string().as_str(), c.public_url.as_str()), ("127.0.0.1:3000", "http://127.0.0.1:3000"));
        assert_eq!(c.database_url, "sqlite:./data/opsguard.db");
    }

    #[test]
    fn the_environment_goes_before_the_file() {
        let file = "OPSGUARD_ADDR = \"0.0.0.0:80\"\nOPSGUARD_INSTANCE = \"Acme\"";
        let c = read(&[("OPSGUARD_ADDR", "127.0.0.1:9")], file).unwrap();
        assert_eq!((c.addr.port(), c.instance.as_str()), (9, "Acme"));
    }

    #[test]
    fn a_wrong_value_is_named_with_a_right_example() {
        for (key, value) in [
            ("OPSGUARD_ADDR", "3000"),
            ("OPSGUARD_PUBLIC_URL", "ops.example.org"),
            ("OPSGUARD_PUBLIC_URL", "https://x/y"),
            ("OPSGUARD_DATABASE_URL", "mysql://x"),
            ("OPSGUARD_TRUSTED_PROXIES", "10.0.0.0/33"),
            ("OPSGUARD_TLS_CERT", "a.pem"),
            ("OPSGUARD_ADMIN_EMAIL", "a@b.c"),
        ] {
            let fault = read(&[(key, value)], "").unwrap_err();
            assert!(fault.contains("OPSGUARD_") && fault.contains("right: "), "{key}: {fault}");
        }
        assert!(read(&[], "OPSGUARD_ADR = \"x\"").unwrap_err().contains("OPSGUARD_ADR is not a key"));
    }

    #[test]
    fn a_network_contains_its_addresses() {
        for (net, ip, inside) in [
            ("10.0.0.0/8", "10.9.9.9", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("127.0.0.1", "127.0.0.1", true),
            ("::1", "127.0.0.1", false),
            ("fd00::/8", "fd12::1", true),
        ] {
            let (n, bits) = network(net).unwrap();
            assert_eq!(contains(n, bits, ip.parse().unwrap()), inside, "{net} {ip}");
        }
    }

    #[test]
    fn the_readme_names_every_key() {
        let readme = include_str!("../../README.md");
        for (key, _) in KEYS {
            assert!(readme.contains(&format!("| `{key}` |")), "{key} has no line in the README's table");
        }
    }
}
