//! Quartz cron expressions, put into the form croner reads.

use chrono::{Days, NaiveDateTime, TimeZone, Timelike, Utc};
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};

use crate::options::is_harmless;

/// The seconds that a Quartz expression (seconds first, six or seven fields) matches.
#[derive(Clone, Debug)]
pub(super) struct QuartzCron {
    cron: Cron,
    /// `L-n` as day of month: asked as `L`, n days later.
    days_before_last: u64,
}

const FIELDS: [(&str, u32, u32); 7] = [
    ("second", 0, 59),
    ("minute", 0, 59),
    ("hour", 0, 23),
    ("day of month", 1, 31),
    ("month", 1, 12),
    ("day of week", 1, 7),
    ("year", 1970, 2099),
];
const DAY_OF_MONTH: usize = 3;
const MONTH: usize = 4;
const DAY_OF_WEEK: usize = 5;
const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

impl QuartzCron {
    /// Reads an expression; the error says what is wrong with it.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let fields: Vec<String> = text.split_whitespace().map(str::to_ascii_uppercase).collect();
        if !(6..=7).contains(&fields.len()) {
            return Err(format!("a cron expression has 6 or 7 fields, not {}", fields.len()));
        }
        if (fields[DAY_OF_MONTH] == "?") == (fields[DAY_OF_WEEK] == "?") {
            return Err("exactly one of day of month and day of week is '?'".to_owned());
        }
        let mut days_before_last = 0;
        let mut pattern = Vec::with_capacity(fields.len());
        for (index, field) in fields.iter().enumerate() {
            if let Some(days) = field.strip_prefix("L-").filter(|_| index == DAY_OF_MONTH) {
                days_before_last =
                    days.parse().ok().filter(|d| *d <= 30).ok_or_else(|| no_field(field, "day of month"))?;
                pattern.push("L".to_owned());
            } else {
                pattern.push(croner_field(index, field)?);
            }
        }
        let parser =
            CronParser::builder().seconds(Seconds::Required).year(Year::Optional).alternative_weekdays(true).build();
        let cron = parser.parse(&pattern.join(" ")).map_err(|_| "a field has a form that is not known".to_owned())?;
        Ok(Self { cron, days_before_last })
    }

    /// Whether the second that `local` lies in matches.
    pub(super) fn matches(&self, local: NaiveDateTime) -> bool {
        let Some(shifted) = local.with_nanosecond(0).and_then(|t| t.checked_add_days(Days::new(self.days_before_last)))
        else {
            return false;
        };
        // Crossing into the next month means that local was not n days before its month's last day.
        self.cron.is_time_matching(&Utc.from_utc_datetime(&shifted)).unwrap_or(false)
    }
}

/// One field in croner's form: names as numbers, ranges that wrap cut in two, open steps closed.
fn croner_field(index: usize, field: &str) -> Result<String, String> {
    if field == "?" || field == "*" {
        return Ok("*".to_owned());
    }
    if index == DAY_OF_WEEK && field == "L" {
        return Ok("7".to_owned());
    }
    let parts: Result<Vec<String>, String> = field.split(',').map(|part| croner_part(index, part)).collect();
    Ok(parts?.join(","))
}

fn croner_part(index: usize, part: &str) -> Result<String, String> {
    let (name, low, high) = FIELDS[index];
    let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
    let suffix = step.map_or(String::new(), |step| format!("/{step}"));
    if range == "*" || range.is_empty() {
        return Ok(format!("*{suffix}"));
    }
    if index == DAY_OF_MONTH && (range.starts_with('L') || range.ends_with('W')) {
        return Ok(range.to_owned());
    }
    if index == DAY_OF_WEEK
        && let Some(at) = range.find(['#', 'L'])
    {
        let (day, modifier) = range.split_at(at);
        return Ok(format!("{}{modifier}", number(index, day)?));
    }
    let inside = |value: u32| {
        if (low..=high).contains(&value) { Ok(value) } else { Err(format!("{name} {value} is not in {low} to {high}")) }
    };
    match range.split_once('-') {
        None if step.is_some() => Ok(format!("{}-{high}{suffix}", inside(number(index, range)?)?)),
        None => Ok(inside(number(index, range)?)?.to_string()),
        Some((from, to)) => {
            let (from, to) = (inside(number(index, from)?)?, inside(number(index, to)?)?);
            Ok(if from <= to { format!("{from}-{to}{suffix}") } else { wrapped(from, to, low, high, step)? })
        }
    }
}

/// A range like `22-4` as single values, so that a step counts on across the wrap.
fn wrapped(from: u32, to: u32, low: u32, high: u32, step: Option<&str>) -> Result<String, String> {
    let step: usize = step.map_or(Ok(1), str::parse).map_err(|_| "a step is a whole number".to_owned())?;
    let values = (from..=high).chain(low..=to).step_by(step.max(1));
    Ok(values.map(|value| value.to_string()).collect::<Vec<_>>().join(","))
}

/// A field is shown only where it can't be a secret.
fn no_field(text: &str, name: &str) -> String {
    if is_harmless(text, "") { format!("'{text}' is no {name}") } else { format!("a field is no {name}") }
}

/// A number, or the number of a month or weekday named by at least its first three letters. Like Quartz, what stands
/// behind a number is ignored.
fn number(index: usize, text: &str) -> Result<u32, String> {
    let names: &[&str] = match index {
        MONTH => &MONTHS,
        DAY_OF_WEEK => &WEEKDAYS,
        _ => &[],
    };
    let named = names.iter().zip(1..).find(|(name, _)| text.starts_with(**name)).map(|(_, number)| number);
    let digits = &text[..text.bytes().take_while(u8::is_ascii_digit).count()];
    named.or_else(|| digits.parse().ok()).ok_or_else(|| no_field(text, FIELDS[index].0))
}
