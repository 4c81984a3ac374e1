//! What PostgreSQL's errors mean.

use sql_database::Refusal;
use sqlx::error::DatabaseError;

/// Classes of SQLSTATEs that pass: connections lost (08) or too many (53), passwords in rotation (28), deadlocks and
/// serialization (40), locks (55), servers that start or stop (57); and read-only after a failover.
const TRANSIENT: &[&str] = &["08", "25006", "28", "40", "53", "55", "57"];

pub(crate) fn refusal(error: &dyn DatabaseError) -> Refusal {
    let code = error.code().unwrap_or_default().into_owned();
    Refusal { transient: TRANSIENT.iter().any(|class| code.starts_with(class)), code }
}
