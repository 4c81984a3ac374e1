//! What SQLite's errors mean.

use sql_database::Refusal;
use sqlx::error::DatabaseError;

/// Primary codes of errors that pass: busy (5), locked (6), read-only (8), I/O (10), full (13), can't open (14).
const TRANSIENT: &[u32] = &[5, 6, 8, 10, 13, 14];

/// Extended codes have the primary one in their lowest byte.
pub(crate) fn refusal(error: &dyn DatabaseError) -> Refusal {
    let code = error.code().unwrap_or_default().into_owned();
    Refusal { transient: code.parse::<u32>().is_ok_and(|number| TRANSIENT.contains(&(number & 0xff))), code }
}
