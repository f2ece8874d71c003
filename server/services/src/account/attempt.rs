//! Progressive delay against guessing: per subject and action, in the database, the same on every node. Nobody is locked out.
//!
//! A try is counted before its secret is looked at, so that many at once cannot pass under the count; success clears it.

use domain::{Code, Problem, time::Millis};
use sea_orm::{ConnectionTrait, Statement, Value};

use crate::{Cx, Error, Result, Tx};

/// Tries that cost nothing but their work.
const FREE: i64 = 5;
/// The longest delay, in seconds.
const LONGEST_S: i64 = 300;

/// Seconds to wait after this many failures: 1, 2, 4, .. 300.
fn delay_s(failures: i64) -> i64 {
    match failures - FREE {
        over if over < 0 => 0,
        over => (1_i64 << over.min(10)).min(LONGEST_S),
    }
}

/// Counts a try, or refuses it with the time to wait.
pub(super) async fn count(cx: &Cx, subject: [u8; 32], action: &'static str) -> Result<()> {
    cx.write_plain(move |tx| async move {
        let now = tx.now().ms();
        // Touching the row locks it on PostgreSQL: tries in parallel are counted one after the other.
        let sql = "INSERT INTO attempt (subject_sha256, action, failures, last_at) VALUES ($1, $2, 0, $3) \
                   ON CONFLICT (subject_sha256, action) DO UPDATE SET failures = attempt.failures RETURNING failures, last_at";
        let values: [Value; 3] = [subject.to_vec().into(), action.into(), now.into()];
        let row = tx.conn().query_one_raw(Statement::from_sql_and_values(tx.conn().get_database_backend(), sql, values)).await?;
        let row = row.ok_or(Error::Lost)?;
        let (failures, last_at): (i64, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        let left: Millis = last_at + delay_s(failures) * 1_000 - now;
        if left > 0 {
            let wait = (left as u64).div_ceil(1_000) as u32;
            let detail = format!("Wait {wait} s before you try again.");
            return Err(Problem { retry_after_s: Some(wait), ..Problem::new(Code::TooMany, "Too many tries", detail) }.into());
        }
        let sql = "UPDATE attempt SET failures = failures + 1, last_at = $3 WHERE subject_sha256 = $1 AND action = $2";
        let values: [Value; 3] = [subject.to_vec().into(), action.into(), now.into()];
        tx.conn().execute_raw(Statement::from_sql_and_values(tx.conn().get_database_backend(), sql, values)).await?;
        Ok(())
    })
    .await
}

/// The secret was right.
pub(super) async fn clear(tx: &Tx, subject: [u8; 32], action: &str) -> Result<()> {
    let sql = "DELETE FROM attempt WHERE subject_sha256 = $1 AND action = $2";
    let values: [Value; 2] = [subject.to_vec().into(), action.into()];
    tx.conn().execute_raw(Statement::from_sql_and_values(tx.conn().get_database_backend(), sql, values)).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::delay_s;

    #[test]
    fn the_delay_begins_after_five_failures_and_doubles_up_to_five_minutes() {
        let delays: Vec<i64> = (3..=16).map(delay_s).collect();
        assert_eq!(delays, [0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
    }
}
