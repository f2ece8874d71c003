//! The key ring `kid:key,..`: the first key seals, every key opens. One key per purpose is derived from each by HKDF.
//!
//! A sealed value is `kid.nonce.ciphertext` (AES-256-GCM, base64url), bound to its place by the additional data
//! `table|column|id`. The database keeps a check value per kid: a wrong or missing key stops the start.

use std::{fs, io::Write, os::unix::fs::OpenOptionsExt, path::Path};

use aes_gcm::{
    Aes256Gcm, Nonce,
    aead::{Aead, KeyInit, Payload},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use domain::Instant;
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::{Kind, Store, setting};
use crate::{Error, Options, Result};

/// What a key is used for; each purpose has a derived key of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Encrypted columns.
    Secrets,
    /// Signed links and form tokens.
    Links,
    /// The check value in the database.
    Check,
}

impl Purpose {
    const fn info(self) -> &'static [u8] {
        match self {
            Self::Secrets => b"opsguard secrets v1",
            Self::Links => b"opsguard links v1",
            Self::Check => b"opsguard check v1",
        }
    }
}

/// The keys, first = current.
pub struct KeyRing(Vec<(String, [u8; 32])>);

impl KeyRing {
    /// The ring from the configuration, or with SQLite the one in the data folder, which is made on the first start.
    pub async fn open(store: &Store, options: &Options, now: Instant) -> Result<Self> {
        let ring = Self::parse(&text(store, options)?)?;
        ring.check(store, now).await?;
        Ok(ring)
    }

    /// Reads `kid:key,..`; a key is at least 32 characters.
    pub fn parse(text: &str) -> Result<Self> {
        let entry = |part: &str| {
            let (kid, key) = part.trim().split_once(':')?;
            let fine = !kid.is_empty()
                && kid.len() <= 32
                && kid.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
                && key.len() >= 32;
            fine.then(|| (kid.to_owned(), sha2::Digest::finalize(<Sha256 as sha2::Digest>::new_with_prefix(key.as_bytes())).into()))
        };
        let keys: Option<Vec<_>> = text.split(',').map(entry).collect();
        let fault = || {
            Error::Stored(format!(
                "OPSGUARD_SECRET_KEY is not of the form kid:key,.. with keys of at least 32 characters; right: {}",
                made()
            ))
        };
        keys.filter(|k| !k.is_empty()).map(Self).ok_or_else(fault)
    }

    async fn check(&self, store: &Store, now: Instant) -> Result<()> {
        for (kid, key) in &self.0 {
            let value = BASE64.encode(derive(key, Purpose::Check));
            if setting::put_first(store, &format!("key_check:{kid}"), &value, now).await? != value {
                return Err(Error::Stored(wrong_key(kid)));
            }
        }
        self.refuse_missing(store).await
    }

    async fn refuse_missing(&self, store: &Store) -> Result<()> {
        let kids = known_kids(store).await?;
        match kids.into_iter().find(|kid| !self.0.iter().any(|(k, _)| k == kid)) {
            Some(missing) => Err(Error::Stored(format!(
                "OPSGUARD_SECRET_KEY lacks the key {missing:?}, which this database holds secrets of; keep old keys behind the new one"
            ))),
            None => Ok(()),
        }
    }

    /// Seals a secret for one place.
    pub fn seal(&self, place: &str, secret: &[u8]) -> Result<String> {
        let (kid, key) = &self.0[0];
        let nonce: [u8; 12] = rand::random();
        let cipher = Aes256Gcm::new(&derive(key, Purpose::Secrets).into());
        let sealed = cipher
            .encrypt(Nonce::from_slice(&nonce), Payload { msg: secret, aad: place.as_bytes() })
            .map_err(|_| Error::Stored("a secret could not be sealed".into()))?;
        Ok(format!("{kid}.{}.{}", BASE64.encode(nonce), BASE64.encode(sealed)))
    }

    /// Opens what was sealed for this place.
    pub fn open_sealed(&self, place: &str, sealed: &str) -> Result<Vec<u8>> {
        let fault = || Error::Stored(format!("the secret of {place} cannot be opened with the keys given"));
        let mut parts = sealed.splitn(3, '.');
        let (Some(kid), Some(nonce), Some(text)) = (parts.next(), parts.next(), parts.next()) else { return Err(fault()) };
        let key = self.0.iter().find(|(k, _)| k == kid).map(|(_, key)| key).ok_or_else(fault)?;
        let nonce = BASE64.decode(nonce).ok().filter(|n| n.len() == 12).ok_or_else(fault)?;
        let text = BASE64.decode(text).map_err(|_| fault())?;
        let cipher = Aes256Gcm::new(&derive(key, Purpose::Secrets).into());
        cipher.decrypt(Nonce::from_slice(&nonce), Payload { msg: &text, aad: place.as_bytes() }).map_err(|_| fault())
    }

    /// HMAC-SHA256 under the current key of a purpose.
    pub fn sign(&self, purpose: Purpose, message: &[u8]) -> [u8; 32] {
        mac(&self.0[0].1, purpose, message).finalize().into_bytes().into()
    }

    /// Whether any key of the ring signed the message; in constant time per key.
    pub fn verify(&self, purpose: Purpose, message: &[u8], signature: &[u8]) -> bool {
        self.0.iter().any(|(_, key)| mac(key, purpose, message).verify_slice(signature).is_ok())
    }
}

#[allow(clippy::expect_used, reason = "HMAC takes a key of any length")]
fn mac(key: &[u8; 32], purpose: Purpose, message: &[u8]) -> Hmac<Sha256> {
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(&derive(key, purpose)).expect("any length");
    mac.update(message);
    mac
}

#[allow(clippy::expect_used, reason = "32 bytes are a valid length for HKDF-SHA256")]
fn derive(key: &[u8; 32], purpose: Purpose) -> [u8; 32] {
    let mut out = [0; 32];
    Hkdf::<Sha256>::new(None, key).expand(purpose.info(), &mut out).expect("32 bytes");
    out
}

/// The ring as text, as it is configured or kept; for the backup that takes it along.
pub fn text(store: &Store, options: &Options) -> Result<String> {
    match (&options.secret_key, store.kind) {
        (Some(text), _) => Ok(text.clone()),
        (None, Kind::Sqlite) => from_file(&options.data_dir),
        (None, Kind::Postgres) => Err(Error::Stored(format!(
            "OPSGUARD_SECRET_KEY is missing: with PostgreSQL every node needs the same key; right: OPSGUARD_SECRET_KEY={}",
            made()
        ))),
    }
}

/// A new ring of one key.
fn made() -> String {
    format!("k1:{}", BASE64.encode(rand::random::<[u8; 32]>()))
}

fn from_file(folder: &Path) -> Result<String> {
    let path = folder.join("secret.key");
    let fault = |e: std::io::Error| Error::Stored(format!("{}: {e}", path.display()));
    match fs::read_to_string(&path) {
        Ok(text) => Ok(text.trim().to_owned()),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            fs::create_dir_all(folder).map_err(fault)?;
            let text = made();
            let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).map_err(fault)?;
            file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(fault)?;
            Ok(text)
        }
        Err(e) => Err(fault(e)),
    }
}

/// Whether the ring that is configured or kept is the one that the database was made with; writes nothing. Answers its keys.
pub async fn compare(store: &Store, options: &Options) -> Result<usize> {
    let path = options.data_dir.join("secret.key");
    if options.secret_key.is_none() && store.kind == Kind::Postgres {
        return Err(Error::Stored("OPSGUARD_SECRET_KEY is missing; give the one that this database was made with".into()));
    }
    if options.secret_key.is_none() && !path.is_file() {
        return Err(Error::Stored(format!(
            "{} is missing, which this database's secrets are sealed with; put it back, or give its content as OPSGUARD_SECRET_KEY",
            path.display()
        )));
    }
    let ring = KeyRing::parse(&text(store, options)?)?;
    for (kid, key) in &ring.0 {
        let known = setting::get(&store.reader, &format!("key_check:{kid}")).await?;
        if known.is_some_and(|known| known != BASE64.encode(derive(key, Purpose::Check))) {
            return Err(Error::Stored(wrong_key(kid)));
        }
    }
    ring.refuse_missing(store).await?;
    Ok(ring.0.len())
}

fn wrong_key(kid: &str) -> String {
    format!("the key {kid:?} of OPSGUARD_SECRET_KEY is not the one that this database was made with; give back the right one")
}

async fn known_kids(store: &Store) -> Result<Vec<String>> {
    use sea_orm::{ConnectionTrait, Statement};
    let select = Statement::from_string(store.backend(), "SELECT name FROM setting WHERE name >= 'key_check:' AND name < 'key_check;'");
    let rows = store.reader.query_all_raw(select).await?;
    rows.iter().map(|r| Ok(r.try_get_by_index::<String>(0)?.trim_start_matches("key_check:").to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(text: &str) -> KeyRing {
        KeyRing::parse(text).unwrap()
    }

    #[test]
    fn a_secret_opens_only_in_its_place_and_after_rotation() {
        let old = ring("a:0123456789abcdef0123456789abcdef");
        let sealed = old.seal("integration|key|1", b"hush").unwrap();
        assert!(!sealed.contains("hush"));
        let both = ring("b:fedcba9876543210fedcba9876543210,a:0123456789abcdef0123456789abcdef");
        assert_eq!(both.open_sealed("integration|key|1", &sealed).unwrap(), b"hush");
        assert!(both.open_sealed("integration|key|2", &sealed).is_err());
        assert!(both.seal("x", b"y").unwrap().starts_with("b."));
        assert!(ring("b:fedcba9876543210fedcba9876543210").open_sealed("integration|key|1", &sealed).is_err());
    }

    #[test]
    fn a_ring_that_is_not_one_is_refused_with_a_right_example() {
        for text in ["", "short", "a:tooshort", ":0123456789abcdef0123456789abcdef", "a:0123456789abcdef0123456789abcdef,"] {
            let fault = KeyRing::parse(text).err().map(|e| e.to_string()).unwrap_or_default();
            assert!(fault.contains("right: k1:"), "{text:?}: {fault}");
        }
    }

    #[test]
    fn a_signature_holds_for_its_purpose_and_message() {
        let r = ring("a:0123456789abcdef0123456789abcdef");
        let s = r.sign(Purpose::Links, b"m");
        assert!(r.verify(Purpose::Links, b"m", &s));
        assert!(!r.verify(Purpose::Links, b"n", &s));
        assert!(!r.verify(Purpose::Check, b"m", &s));
        assert!(!r.verify(Purpose::Links, b"m", &s[..31]));
    }
}
