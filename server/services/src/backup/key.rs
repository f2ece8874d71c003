//! The key ring in an archive, under a passphrase: Argon2id (64 MiB, 3 passes) makes the key, AES-256-GCM seals the ring.

use std::path::Path;

use aes_gcm::{
    Aes256Gcm, Nonce,
    aead::{Aead, KeyInit},
};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use serde::{Deserialize, Serialize};

use super::archive;
use crate::{Error, Result};

/// Its name in the archive.
pub(super) const MEMBER: &str = "key.sealed";
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
/// A passphrase that protects every secret of the installation.
const SHORTEST: usize = 12;

#[derive(Serialize, Deserialize)]
struct Sealed {
    kdf: String,
    memory_kib: u32,
    passes: u32,
    salt: String,
    nonce: String,
    text: String,
}

async fn derive(passphrase: &str, salt: Vec<u8>, memory_kib: u32, passes: u32) -> Result<[u8; 32]> {
    let passphrase = passphrase.to_owned();
    let work = tokio::task::spawn_blocking(move || {
        let params = Params::new(memory_kib, passes, 1, Some(32)).ok()?;
        let mut key = [0; 32];
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into(passphrase.as_bytes(), &salt, &mut key).ok()?;
        Some(key)
    });
    work.await.ok().flatten().ok_or_else(|| Error::Stored("the key of the passphrase could not be made".into()))
}

/// The ring as a member of the archive.
pub(super) async fn seal(ring: &str, passphrase: &str) -> Result<Vec<u8>> {
    if passphrase.chars().count() < SHORTEST {
        return Err(Error::Stored(format!("the passphrase of a backup's key is at least {SHORTEST} characters long")));
    }
    let (salt, nonce): ([u8; 16], [u8; 12]) = (rand::random(), rand::random());
    let key = derive(passphrase, salt.to_vec(), MEMORY_KIB, PASSES).await?;
    let text = Aes256Gcm::new(&key.into())
        .encrypt(Nonce::from_slice(&nonce), ring.as_bytes())
        .map_err(|_| Error::Stored("the key could not be sealed".into()))?;
    let sealed = Sealed {
        kdf: "argon2id".into(),
        memory_kib: MEMORY_KIB,
        passes: PASSES,
        salt: BASE64.encode(salt),
        nonce: BASE64.encode(nonce),
        text: BASE64.encode(text),
    };
    Ok(serde_json::to_vec(&sealed)?)
}

/// The key ring of an archive, as `OPSGUARD_SECRET_KEY` takes it; nothing when the archive was made without one.
pub async fn open(path: &Path, passphrase: &str) -> Result<Option<String>> {
    let mut members = archive::read(path)?;
    while let Some(member) = members.recv().await {
        let (name, bytes) = member?;
        if name == MEMBER {
            return unseal(&bytes, passphrase).await.map(Some);
        }
    }
    Ok(None)
}

async fn unseal(bytes: &[u8], passphrase: &str) -> Result<String> {
    let damaged = || Error::Stored(format!("{MEMBER} is damaged"));
    let sealed: Sealed = serde_json::from_slice(bytes).map_err(|_| damaged())?;
    let decode = |text: &str| BASE64.decode(text).map_err(|_| damaged());
    // What an archive may ask of this machine is bounded.
    if sealed.kdf != "argon2id" || sealed.memory_kib > 1024 * 1024 || sealed.passes > 100 {
        return Err(damaged());
    }
    let nonce = decode(&sealed.nonce)?;
    if nonce.len() != 12 {
        return Err(damaged());
    }
    let key = derive(passphrase, decode(&sealed.salt)?, sealed.memory_kib, sealed.passes).await?;
    let wrong = || Error::Stored("the passphrase does not open the key of this backup".into());
    let ring = Aes256Gcm::new(&key.into()).decrypt(Nonce::from_slice(&nonce), decode(&sealed.text)?.as_slice()).map_err(|_| wrong())?;
    String::from_utf8(ring).map_err(|_| damaged())
}
