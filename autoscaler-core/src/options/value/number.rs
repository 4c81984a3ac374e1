//! Doubles as Java reads them: white space around, a type suffix, hexadecimal forms.

/// A double from the text Java's `Double.parseDouble` would take.
pub(super) fn java_double(text: &str) -> Option<f64> {
    let text = text.trim();
    let (negative, unsigned) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let magnitude = match unsigned {
        "Infinity" => f64::INFINITY,
        "NaN" => f64::NAN,
        _ => {
            let digits = unsigned.strip_suffix(['f', 'F', 'd', 'D']).unwrap_or(unsigned);
            match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
                Some(_) => hexadecimal(unsigned)?,
                // Rust also takes `inf`, `nan` and signs here; Java does not.
                None if digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') => digits.parse().ok()?,
                None => return None,
            }
        }
    };
    Some(if negative { -magnitude } else { magnitude })
}

/// `0xH.HpE`, the exponent being required.
fn hexadecimal(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.get(2..)?.split_once(['p', 'P'])?;
    let exponent: i32 = exponent.strip_suffix(['f', 'F', 'd', 'D']).unwrap_or(exponent).parse().ok()?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut value = 0.0;
    for digit in whole.chars() {
        value = value * 16.0 + f64::from(digit.to_digit(16)?);
    }
    let mut place = 1.0 / 16.0;
    for digit in fraction.chars() {
        value += f64::from(digit.to_digit(16)?) * place;
        place /= 16.0;
    }
    Some(value * 2f64.powi(exponent))
}
