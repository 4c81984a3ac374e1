//! Instants and spans. Nothing here overflows: an instant too far away becomes the farthest one.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// A point in time, UTC, with nanoseconds.
pub type Instant = DateTime<Utc>;

/// The instant of `millis` milliseconds since the epoch, or none if it is out of range.
pub fn from_epoch_millis(millis: i64) -> Option<Instant> {
    DateTime::from_timestamp_millis(millis)
}

/// An instant as it is stored: to the millisecond.
pub fn to_millis(instant: Instant) -> Instant {
    from_epoch_millis(instant.timestamp_millis()).unwrap_or(instant)
}

/// `instant + span`, at most the last instant there is.
pub fn after(instant: Instant, span: Duration) -> Instant {
    TimeDelta::from_std(span).ok().and_then(|d| instant.checked_add_signed(d)).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// `instant - span`, at least the first instant there is.
pub fn before(instant: Instant, span: Duration) -> Instant {
    TimeDelta::from_std(span).ok().and_then(|d| instant.checked_sub_signed(d)).unwrap_or(DateTime::<Utc>::MIN_UTC)
}

/// Whole seconds of a span as a number: the fraction is dropped.
#[expect(clippy::cast_precision_loss, reason = "more than 2^53 seconds is no span of ours")]
pub fn whole_seconds(span: Duration) -> f64 {
    span.as_secs() as f64
}

/// Milliseconds from `start` to `end`.
#[expect(clippy::cast_precision_loss, reason = "spans of a window are far below 2^53 ms")]
pub fn millis_between(start: Instant, end: Instant) -> f64 {
    (end - start).num_milliseconds() as f64
}
