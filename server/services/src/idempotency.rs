//! Idempotency: under one key of one actor an effect happens once, and its outcome is answered again.
//!
//! The record is written in the transaction of the effect. What is kept is the use case's outcome; the adapter renders the
//! answer from it the first time and every later time alike. Refusals are not kept: they are computed again.

use domain::{Code, Problem, time::DAY};
use sea_orm::{ConnectionTrait, Statement, Value as Sql};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{Cx, Error, Result, Tx, store::Kind};

/// Records are kept this long.
pub const KEEP_MS: i64 = 14 * DAY;

/// A key and what it was sent with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// As sent: 1 to 200 visible characters.
    pub key: String,
    /// SHA-256 over method, path, body and If-Match.
    pub fingerprint: [u8; 32],
}

impl IdempotencyKey {
    /// The key of a request; refuses one that cannot be a key.
    pub fn of(key: &str, method: &str, path: &str, if_match: &str, body: &[u8]) -> Result<Self, Problem> {
        if key.is_empty() || key.len() > 200 || !key.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Problem::bad_request("Idempotency-Key is 1 to 200 visible ASCII characters, for example a UUID."));
        }
        let mut hash = Sha256::new();
        for part in [method.as_bytes(), path.as_bytes(), if_match.as_bytes(), body] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Ok(Self { key: key.to_owned(), fingerprint: hash.finalize().into() })
    }
}

/// What of the outcome is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// All of it.
    Outcome,
    /// That there was one: it holds a secret.
    Marker,
}

fn actor(cx: &Cx) -> String {
    match cx.actor.id {
        Some(id) => format!("{}:{id}", cx.actor.kind),
        None => format!("{}:{}", cx.actor.kind, cx.request.address.as_deref().unwrap_or_default()),
    }
}

/// Takes the key for this write, or answers the kept outcome. On PostgreSQL a second request waits on the unique key for up
/// to 2 s; on SQLite it waited for the writer.
pub(crate) async fn claim(cx: &Cx, tx: &Tx) -> Result<Option<Value>> {
    let Some(key) = &cx.idempotency else { return Ok(None) };
    let now = tx.now();
    let postgres = tx.kind() == Kind::Postgres;
    if postgres {
        tx.conn().execute_unprepared("SET LOCAL lock_timeout = '2s'").await?;
    }
    let insert = "INSERT INTO idempotency (actor, key, fingerprint, outcome, secret, created_at, expires_at) \
                  VALUES ($1, $2, $3, NULL, $4, $5, $6) ON CONFLICT (actor, key) DO NOTHING";
    let values: [Sql; 6] = [
        actor(cx).into(),
        key.key.clone().into(),
        key.fingerprint.to_vec().into(),
        false.into(),
        now.ms().into(),
        now.plus(KEEP_MS).ms().into(),
    ];
    let backend = cx.app.store.backend();
    let inserted = match tx.conn().execute_raw(Statement::from_sql_and_values(backend, insert, values)).await.map_err(Error::from) {
        Ok(done) => done.rows_affected(),
        Err(e) if e.is_lock_timeout() => {
            let detail = "The first request under this key is still running; ask again in a moment.";
            return Err(Problem { retry_after_s: Some(1), ..Problem::new(Code::InProgress, "Still running", detail) }.into());
        }
        Err(e) => return Err(e),
    };
    if postgres {
        tx.conn().execute_unprepared("SET LOCAL lock_timeout = 0").await?;
    }
    if inserted == 1 {
        return Ok(None);
    }
    let select = "SELECT fingerprint, outcome, secret FROM idempotency WHERE actor = $1 AND key = $2";
    let row = tx.conn().query_one_raw(Statement::from_sql_and_values(backend, select, [actor(cx).into(), key.key.clone().into()])).await?;
    let row = row.ok_or(Error::Lost)?;
    if row.try_get_by_index::<Vec<u8>>(0)? != key.fingerprint {
        let detail = "This Idempotency-Key was used for another request; send a new key with a new request.";
        return Err(Problem::new(Code::KeyReused, "The key belongs to another request", detail).into());
    }
    if row.try_get_by_index::<bool>(2)? {
        let detail = "It was done under this key. The answer held a secret, which is shown once only.";
        return Err(Problem::new(Code::AlreadyDone, "Done already", detail).into());
    }
    let outcome: Option<String> = row.try_get_by_index(1)?;
    match outcome {
        Some(text) => Ok(Some(serde_json::from_str(&text)?)),
        None => Err(Error::Lost),
    }
}

/// The outcome as it is kept; nothing when no key was sent.
pub(crate) fn kept<T: Serialize>(cx: &Cx, outcome: &T, keep: Keep) -> Result<Option<Kept>> {
    Ok(match (&cx.idempotency, keep) {
        (None, _) => None,
        (Some(_), Keep::Outcome) => Some(Kept { text: Some(serde_json::to_string(outcome)?), secret: false }),
        (Some(_), Keep::Marker) => Some(Kept { text: None, secret: true }),
    })
}

/// An outcome to store.
pub(crate) struct Kept {
    text: Option<String>,
    secret: bool,
}

/// Stores the outcome beside the effect.
pub(crate) async fn keep(cx: &Cx, tx: &Tx, kept: Option<Kept>) -> Result<()> {
    let (Some(key), Some(Kept { text, secret })) = (&cx.idempotency, kept) else { return Ok(()) };
    let update = "UPDATE idempotency SET outcome = $3, secret = $4 WHERE actor = $1 AND key = $2";
    let values: [Sql; 4] = [actor(cx).into(), key.key.clone().into(), text.into(), secret.into()];
    tx.conn().execute_raw(Statement::from_sql_and_values(cx.app.store.backend(), update, values)).await?;
    Ok(())
}
