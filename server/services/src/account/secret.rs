//! Random secrets that are shown once, and the hash that is kept of them.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use domain::account::Secret;
use sha2::{Digest, Sha256};

/// Characters of a secret: 256 bits in base64url.
pub(super) const LENGTH: usize = 43;

/// A new one.
pub(super) fn new() -> String {
    BASE64.encode(rand::random::<[u8; 32]>())
}

/// What is stored and looked up. The secret is random, so that a plain hash is enough.
pub(super) fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// Compares in constant time.
pub(super) fn same(a: &str, b: &str) -> bool {
    use subtle::ConstantTimeEq;
    digest(a).ct_eq(&digest(b)).into()
}

/// A password for somebody who is to be told one: 20 letters and digits.
pub fn generated_password() -> Secret {
    let letter = || char::from(b"abcdefghijkmnpqrstuvwxyz23456789"[usize::from(rand::random::<u8>() % 32)]);
    Secret((0..20).map(|_| letter()).collect())
}
