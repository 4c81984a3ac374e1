//! How much load a source gets over time.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::SimulateError;
use crate::random::Random;

/// The load of a source over time. Rates are records per second, times minutes from the beginning.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(tag = "shape", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Load {
    /// Always the same.
    Constant {
        /// How much.
        rate: f64,
    },
    /// A jump, up or down.
    Step {
        /// Before.
        from: f64,
        /// After.
        to: f64,
        /// When.
        at: f64,
    },
    /// A straight way from one level to another.
    Ramp {
        /// Before.
        from: f64,
        /// After.
        to: f64,
        /// When it begins.
        start: f64,
        /// How long it takes.
        minutes: f64,
    },
    /// Up and down, as over a day; it begins at the lowest.
    Sine {
        /// The lowest.
        low: f64,
        /// The highest.
        high: f64,
        /// From one peak to the next.
        period: f64,
    },
    /// A high load for a while, again and again if `every` is set.
    Bursts {
        /// Between bursts.
        base: f64,
        /// Within.
        peak: f64,
        /// When the first one begins.
        at: f64,
        /// How long one is.
        minutes: f64,
        /// From the beginning of one to the next; none: there is only one.
        #[serde(default)]
        every: Option<f64>,
    },
    /// A rise that falls off again by half in each half-life, as after an outage or a push message; again and again if
    /// `every` is set.
    Decay {
        /// Where it comes from and goes to.
        base: f64,
        /// The top.
        peak: f64,
        /// When.
        at: f64,
        /// When half of the rise is gone.
        half_life: f64,
        /// From one to the next; none: there is only one.
        #[serde(default)]
        every: Option<f64>,
    },
    /// A walk at random around a level, to which it comes back in hours.
    Walk {
        /// The level.
        base: f64,
        /// By what share it changes in an hour, as a standard deviation.
        volatility: f64,
    },
    /// Straight lines between points.
    Points {
        /// Each a time and a rate; times rise.
        points: Vec<(f64, f64)>,
    },
    /// The same from a file: a line for each point, seconds from the beginning and records per second with a comma between.
    Csv {
        /// The file; relative to the scenario's.
        file: PathBuf,
    },
}

impl Load {
    /// The rate of each second from the beginning; `random` is for walks.
    pub(crate) fn curve(&self, seconds: u32, random: &mut Random) -> Vec<f64> {
        let Self::Walk { base, volatility } = self else {
            return (0..seconds).map(|second| self.at(f64::from(second) / 60.0)).collect();
        };
        let (mut deviation, each) = (0.0, volatility / 60.0);
        (0..seconds)
            .map(|_| {
                deviation += each * random.normal() - deviation / (4.0 * 3600.0);
                base * deviation.exp()
            })
            .collect()
    }

    /// The rate at a moment.
    fn at(&self, minute: f64) -> f64 {
        match self {
            Self::Constant { rate } => *rate,
            Self::Step { from, to, at } => {
                if minute < *at {
                    *from
                } else {
                    *to
                }
            }
            Self::Ramp { from, to, start, minutes } => {
                from + (to - from) * ((minute - start) / minutes).clamp(0.0, 1.0)
            }
            Self::Sine { low, high, period } => {
                low + (high - low) * (1.0 - (std::f64::consts::TAU * minute / period).cos()) / 2.0
            }
            Self::Bursts { base, peak, at, minutes, every } => {
                since(minute, *at, *every).filter(|since| since < minutes).map_or(*base, |_| *peak)
            }
            Self::Decay { base, peak, at, half_life, every } => {
                since(minute, *at, *every).map_or(*base, |since| base + (peak - base) * 0.5_f64.powf(since / half_life))
            }
            Self::Points { points } => on_lines(points, minute),
            // Those are made of what they are before they are asked.
            Self::Walk { base, .. } => *base,
            Self::Csv { .. } => 0.0,
        }
    }

    /// What is wrong with it, if anything.
    pub(crate) fn problem(&self) -> Option<String> {
        let rates: Vec<f64> = match self {
            Self::Constant { rate } => vec![*rate],
            Self::Step { from, to, at } => vec![*from, *to, *at],
            Self::Ramp { from, to, start, minutes } => vec![*from, *to, *start, *minutes],
            Self::Sine { low, high, period } => vec![*low, *high, *period],
            Self::Bursts { base, peak, at, minutes, every } => vec![*base, *peak, *at, *minutes, every.unwrap_or(1.0)],
            Self::Decay { base, peak, at, half_life, every } => {
                vec![*base, *peak, *at, *half_life, every.unwrap_or(1.0)]
            }
            Self::Walk { base, volatility } => vec![*base, *volatility],
            Self::Points { points } => points.iter().flat_map(|(at, rate)| [*at, *rate]).collect(),
            Self::Csv { .. } => Vec::new(),
        };
        if rates.iter().any(|number| !number.is_finite() || *number < 0.0) {
            return Some("expected rates and times of at least 0".to_owned());
        }
        let spans = match self {
            Self::Ramp { minutes, .. } => vec![*minutes],
            Self::Sine { period, .. } => vec![*period],
            Self::Bursts { every, .. } => vec![every.unwrap_or(1.0)],
            Self::Decay { half_life, every, .. } => vec![*half_life, every.unwrap_or(1.0)],
            _ => Vec::new(),
        };
        if spans.contains(&0.0) {
            return Some("expected spans of more than 0 minutes".to_owned());
        }
        match self {
            Self::Points { points } if points.is_empty() => Some("expected at least one point".to_owned()),
            Self::Points { points } if points.windows(2).any(|two| two[0].0 > two[1].0) => {
                Some("expected points whose times rise".to_owned())
            }
            _ => None,
        }
    }

    /// With the file of points read, if it is one.
    pub(crate) fn with_file(self, directory: &Path) -> Result<Self, SimulateError> {
        let Self::Csv { file } = self else { return Ok(self) };
        let path = directory.join(file);
        let text = std::fs::read_to_string(&path)
            .map_err(|source| SimulateError::Unreadable { path: path.clone(), source })?;
        let mut points = Vec::new();
        for (line_before, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let pair = line.split_once(',');
            let number = |text: &str| text.trim().parse::<f64>().ok();
            match pair.and_then(|(at, rate)| number(at).zip(number(rate))) {
                Some((seconds, rate)) => points.push((seconds / 60.0, rate)),
                // A head may name the columns.
                None if line_before == 0 => {}
                None => {
                    let problem =
                        format!("line {}: expected seconds and records per second, as in 60,1500", line_before + 1);
                    return Err(SimulateError::Malformed { path, problem });
                }
            }
        }
        Ok(Self::Points { points })
    }
}

/// Minutes since the last beginning; none before the first.
fn since(minute: f64, at: f64, every: Option<f64>) -> Option<f64> {
    (minute >= at).then(|| every.map_or(minute - at, |every| (minute - at) % every))
}

fn on_lines(points: &[(f64, f64)], minute: f64) -> f64 {
    let behind = points.partition_point(|(at, _)| *at <= minute);
    match (behind.checked_sub(1).map(|before| points[before]), points.get(behind)) {
        (Some((at, rate)), Some((next, to))) => rate + (to - rate) * (minute - at) / (next - at),
        (Some((_, rate)), None) | (None, Some(&(_, rate))) => rate,
        (None, None) => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(load: &Load, expected: &[(f64, f64)]) {
        for (minute, rate) in expected {
            assert!((load.at(*minute) - rate).abs() < 1e-9, "{load:?} at {minute}: {}", load.at(*minute));
        }
    }

    #[test]
    fn shapes_are_as_they_say() {
        check(&Load::Step { from: 1.0, to: 4.0, at: 60.0 }, &[(0.0, 1.0), (59.9, 1.0), (60.0, 4.0)]);
        check(&Load::Ramp { from: 1.0, to: 5.0, start: 10.0, minutes: 40.0 }, &[(0.0, 1.0), (30.0, 3.0), (99.0, 5.0)]);
        check(&Load::Sine { low: 2.0, high: 6.0, period: 24.0 }, &[(0.0, 2.0), (6.0, 4.0), (12.0, 6.0), (24.0, 2.0)]);
        let bursts = Load::Bursts { base: 1.0, peak: 3.0, at: 30.0, minutes: 10.0, every: Some(60.0) };
        check(&bursts, &[(0.0, 1.0), (30.0, 3.0), (39.9, 3.0), (40.0, 1.0), (95.0, 3.0)]);
        let once = Load::Decay { base: 1.0, peak: 9.0, at: 5.0, half_life: 10.0, every: None };
        check(&once, &[(0.0, 1.0), (5.0, 9.0), (15.0, 5.0), (25.0, 3.0)]);
        let points = Load::Points { points: vec![(1.0, 10.0), (3.0, 20.0), (3.0, 50.0)] };
        check(&points, &[(0.0, 10.0), (2.0, 15.0), (3.0, 50.0), (9.0, 50.0)]);
    }
}
