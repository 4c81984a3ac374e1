//! The time zone that excluded periods are written in.

use std::ffi::OsString;

use chrono_tz::Tz;

/// Zones whose offset from UTC is no whole number of hours and stays the same all year, by that offset in minutes.
const BROKEN_HOURS: &[(i32, Tz)] = &[
    (-570, Tz::Pacific__Marquesas),
    (210, Tz::Asia__Tehran),
    (270, Tz::Asia__Kabul),
    (330, Tz::Asia__Kolkata),
    (345, Tz::Asia__Kathmandu),
    (390, Tz::Asia__Yangon),
    (525, Tz::Australia__Eucla),
    (570, Tz::Australia__Darwin),
];

/// The zone that `TZ` names, else the system's, else UTC; and what somebody should know about it.
pub(super) fn time_zone(tz: Option<OsString>) -> (Tz, Option<String>) {
    let tz = tz.map(|name| name.to_string_lossy().into_owned());
    let Some(name) = tz.filter(|name| !name.is_empty()).or_else(|| iana_time_zone::get_timezone().ok()) else {
        return (Tz::UTC, None);
    };
    match named(&name) {
        Some(zone) => (zone, None),
        None => {
            let name: String = name.chars().take(80).collect();
            (Tz::UTC, Some(format!("time zone '{name}' is not known: excluded periods are read in UTC")))
        }
    }
}

/// A zone in the forms that the C library and the JVM read: a name, a path below a zoneinfo directory, `GMT+8`
/// (east of Greenwich) or POSIX's `CST-8` (west of it, so `-8` is east).
fn named(name: &str) -> Option<Tz> {
    let name = name.strip_prefix(':').unwrap_or(name);
    let name = name.rsplit_once("zoneinfo/").map_or(name, |(_, below)| below);
    let name = name.strip_prefix("posix/").or_else(|| name.strip_prefix("right/")).unwrap_or(name);
    if let Ok(zone) = name.parse() {
        return Some(zone);
    }
    if let Some(east) = name.strip_prefix("GMT").and_then(offset_minutes) {
        return fixed(east);
    }
    let letters = if let Some(quoted) = name.strip_prefix('<') {
        quoted.find('>')? + 2
    } else {
        name.find(|c: char| !c.is_ascii_alphabetic()).filter(|length| *length >= 3)?
    };
    fixed(-offset_minutes(name.get(letters..)?)?)
}

/// `8`, `+8`, `-08:30` or `+0830`, in minutes.
fn offset_minutes(text: &str) -> Option<i32> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => (1, text),
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some((hours, minutes)) => (hours, minutes.split(':').next().unwrap_or(minutes)),
        None if digits.len() == 4 => digits.split_at_checked(2)?,
        None => (digits, "0"),
    };
    let number = |text: &str, limit: i32| {
        let is_number = !text.is_empty() && text.len() <= 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse::<i32>().ok()).flatten().filter(|number| *number <= limit)
    };
    Some(sign * (number(hours, 24)? * 60 + number(minutes, 59)?))
}

/// A zone that is always so many minutes ahead of UTC.
fn fixed(minutes: i32) -> Option<Tz> {
    if minutes % 60 == 0 {
        // The names are POSIX's: what is ahead of UTC has a minus.
        return format!("Etc/GMT{:+}", -(minutes / 60)).parse().ok();
    }
    BROKEN_HOURS.iter().find(|(offset, _)| *offset == minutes).map(|(_, zone)| *zone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{Offset, TimeZone};

    #[track_caller]
    fn check(name: &str, minutes: i32) {
        let (zone, remark) = time_zone(Some(name.into()));
        let at = chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let seconds = zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc();
        assert_eq!((seconds, remark), (minutes * 60, None), "{name}");
    }

    #[test]
    fn every_form_is_read() {
        for shanghai in ["Asia/Shanghai", ":Asia/Shanghai", "posix/Asia/Shanghai", "PRC", "Etc/GMT-8", "GMT+8"] {
            check(shanghai, 480);
        }
        for shanghai in ["GMT+08:00", "GMT+0800", "CST-8", "<+08>-8", "<+08>-08:00", "UTC-8"] {
            check(shanghai, 480);
        }
        check("/usr/share/zoneinfo/Asia/Shanghai", 480);
        check(":/usr/share/zoneinfo/posix/Asia/Shanghai", 480);
        check("GMT-3", -180);
        check("GMT", 0);
        check("UTC0", 0);
        check("BRT3", -180);
        check("GMT+05:30", 330);
        check("IST-5:30", 330);
        BROKEN_HOURS.iter().for_each(|(minutes, zone)| check(zone.name(), *minutes));
    }

    #[test]
    fn what_is_no_zone_is_utc_and_said() {
        for name in
            ["Mars/Olympus", "GMT+99", "GMT+8x", "A8", "<x", "é", "GMT+5:31", "GMT+:", "CET-1CEST,M3.5.0,M10.5.0/3"]
        {
            let (zone, remark) = time_zone(Some(name.into()));
            assert_eq!(zone, Tz::UTC, "{name}");
            assert!(remark.is_some_and(|remark| remark.contains(name)), "{name}");
        }
    }
}
