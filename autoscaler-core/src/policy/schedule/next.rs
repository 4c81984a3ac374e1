//! Which rules hold, and when that changes.

use std::fmt;

use chrono::{DurationRound, TimeDelta};
use chrono_tz::Tz;

use super::asks;
use crate::options::JobOptions;
use crate::time::Instant;

/// How far a change is looked for, minutes.
const FARTHEST: i64 = 8 * 24 * 60;

/// The rules that hold, and the next change of that.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outlook {
    /// Which rules hold and what they ask for, in words.
    pub holds: Vec<String>,
    /// When others do, to the minute, and which; none within eight days.
    pub next: Option<(Instant, Vec<String>)>,
}

impl Outlook {
    /// Until when nothing changes, of one that was worked out at an instant.
    pub(crate) fn quiet_until(&self, worked_out_at: Instant) -> Instant {
        let farthest = worked_out_at.duration_trunc(TimeDelta::minutes(1)).unwrap_or(worked_out_at);
        self.next.as_ref().map_or(farthest + TimeDelta::minutes(FARTHEST), |(at, _)| *at)
    }
}

impl fmt::Display for Outlook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = |rules: &[String]| if rules.is_empty() { "no rule".to_owned() } else { rules.join(" and ") };
        write!(f, "schedule: {} holds", all(&self.holds))?;
        match &self.next {
            Some((at, then)) => write!(f, ", {} from {} on", all(then), at.format("%Y-%m-%d %H:%M UTC")),
            None => f.write_str(", and nothing else within eight days"),
        }
    }
}

/// What holds at an instant, and when that changes; it is known not to until `quiet_until`.
pub(crate) fn outlook(options: &JobOptions, now: Instant, quiet_until: Instant, zone: Tz) -> Outlook {
    let holding = |at: Instant| -> Vec<bool> { options.rules.iter().map(|rule| rule.holds(at, zone)).collect() };
    let told = |holding: &[bool]| -> Vec<String> {
        options.rules.iter().zip(holding).filter(|(_, holds)| **holds).map(|(rule, _)| asks(rule)).collect()
    };
    let present = holding(now);
    let minute = now.duration_trunc(TimeDelta::minutes(1)).unwrap_or(now);
    let quiet = (quiet_until - minute).num_minutes().max(0);
    let change = (quiet + 1..=FARTHEST).find_map(|minutes| {
        let at = minute.checked_add_signed(TimeDelta::minutes(minutes))?;
        // The last second of a range is in it, and the one after is not.
        let then = holding(at + TimeDelta::seconds(1));
        (then != present).then(|| (at, told(&then)))
    });
    Outlook { holds: told(&present), next: change }
}
