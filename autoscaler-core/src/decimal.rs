//! Decimal forms of doubles, as the reference prints and rounds them: on the shortest decimal form, halves up.

/// `value` rounded half-up to three decimals on its shortest decimal form; NaN and infinities stay, and a value
/// that would become 0 stays itself (algorithm 2).
///
/// ```
/// assert_eq!(autoscaler_core::decimal::round3(0.0005), 0.001);
/// assert_eq!(autoscaler_core::decimal::round3(1.0005), 1.001); // in binary it is a little less than 1.0005
/// assert_eq!(autoscaler_core::decimal::round3(0.0001), 0.0001);
/// ```
pub fn round3(value: f64) -> f64 {
    const EXACT: f64 = 9_007_199_254_740_992.0; // 2^53: above it a double has no fraction
    // Counters are whole numbers, and there is nothing to round on those.
    if value.fract() == 0.0 {
        return value;
    }
    let magnitude = value.abs();
    let scaled = magnitude * 1000.0;
    if !scaled.is_finite() || scaled >= EXACT {
        return round3_of_large(value);
    }
    let fraction = scaled.fract();
    let thousandths = if (fraction - 0.5).abs() > 1e-6 && scaled < 1e9 {
        scaled.round()
    } else {
        match fixed(magnitude, 3).parse::<f64>() {
            Ok(rounded) => (rounded * 1000.0).round(),
            Err(_) => return value,
        }
    };
    if thousandths == 0.0 { value } else { (thousandths / 1000.0).copysign(value) }
}

/// Above 2^53 thousandths: rounding matters only where three decimals still exist at all.
fn round3_of_large(value: f64) -> f64 {
    if !value.is_finite() || value.fract() == 0.0 {
        return value;
    }
    fixed(value, 3).parse().unwrap_or(value)
}

/// `value` with exactly `decimals` decimals, halves up (away from zero) on the shortest decimal form; `NaN`,
/// `Infinity` and `-Infinity` by name.
///
/// ```
/// assert_eq!(autoscaler_core::decimal::fixed(74.165, 2), "74.17");
/// assert_eq!(autoscaler_core::decimal::fixed(f64::INFINITY, 2), "Infinity");
/// ```
pub fn fixed(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return name_of_non_finite(value).to_owned();
    }
    // `Display` of f64 is the shortest form that reads back as the same double, without an exponent.
    let shortest = value.abs().to_string();
    let (whole, fraction) = shortest.split_once('.').unwrap_or((&shortest, ""));
    let kept = fraction.len().min(decimals);
    let mut digits: Vec<u8> = whole.bytes().chain(fraction.bytes().take(kept)).collect();
    digits.resize(whole.len() + decimals, b'0');
    if fraction.as_bytes().get(decimals).is_some_and(|d| *d >= b'5') {
        increment(&mut digits);
    }
    let point = digits.len() - decimals;
    let mut text = String::with_capacity(digits.len() + 2);
    if value < 0.0 && digits.iter().any(|d| *d != b'0') {
        text.push('-');
    }
    text.extend(digits[..point].iter().map(|d| char::from(*d)));
    if decimals > 0 {
        text.push('.');
        text.extend(digits[point..].iter().map(|d| char::from(*d)));
    }
    text
}

fn increment(digits: &mut Vec<u8>) {
    for digit in digits.iter_mut().rev() {
        if *digit == b'9' {
            *digit = b'0';
        } else {
            *digit += 1;
            return;
        }
    }
    digits.insert(0, b'1');
}

/// `value` the way Java prints a double: `1.0`, `15.066000000000003`, `1.0E10`, `Infinity`.
pub fn java_text(value: f64) -> String {
    if !value.is_finite() {
        return name_of_non_finite(value).to_owned();
    }
    let magnitude = value.abs();
    if magnitude == 0.0 || (1e-3..1e7).contains(&magnitude) {
        return format!("{value:?}");
    }
    let text = format!("{value:E}");
    match text.split_once('E') {
        Some((mantissa, exponent)) if !mantissa.contains('.') => format!("{mantissa}.0E{exponent}"),
        _ => text,
    }
}

/// Java's name of NaN or an infinity.
pub fn name_of_non_finite(value: f64) -> &'static str {
    if value.is_nan() {
        "NaN"
    } else if value > 0.0 {
        "Infinity"
    } else {
        "-Infinity"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(1.2344, 1.234)]
    #[case(1.2345, 1.235)]
    #[case(-1.2345, -1.235)]
    #[case(0.0004, 0.0004)] // would give 0
    #[case(0.0, 0.0)]
    #[case(2.0005, 2.001)] // 2.000499999999999989… in binary
    #[case(1e20, 1e20)]
    #[case(123_456_789_012.345_5, 123_456_789_012.346)]
    #[case(f64::INFINITY, f64::INFINITY)]
    fn rounds_to_three_decimals(#[case] value: f64, #[case] expected: f64) {
        assert_eq!(round3(value), expected);
    }

    #[test]
    fn keeps_nan() {
        assert!(round3(f64::NAN).is_nan());
    }

    #[rstest]
    #[case(0.005, 2, "0.01")]
    #[case(-0.004, 2, "0.00")]
    #[case(999.995, 2, "1000.00")]
    #[case(60.775, 2, "60.78")]
    #[case(5.0, 0, "5")]
    #[case(f64::NAN, 2, "NaN")]
    fn prints_fixed_decimals(#[case] value: f64, #[case] decimals: usize, #[case] expected: &str) {
        assert_eq!(fixed(value, decimals), expected);
    }

    #[rstest]
    #[case(304.368, "304.368")]
    #[case(1.0, "1.0")]
    #[case(1e10, "1.0E10")]
    #[case(12_345_678.9, "1.23456789E7")]
    #[case(0.0001, "1.0E-4")]
    #[case(f64::NEG_INFINITY, "-Infinity")]
    fn prints_as_java(#[case] value: f64, #[case] expected: &str) {
        assert_eq!(java_text(value), expected);
    }
}
