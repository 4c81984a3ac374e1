//! Periods without scaling: a daily range of time, a Quartz cron expression, or both joined by `&&` (algorithm 8.2).

mod quartz;

use std::str::FromStr;

use chrono::{NaiveTime, Timelike};
use chrono_tz::Tz;

use crate::time::Instant;
use quartz::QuartzCron;

/// A period that can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPeriod {
    /// Neither a daily range nor a cron expression.
    #[error("expected a daily range like '9:30-10:50:20' or a Quartz cron expression like '* * 9-11 * * ?' ({0})")]
    NotAPeriod(String),
    /// Two parts of one kind.
    #[error("expected one daily range and one cron expression around '&&'")]
    NotOneOfEach,
}

/// One excluded period.
#[derive(Clone, Debug)]
pub struct ExcludedPeriod {
    daily: Option<DailyRange>,
    cron: Option<QuartzCron>,
}

/// A range of the local time of day, both ends included.
#[derive(Clone, Copy, Debug)]
struct DailyRange {
    start: NaiveTime,
    end: NaiveTime,
}

impl ExcludedPeriod {
    /// Whether `instant`, told in `zone`, lies in the period.
    pub fn includes(&self, instant: Instant, zone: Tz) -> bool {
        let local = instant.with_timezone(&zone).naive_local();
        self.daily.is_none_or(|range| (range.start..=range.end).contains(&local.time()))
            && self.cron.as_ref().is_none_or(|cron| cron.matches(local))
    }
}

impl FromStr for ExcludedPeriod {
    type Err = InvalidPeriod;

    fn from_str(text: &str) -> Result<Self, InvalidPeriod> {
        let mut period = Self { daily: None, cron: None };
        for part in text.split("&&") {
            let part = part.trim();
            if let Some(range) = DailyRange::read(part) {
                if period.daily.replace(range).is_some() {
                    return Err(InvalidPeriod::NotOneOfEach);
                }
            } else {
                let cron = QuartzCron::read(part).map_err(InvalidPeriod::NotAPeriod)?;
                if period.cron.replace(cron).is_some() {
                    return Err(InvalidPeriod::NotOneOfEach);
                }
            }
        }
        Ok(period)
    }
}

impl DailyRange {
    fn read(text: &str) -> Option<Self> {
        let (start, end) = text.split_once('-')?;
        let range = Self { start: time_of_day(start)?, end: time_of_day(end)? };
        (range.start < range.end).then_some(range)
    }
}

/// `H:MM`, `H:MM:SS` or `H:MM:SS:mmm`.
fn time_of_day(text: &str) -> Option<NaiveTime> {
    let mut fields = [0u32; 4];
    let mut count = 0;
    for part in text.split(':') {
        let widths = [1..=2, 2..=2, 2..=2, 3..=3];
        let width = widths.get(count)?;
        if !width.contains(&part.len()) || !part.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        fields[count] = part.parse().ok()?;
        count += 1;
    }
    let [hour, minute, second, millis] = fields;
    if count < 2 {
        None
    } else {
        NaiveTime::from_hms_milli_opt(hour, minute, second, millis).filter(|t| t.nanosecond() < 1_000_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[rstest]
    #[case("9:30-10:30", "2026-11-24T09:30:00Z", true)]
    #[case("9:30-10:30", "2026-11-24T10:30:00Z", true)]
    #[case("9:30-10:30", "2026-11-24T10:30:00.001Z", false)]
    #[case("* * 22-4 * * ?", "2026-11-24T23:00:00Z", true)]
    #[case("* * 22-4 * * ?", "2026-11-24T03:00:00Z", true)]
    #[case("* * 22-4 * * ?", "2026-11-24T05:00:00Z", false)]
    #[case("* * * ? * FRI-MON", "2026-11-22T05:00:00Z", true)] // a Sunday
    #[case("* * * ? * FRI-MON", "2026-11-24T05:00:00Z", false)] // a Tuesday
    #[case("* * * ? * 6L", "2026-11-27T05:00:00Z", true)] // the last Friday
    #[case("* * * ? * 6L", "2026-11-20T05:00:00Z", false)]
    #[case("9:00-10:00 && * * * ? * TUESDAY", "2026-11-24T09:10:00Z", true)]
    fn includes(#[case] period: &str, #[case] instant: &str, #[case] expected: bool) {
        let period: ExcludedPeriod = period.parse().unwrap();
        assert_eq!(period.includes(at(instant), Tz::UTC), expected);
    }

    #[test]
    fn is_told_in_the_local_zone() {
        let period: ExcludedPeriod = "9:00-10:00".parse().unwrap();
        assert!(period.includes(at("2026-11-24T08:30:00Z"), Tz::Europe__Berlin));
        assert!(!period.includes(at("2026-11-24T09:30:00Z"), Tz::Europe__Berlin));
    }

    #[rstest]
    #[case("")]
    #[case("9:30 - 10:30")]
    #[case("25:00-26:00")]
    #[case("9:30-9:30")]
    #[case("* * * * *")]
    #[case("* * * 5 * 5")]
    #[case("9:30-10:00 && 11:00-12:00")]
    #[case("* * * ? * 0")]
    #[case("* * * ? * 99999999999999999999")]
    fn is_refused(#[case] period: &str) {
        assert!(period.parse::<ExcludedPeriod>().is_err());
    }
}
