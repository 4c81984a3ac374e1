//! What MySQL's and MariaDB's errors mean.

use sql_database::Refusal;
use sqlx::error::DatabaseError;
use sqlx::mysql::MySqlDatabaseError;

/// Numbers of errors that pass: disk full (1021, 1114), too many connections (1040, 1203, 1226), passwords in rotation
/// (1044, 1045), shutdown (1053), host blocked (1129), lock wait and deadlock (1205, 1213), read-only after a failover
/// (1290, 1792, 1836, 3100).
const TRANSIENT: &[u16] = &[1021, 1040, 1044, 1045, 1053, 1114, 1129, 1203, 1205, 1213, 1226, 1290, 1792, 1836, 3100];

pub(crate) fn refusal(error: &dyn DatabaseError) -> Refusal {
    match error.try_downcast_ref::<MySqlDatabaseError>() {
        Some(error) => Refusal { code: error.number().to_string(), transient: TRANSIENT.contains(&error.number()) },
        None => Refusal { code: error.code().unwrap_or_default().into_owned(), transient: false },
    }
}
