//! How option texts are read: Flink's own rules for durations, sizes, lists, maps, numbers and names.

use std::collections::BTreeMap;
use std::time::Duration;

use super::shown::Shown;

mod flow;
mod number;

pub(super) use flow::{map_with_lists, maps};

/// A type an option can have.
pub trait OptionValue: Sized {
    /// What a text of this type looks like, for messages.
    const EXPECTED: &'static str;
    /// What messages show of texts that can't be used.
    const SHOWN: Shown = Shown::Harmless;

    /// Whether it is a map.
    const IS_MAP: bool = false;

    /// Reads a text; `None` if it is not of this type.
    fn read(text: &str) -> Option<Self>;

    /// The map of these entries; `None` if this is no map.
    fn of_entries(_entries: BTreeMap<String, String>) -> Option<Self> {
        None
    }

    /// What ranges go by: a number as it is, a duration in seconds, a size in bytes; none where there is no order.
    fn magnitude(&self) -> Option<f64> {
        None
    }

    /// A bound of a range, for messages.
    fn bound(bound: f64) -> String {
        bound.to_string()
    }
}

impl OptionValue for bool {
    const EXPECTED: &'static str = "true or false";

    fn read(text: &str) -> Option<Self> {
        if text.eq_ignore_ascii_case("true") {
            Some(true)
        } else if text.eq_ignore_ascii_case("false") {
            Some(false)
        } else {
            None
        }
    }
}

impl OptionValue for i32 {
    const EXPECTED: &'static str = "a whole number";

    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn magnitude(&self) -> Option<f64> {
        Some(f64::from(*self))
    }
}

impl OptionValue for f64 {
    const EXPECTED: &'static str = "a number";

    fn read(text: &str) -> Option<Self> {
        number::java_double(text)
    }

    fn magnitude(&self) -> Option<f64> {
        Some(*self)
    }

    fn bound(bound: f64) -> String {
        crate::decimal::java_text(bound)
    }
}

impl OptionValue for String {
    const EXPECTED: &'static str = "a text";
    const SHOWN: Shown = Shown::Nothing;

    fn read(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

/// A whole number and the unit behind it, lower-cased.
fn number_and_unit(text: &str) -> Option<(i64, String)> {
    let text = text.trim();
    let end = text.bytes().position(|b| !b.is_ascii_digit()).unwrap_or(text.len());
    let number = text.get(..end)?.parse().ok()?;
    Some((number, text.get(end..)?.trim().to_lowercase()))
}

impl OptionValue for Duration {
    const EXPECTED: &'static str =
        "a whole number with a unit (d, h, min, s, ms, µs, ns), such as '30 s'; milliseconds if there is none";

    fn read(text: &str) -> Option<Self> {
        let (number, unit) = number_and_unit(text)?;
        let nanos_per_unit: u64 = match unit.as_str() {
            "d" | "day" | "days" => 86_400_000_000_000,
            "h" | "hour" | "hours" => 3_600_000_000_000,
            "m" | "min" | "minute" | "minutes" => 60_000_000_000,
            "s" | "sec" | "secs" | "second" | "seconds" => 1_000_000_000,
            "" | "ms" | "milli" | "millis" | "millisecond" | "milliseconds" => 1_000_000,
            "µs" | "micro" | "micros" | "microsecond" | "microseconds" => 1_000,
            "ns" | "nano" | "nanos" | "nanosecond" | "nanoseconds" => 1,
            _ => return None,
        };
        let nanos = u128::from(number.unsigned_abs()) * u128::from(nanos_per_unit);
        let seconds = u64::try_from(nanos / 1_000_000_000).ok().filter(|s| i64::try_from(*s).is_ok())?;
        Some(Self::new(seconds, u32::try_from(nanos % 1_000_000_000).ok()?))
    }

    fn magnitude(&self) -> Option<f64> {
        Some(self.as_secs_f64())
    }

    fn bound(bound: f64) -> String {
        if bound < 1.0 { format!("{} ms", bound * 1000.0) } else { format!("{bound} s") }
    }
}

/// A size in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MemorySize(
    /// Bytes.
    pub u64,
);

impl OptionValue for MemorySize {
    const EXPECTED: &'static str =
        "a whole number with a unit (b, kb, mb, gb, tb), such as '4 gb'; bytes if there is none";

    fn read(text: &str) -> Option<Self> {
        let (number, unit) = number_and_unit(text)?;
        let bytes_per_unit: i64 = match unit.as_str() {
            "" | "b" | "bytes" => 1,
            "k" | "kb" | "kibibytes" => 1 << 10,
            "m" | "mb" | "mebibytes" => 1 << 20,
            "g" | "gb" | "gibibytes" => 1 << 30,
            "t" | "tb" | "tebibytes" => 1 << 40,
            _ => return None,
        };
        number.checked_mul(bytes_per_unit).and_then(|bytes| u64::try_from(bytes).ok()).map(Self)
    }

    fn magnitude(&self) -> Option<f64> {
        // Bounds are of a few bytes: what is beyond 4 GiB need not be told apart.
        Some(f64::from(u32::try_from(self.0).unwrap_or(u32::MAX)))
    }
}

/// The largest unit that divides the size: `4 gb`, `88640 kb`, `107760000 bytes`.
impl std::fmt::Display for MemorySize {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (shift, unit) in [(40, "tb"), (30, "gb"), (20, "mb"), (10, "kb")] {
            if self.0 != 0 && self.0.trailing_zeros() >= shift {
                return write!(f, "{} {unit}", self.0 >> shift);
            }
        }
        write!(f, "{} bytes", self.0)
    }
}

impl OptionValue for Vec<String> {
    const EXPECTED: &'static str =
        "a list such as 'a;b;c', entries with a ';' in single or double quotes, or a YAML list such as '[a, b, c]'";
    const SHOWN: Shown = Shown::Nothing;

    fn read(text: &str) -> Option<Self> {
        flow::list(text).or_else(|| split_quoted(text, ';'))
    }
}

impl OptionValue for BTreeMap<String, String> {
    const EXPECTED: &'static str = "a map such as 'a:1,b:2' or, in YAML, '{a: 1, b: 2}', without repeated keys";
    const SHOWN: Shown = Shown::Nothing;
    const IS_MAP: bool = true;

    fn of_entries(entries: BTreeMap<String, String>) -> Option<Self> {
        Some(entries)
    }

    fn read(text: &str) -> Option<Self> {
        if text.trim_start().starts_with('{') {
            return flow::map(text);
        }
        let mut map = Self::new();
        for entry in split_quoted(text, ',')? {
            let (key, value) = entry.split_once(':')?;
            if map.insert(key.trim().to_owned(), value.trim().to_owned()).is_some() {
                return None;
            }
        }
        Some(map)
    }
}

/// Entries between `delimiter`s, trimmed. An entry in quotes may hold the delimiter, and its quote doubled. Nothing
/// stands before a leading delimiter or behind a trailing one; an empty entry between two counts.
fn split_quoted(text: &str, delimiter: char) -> Option<Vec<String>> {
    let mut entries = Vec::new();
    let mut rest = text.trim_start();
    rest = rest.strip_prefix(delimiter).unwrap_or(rest).trim_start();
    while !rest.is_empty() {
        let entry;
        match rest.chars().next() {
            Some(quote @ ('\'' | '"')) => {
                (entry, rest) = quoted(&rest[1..], quote)?;
                rest = rest.trim_start();
                if !rest.is_empty() && !rest.starts_with(delimiter) {
                    return None;
                }
            }
            _ => {
                let end = rest.find(delimiter).unwrap_or(rest.len());
                entry = rest[..end].trim().to_owned();
                rest = &rest[end..];
            }
        }
        entries.push(entry);
        rest = rest.strip_prefix(delimiter).unwrap_or(rest).trim_start();
    }
    Some(entries)
}

/// The text up to the closing quote, and what follows it.
fn quoted(text: &str, quote: char) -> Option<(String, &str)> {
    let mut entry = String::new();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c != quote {
            entry.push(c);
        } else if chars.next_if(|(_, next)| *next == quote).is_some() {
            entry.push(quote);
        } else {
            return Some((entry, &text[at + 1..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("a;b", &["a", "b"])]
    #[case("[a, b]", &["a", "b"])]
    #[case("['a', \"b\"]", &["a", "b"])]
    #[case("[ 'it''s', \"a \\\"b\\\"\", c d ,]", &["it's", "a \"b\"", "c d"])]
    #[case("[]", &[])]
    #[case("[a;b", &["[a", "b"])] // no YAML list, so a list of the older kind
    #[case("['0 0 * ? * MON', 08:00-10:00]", &["0 0 * ? * MON", "08:00-10:00"])]
    fn lists(#[case] text: &str, #[case] expected: &[&str]) {
        assert_eq!(Vec::<String>::read(text).unwrap(), expected);
    }

    #[rstest]
    #[case("a:1,b:2")]
    #[case("{a: '1', b: 2}")]
    #[case("{ 'a' : 1 , \"b\": '2' }")]
    #[case("{a: 1, b: 2,}")]
    fn maps(#[case] text: &str) {
        let expected = BTreeMap::from([("a".to_owned(), "1".to_owned()), ("b".to_owned(), "2".to_owned())]);
        assert_eq!(BTreeMap::<String, String>::read(text).unwrap(), expected);
    }

    #[rstest]
    #[case("{a: 1, a: 2}")]
    #[case("{a: 1")]
    #[case("{a}")]
    #[case("{a: {b: 1}}")]
    #[case("{a: 'b}")]
    #[case("a:1,a:2")]
    fn maps_that_are_none(#[case] text: &str) {
        assert_eq!(BTreeMap::<String, String>::read(text), None);
    }
}
