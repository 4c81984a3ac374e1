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

/// What holds at an instant, and when that changes.
pub(crate) fn outlook(options: &JobOptions, now: Instant, zone: Tz) -> Outlook {
    let holding = |at: Instant| -> Vec<bool> { options.rules.iter().map(|rule| rule.holds(at, zone)).collect() };
    let told = |holding: &[bool]| -> Vec<String> {
        options.rules.iter().zip(holding).filter(|(_, holds)| **holds).map(|(rule, _)| asks(rule)).collect()
    };
    let present = holding(now);
    let minute = now.duration_trunc(TimeDelta::minutes(1)).unwrap_or(now);
    let change = (1..=FARTHEST).find_map(|minutes| {
        let at = minute.checked_add_signed(TimeDelta::minutes(minutes))?;
        // The last second of a range is in it, and the one after is not.
        let then = holding(at + TimeDelta::seconds(1));
        (then != present).then(|| (at, told(&then)))
    });
    Outlook { holds: told(&present), next: change }
}
