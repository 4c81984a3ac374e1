//! What SQLite's errors mean.

use autoscaler_core::ErrorKind;
use sqlx::error::DatabaseError;

/// Extended codes have the primary one in their lowest byte.
pub(crate) fn kind(error: &dyn DatabaseError) -> ErrorKind {
    let code = error.code().and_then(|code| code.parse::<u32>().ok()).unwrap_or_default();
    match code & 0xff {
        // No permission, not authorized.
        3 | 23 => ErrorKind::Denied,
        // Busy (5), locked (6), read-only (8), I/O (10), full (13), can't open (14).
        5 | 6 | 8 | 10 | 13 | 14 => ErrorKind::Unavailable,
        18 => ErrorKind::TooLarge,
        // It has no code of its own.
        1 if error.message().starts_with("no such table") => ErrorKind::NotFound,
        // Corrupt (11), a constraint (19), a mismatch (20), no database at all (26).
        11 | 19 | 20 | 26 => ErrorKind::Invalid,
        _ => ErrorKind::Refused,
    }
}
