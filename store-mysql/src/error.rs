//! What MySQL's and MariaDB's errors mean.

use autoscaler_core::ErrorKind;
use sqlx::error::DatabaseError;
use sqlx::mysql::MySqlDatabaseError;

pub(crate) fn kind(error: &dyn DatabaseError) -> ErrorKind {
    let number = error.try_downcast_ref::<MySqlDatabaseError>().map_or(0, MySqlDatabaseError::number);
    match number {
        // No rights on the database, wrong password, no rights on a table.
        1044 | 1045 | 1142 | 1227 | 1698 => ErrorKind::Denied,
        // A deadlock.
        1213 => ErrorKind::Conflict,
        // Disk full (1021, 1114), too many connections (1040, 1203, 1226), shutdown (1053), host blocked (1129), a lock waited
        // for in vain (1205), read-only after a failover (1290, 1792, 1836, 3100), connection killed (1317, 1927).
        1021 | 1040 | 1053 | 1114 | 1129 | 1203 | 1205 | 1226 | 1290 | 1317 | 1792 | 1836 | 1927 | 3100 => {
            ErrorKind::Unavailable
        }
        // No such database, and no such table.
        1049 | 1146 => ErrorKind::NotFound,
        // A packet, and a value for its column.
        1153 | 1406 => ErrorKind::TooLarge,
        // Texts and numbers that a column can't hold.
        1264 | 1292 | 1366 => ErrorKind::Invalid,
        _ => ErrorKind::Refused,
    }
}
