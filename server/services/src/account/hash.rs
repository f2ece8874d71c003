//! Password hashing: argon2id off the async threads, and never more at once than there are cores.
//!
//! Each hash takes 19 MiB and some milliseconds of a core by design; without the bound a burst of sign-ins would starve the
//! alerts.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier,
    password_hash::{self, SaltString},
};
use tokio::sync::Semaphore;

use crate::{Error, Result};

/// Bounded password hashing.
#[derive(Debug, Clone)]
pub struct Hasher {
    cores: Arc<Semaphore>,
}

/// What a password was found to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// It is the right one.
    pub ok: bool,
    /// It is, and its hash is weaker than those made today.
    pub rehash: bool,
}

impl Default for Hasher {
    fn default() -> Self {
        Self { cores: Arc::new(Semaphore::new(std::thread::available_parallelism().map_or(1, usize::from))) }
    }
}

impl Hasher {
    /// The hash to store, with its parameters and salt (PHC string format).
    pub async fn hash(&self, password: String) -> Result<String> {
        self.on_core(move || {
            let salt = SaltString::encode_b64(&rand::random::<[u8; 16]>())?;
            Ok(Argon2::default().hash_password(password.as_bytes(), &salt)?.to_string())
        })
        .await
    }

    /// Whether it is the password of this hash. Without a hash the same work is done, for the same answer time.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<Verified> {
        self.on_core(move || {
            let text = hash.clone().unwrap_or_else(dummy);
            let parsed = PasswordHash::new(&text)?;
            let matches = match Argon2::default().verify_password(password.as_bytes(), &parsed) {
                Ok(()) => true,
                Err(password_hash::Error::Password) => false,
                Err(e) => return Err(e),
            };
            let ok = matches && hash.is_some();
            Ok(Verified { ok, rehash: ok && is_weak(&parsed) })
        })
        .await
    }

    async fn on_core<T: Send + 'static>(&self, work: impl FnOnce() -> password_hash::Result<T> + Send + 'static) -> Result<T> {
        let permit = self.cores.clone().acquire_owned().await.map_err(|_| Error::CutOff)?;
        let done = tokio::task::spawn_blocking(move || {
            // Held by the work, not by the caller: a request that is dropped does not free its core early.
            let _permit = permit;
            work()
        });
        done.await.map_err(|_| Error::CutOff)?.map_err(|e| Error::Stored(format!("password hash: {e}")))
    }
}

/// A hash of nothing, with the parameters of today.
fn dummy() -> String {
    let (m, t, p) = (Params::DEFAULT_M_COST, Params::DEFAULT_T_COST, Params::DEFAULT_P_COST);
    format!("$argon2id$v=19$m={m},t={t},p={p}$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
}

fn is_weak(hash: &PasswordHash<'_>) -> bool {
    let below =
        |p: Params| p.m_cost() < Params::DEFAULT_M_COST || p.t_cost() < Params::DEFAULT_T_COST || p.p_cost() < Params::DEFAULT_P_COST;
    hash.algorithm != Algorithm::Argon2id.ident() || Params::try_from(hash).map_or(true, below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_known_by_its_hash_and_by_no_other() {
        let hasher = Hasher::default();
        let hash = hasher.hash("correct horse".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert_eq!(hasher.verify("correct horse".into(), Some(hash.clone())).await.unwrap(), Verified { ok: true, rehash: false });
        assert_eq!(hasher.verify("wrong horse".into(), Some(hash)).await.unwrap(), Verified { ok: false, rehash: false });
        assert_eq!(hasher.verify("correct horse".into(), None).await.unwrap(), Verified { ok: false, rehash: false });
    }

    #[tokio::test]
    async fn a_hash_of_weaker_parameters_is_accepted_and_to_be_made_again() {
        let weak = Argon2::new(Algorithm::Argon2id, argon2::Version::V0x13, Params::new(8_192, 1, 1, None).unwrap());
        let salt = SaltString::encode_b64(&[7; 16]).unwrap();
        let hash = weak.hash_password(b"correct horse", &salt).unwrap().to_string();
        assert_eq!(Hasher::default().verify("correct horse".into(), Some(hash)).await.unwrap(), Verified { ok: true, rehash: true });
    }
}
