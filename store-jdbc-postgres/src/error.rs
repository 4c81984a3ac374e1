//! What PostgreSQL's errors mean.

use autoscaler_core::ErrorKind;
use sqlx::error::DatabaseError;

/// Kinds by SQLSTATE; the first that is a prefix counts.
const KINDS: &[(&str, ErrorKind)] = &[
    // No such role, wrong password, no rights on the database or its tables.
    ("28", ErrorKind::Denied),
    ("42501", ErrorKind::Denied),
    // Deadlocks and serialization.
    ("40", ErrorKind::Conflict),
    // Connections that break (08), a full disk or too many connections (53), locks (55), a server that starts or stops
    // (57), and read-only after a failover.
    ("08", ErrorKind::Unavailable),
    ("25006", ErrorKind::Unavailable),
    ("53", ErrorKind::Unavailable),
    ("55", ErrorKind::Unavailable),
    ("57", ErrorKind::Unavailable),
    // No such database, and no such table.
    ("3D000", ErrorKind::NotFound),
    ("42P01", ErrorKind::NotFound),
    ("54", ErrorKind::TooLarge),
    ("22001", ErrorKind::TooLarge),
    ("22", ErrorKind::Invalid),
];

pub(crate) fn kind(error: &dyn DatabaseError) -> ErrorKind {
    let code = error.code().unwrap_or_default();
    KINDS.iter().find(|(class, _)| code.starts_with(class)).map_or(ErrorKind::Refused, |(_, kind)| *kind)
}
