//! What SQLite's errors mean.

use autoscaler_core::ErrorKind;
use sqlx::error::DatabaseError;

/// Busy: somebody else has the file.
const BUSY: u32 = 5;

/// The primary code: extended ones have it in their lowest byte.
fn code(error: &dyn DatabaseError) -> u32 {
    error.code().and_then(|code| code.parse::<u32>().ok()).unwrap_or_default() & 0xff
}

/// Whether somebody else has the file, who may let go of it.
pub(crate) fn is_busy(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| code(error) == BUSY)
}

pub(crate) fn kind(error: &dyn DatabaseError) -> ErrorKind {
    match code(error) {
        // No permission, not authorized.
        3 | 23 => ErrorKind::Denied,
        // Locked (6), read-only (8), I/O (10), full (13), can't open (14).
        BUSY | 6 | 8 | 10 | 13 | 14 => ErrorKind::Unavailable,
        18 => ErrorKind::TooLarge,
        // It has no code of its own.
        1 if error.message().starts_with("no such table") => ErrorKind::NotFound,
        // Corrupt (11), a constraint (19), a mismatch (20), no database at all (26).
        11 | 19 | 20 | 26 => ErrorKind::Invalid,
        _ => ErrorKind::Refused,
    }
}
