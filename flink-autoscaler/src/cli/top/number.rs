//! Numbers in few letters.

/// What stands where nothing is known.
pub(super) const UNKNOWN: &str = "-";

/// A number with about three digits: 7, 0.25, 1.24k.
pub(super) fn short(value: Option<f64>) -> String {
    const STEPS: [(f64, &str); 4] = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")];
    let Some(value) = value else { return UNKNOWN.to_owned() };
    let step = STEPS.iter().find(|(least, _)| value.abs() >= *least);
    let (value, unit) = step.map_or((value, ""), |(least, unit)| (value / least, *unit));
    let decimals = if value.abs() < 10.0 { 2 } else { usize::from(value.abs() < 100.0) };
    let text = format!("{value:.decimals$}");
    let text = if decimals > 0 { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text}{unit}")
}

/// A share of one as percent.
pub(super) fn percent(share: Option<f64>) -> String {
    share.map_or(UNKNOWN.to_owned(), |share| format!("{:.0} %", share * 100.0))
}

/// Subtasks: as they are, and as they should be where that differs.
pub(super) fn subtasks(now: Option<i64>, then: Option<i64>) -> String {
    match (now, then) {
        (None, _) => UNKNOWN.to_owned(),
        (Some(now), Some(then)) if now != then => format!("{now} → {then}"),
        (Some(now), _) => now.to_string(),
    }
}

/// The time of an instant: UTC, to the second.
pub(super) fn time(text: Option<&str>) -> String {
    text.and_then(|text| text.get(11..19)).unwrap_or(UNKNOWN).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_letters_will_do() {
        for (value, text) in
            [(0.0, "0"), (0.256, "0.26"), (12.5, "12.5"), (999.4, "999"), (1240.0, "1.24k"), (2e9, "2G")]
        {
            assert_eq!(short(Some(value)), text);
        }
        assert_eq!((short(None), percent(Some(0.826))), ("-".to_owned(), "83 %".to_owned()));
        assert_eq!(
            (time(Some("2026-11-26T21:30:05.123Z")), time(Some("soon"))),
            ("21:30:05".to_owned(), "-".to_owned())
        );
    }
}
