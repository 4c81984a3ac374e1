//! How much load there is, whether it rises or falls, and for how long that has held: the longest window whose straight
//! line still explains its own recent end. It shortens itself at a change point and lengthens itself in noise.

/// A moment in seconds, and records per second then.
pub(super) type Sample = (f64, f64);

/// Windows of samples (half an hour is kept), and of five-minute means (three hours are).
const FINE: [usize; 5] = [60, 30, 16, 8, 4];
const COARSE: [usize; 3] = [36, 24, 12];

/// The load of a source.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Level {
    /// Records per second now.
    pub(super) now: f64,
    /// By how many records per second it changes in a second.
    pub(super) slope: f64,
    /// For how many seconds that has held.
    pub(super) held: f64,
    /// Whether the last sample may be the beginning of a jump: the next one tells.
    pub(super) is_pending: bool,
}

/// From the last samples and the means of the last hours, oldest first. Without breaks, the longest window is taken as it is.
pub(super) fn level(samples: &[Sample], means: &[Sample], breaks: bool) -> Level {
    let n = samples.len();
    let Some(&(end, last)) = samples.last() else { return Level::default() };
    if n < 3 {
        return Level { now: last, ..Level::default() };
    }
    let steps = samples.windows(2).map(|pair| (pair[1].1 - pair[0].1).abs()).collect();
    let sigma = (1.05 * median(steps)).max(if n < 8 { 0.1 * last } else { 0.0 });
    for window in COARSE.into_iter().filter(|window| means.len() >= *window) {
        let part = &means[means.len() - window..];
        let bends = part.windows(3).map(|three| (three[0].1 - 2.0 * three[1].1 + three[2].1).abs()).collect();
        let rough = 0.6 * median(bends);
        let (value, slope) = line(part, rough);
        let now = value + slope * (end - part[window - 1].0);
        if slope != 0.0 && fits(part, now, slope, end, rough) && explains(now, slope, samples, sigma, 16) {
            return Level { now: now.max(0.0), slope, held: end - part[0].0, is_pending: false };
        }
    }
    for window in FINE {
        if window > n && window > 4 && n <= window / 2 {
            continue;
        }
        let part = &samples[n.saturating_sub(window)..];
        let (now, slope) = line(part, sigma);
        if !breaks || explains(now, slope, samples, sigma, part.len() / 2) {
            return Level { now: now.max(0.0), slope, held: end - part[0].0, is_pending: false };
        }
    }
    let (a, b, c) = (samples[n - 3].1, samples[n - 2].1, samples[n - 1].1);
    let far = (3.0 * sigma).max(0.15 * b);
    let is_pending = (c - b).abs() > far && (b - a).abs() <= far;
    let now = if is_pending {
        // The first sample after a jump may hold only a part of it: the next one tells.
        (a + b) / 2.0
    } else if c > b {
        c
    } else {
        (b + c) / 2.0
    };
    Level { now, is_pending, ..Level::default() }
}

/// The upper one of the two in the middle; 0 of nothing.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// The value at the last point and the slope, by least squares; the slope is 0 unless it stands out of the noise.
fn line(part: &[Sample], sigma: f64) -> (f64, f64) {
    let (Some(&(end, _)), count) = (part.last(), count(part.len())) else { return (0.0, 0.0) };
    let mean_time = part.iter().map(|(at, _)| at).sum::<f64>() / count - end;
    let mean = part.iter().map(|(_, rate)| rate).sum::<f64>() / count;
    if part.len() < 8 {
        return (mean, 0.0);
    }
    let squares: f64 = part.iter().map(|(at, _)| (at - end - mean_time).powi(2)).sum();
    let slope = part.iter().map(|(at, rate)| (at - end - mean_time) * (rate - mean)).sum::<f64>() / squares;
    let error = sigma / squares.sqrt();
    if !slope.is_finite() || slope.abs() < 3.0 * error { (mean, 0.0) } else { (mean - slope * mean_time, slope) }
}

/// Whether the line still explains the latest 2, 4, 8, 16 samples, as far as `most` allows.
fn explains(now: f64, slope: f64, samples: &[Sample], sigma: f64, most: usize) -> bool {
    let Some(&(end, _)) = samples.last() else { return true };
    [2usize, 4, 8, 16].into_iter().take_while(|recent| *recent <= most).all(|recent| {
        let part = &samples[samples.len().saturating_sub(recent)..];
        let m = count(recent);
        let residual = part.iter().map(|(at, rate)| rate - (now + slope * (at - end))).sum::<f64>() / m;
        let widest = if recent >= 8 { 0.15 * now } else { f64::INFINITY };
        residual.abs() <= (0.04 * now).max((3.0 * sigma / m.sqrt()).min(widest))
    })
}

/// Whether every point is near the line.
fn fits(part: &[Sample], now: f64, slope: f64, end: f64, sigma: f64) -> bool {
    part.iter().all(|(at, rate)| {
        let expected = now + slope * (at - end);
        (rate - expected).abs() <= (0.1 * expected).max(2.0 * sigma)
    })
}

#[expect(clippy::cast_precision_loss, reason = "a few dozen samples")]
fn count(length: usize) -> f64 {
    length as f64
}
