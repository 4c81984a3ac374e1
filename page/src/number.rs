//! Numbers for people.

use std::fmt;

use autoscaler_core::decimal::fixed;

/// What stands where nothing is known.
pub(crate) const UNKNOWN: &str = "–";

const STEPS: [(f64, &str); 4] = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")];

/// A number with about three digits: 7, 0.25, 1.24k, 310M.
pub(crate) struct Short(pub(crate) f64);

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.0;
        if value.is_nan() {
            return f.write_str(UNKNOWN);
        }
        if value.is_infinite() {
            return f.write_str("∞");
        }
        let step = STEPS.iter().find(|(least, _)| value.abs() >= *least);
        let (value, unit) = step.map_or((value, ""), |(least, unit)| (value / least, *unit));
        let decimals = match value.abs() {
            small if small < 10.0 => 2,
            middle if middle < 100.0 => 1,
            _ => 0,
        };
        let text = fixed(value, decimals);
        let text = if decimals > 0 { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
        write!(f, "{text}{unit}")
    }
}

/// A rate, records per second.
pub(crate) struct Rate(pub(crate) f64);

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_nan() { f.write_str(UNKNOWN) } else { write!(f, "{}/s", Short(self.0)) }
    }
}

/// A share of one as percent.
pub(crate) struct Percent(pub(crate) f64);

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_finite() { write!(f, "{} %", fixed(self.0 * 100.0, 0)) } else { f.write_str(UNKNOWN) }
    }
}

/// Subtasks: as they are, and as they should be where that differs.
pub(crate) struct Subtasks(pub(crate) Option<i64>, pub(crate) Option<i64>);

impl fmt::Display for Subtasks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0, self.1) {
            (None, _) => f.write_str(UNKNOWN),
            (Some(now), Some(then)) if now != then => write!(f, "{now} → {then}"),
            (Some(now), _) => write!(f, "{now}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_will_do() {
        for (value, text) in [
            (0.0, "0"),
            (0.256, "0.26"),
            (7.0, "7"),
            (12.5, "12.5"),
            (999.4, "999"),
            (1240.0, "1.24k"),
            (31e7, "310M"),
            (2e9, "2G"),
            (-1500.0, "-1.5k"),
            (f64::NAN, "–"),
            (f64::INFINITY, "∞"),
        ] {
            assert_eq!(Short(value).to_string(), text);
        }
        assert_eq!(Percent(0.825).to_string(), "83 %");
        assert_eq!(Subtasks(Some(3), Some(5)).to_string(), "3 → 5");
        assert_eq!(Subtasks(Some(3), Some(3)).to_string(), "3");
    }
}
