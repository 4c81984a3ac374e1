//! Numbers as Jackson writes them: doubles with NaN and infinities as texts, instants and spans as decimal seconds.

use chrono::{DateTime, TimeDelta};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::value::RawValue;

use crate::decimal::name_of_non_finite;
use crate::time::Instant;

/// A double; NaN and infinities are texts.
#[derive(Clone, Copy)]
pub(super) struct Double(pub(super) f64);

impl Serialize for Double {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_finite() {
            serializer.serialize_f64(self.0)
        } else {
            serializer.serialize_str(name_of_non_finite(self.0))
        }
    }
}

impl<'de> Deserialize<'de> for Double {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        #[expect(clippy::cast_precision_loss, reason = "a metric written as a whole number is meant as a double")]
        impl de::Visitor<'_> for Visitor {
            type Value = Double;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a number, \"NaN\", \"Infinity\" or \"-Infinity\"")
            }

            fn visit_f64<E>(self, value: f64) -> Result<Double, E> {
                Ok(Double(value))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Double, E> {
                Ok(Double(value as f64))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Double, E> {
                Ok(Double(value as f64))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Double, E> {
                match text {
                    "NaN" => Ok(Double(f64::NAN)),
                    "Infinity" => Ok(Double(f64::INFINITY)),
                    "-Infinity" => Ok(Double(f64::NEG_INFINITY)),
                    _ => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
                }
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// Decimal seconds with up to nine decimals, exact.
#[derive(Clone, Copy)]
pub(super) struct Seconds {
    /// Nanoseconds.
    nanos: i128,
}

impl Seconds {
    pub(super) fn of_instant(at: Instant) -> Self {
        Self { nanos: i128::from(at.timestamp()) * 1_000_000_000 + i128::from(at.timestamp_subsec_nanos()) }
    }

    pub(super) fn of_span(span: TimeDelta) -> Self {
        Self { nanos: i128::from(span.num_seconds()) * 1_000_000_000 + i128::from(span.subsec_nanos()) }
    }

    pub(super) fn instant(self) -> Option<Instant> {
        let seconds = i64::try_from(self.nanos.div_euclid(1_000_000_000)).ok()?;
        DateTime::from_timestamp(seconds, u32::try_from(self.nanos.rem_euclid(1_000_000_000)).ok()?)
    }

    pub(super) fn span(self) -> Option<TimeDelta> {
        let seconds = i64::try_from(self.nanos.div_euclid(1_000_000_000)).ok()?;
        TimeDelta::new(seconds, u32::try_from(self.nanos.rem_euclid(1_000_000_000)).ok()?)
    }
}

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let sign = if self.nanos < 0 { "-" } else { "" };
        let nanos = self.nanos.unsigned_abs();
        let decimals = format!("{:09}", nanos % 1_000_000_000);
        let decimals = decimals.trim_end_matches('0');
        let text = format!("{sign}{}.{}", nanos / 1_000_000_000, if decimals.is_empty() { "0" } else { decimals });
        RawValue::from_string(text).map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let text = raw.get();
        let wrong =
            || de::Error::custom(format!("'{}' is no number of seconds", text.chars().take(40).collect::<String>()));
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let exponent: i32 = exponent.parse().map_err(|_| wrong())?;
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let decimals = i32::try_from(fraction.len()).map_err(|_| wrong())?;
        let shift = exponent.checked_add(9).and_then(|shift| shift.checked_sub(decimals)).ok_or_else(wrong)?;
        let digits: i128 = format!("{whole}{fraction}").parse().map_err(|_| wrong())?;
        let scale = 10i128.checked_pow(shift.unsigned_abs()).ok_or_else(wrong)?;
        let nanos = if shift < 0 { Some(digits / scale) } else { digits.checked_mul(scale) };
        Ok(Self { nanos: nanos.ok_or_else(wrong)? })
    }
}
