//! Numbers as Flink writes them: NaN and infinities are texts, and metric values may be too.

use autoscaler_core::decimal::name_of_non_finite;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A double from a number or a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lenient(pub(super) f64);

impl Default for Lenient {
    fn default() -> Self {
        Self(f64::NAN)
    }
}

impl Lenient {
    /// Whether there is no number.
    pub(super) fn is_unknown(&self) -> bool {
        self.0.is_nan()
    }
}

impl Serialize for Lenient {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_finite() {
            serializer.serialize_f64(self.0)
        } else {
            serializer.serialize_str(name_of_non_finite(self.0))
        }
    }
}

impl<'de> Deserialize<'de> for Lenient {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        #[expect(clippy::cast_precision_loss, reason = "counters above 2^53 lose nothing that matters")]
        impl de::Visitor<'_> for Visitor {
            type Value = Lenient;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a number or a number in quotes")
            }

            fn visit_f64<E>(self, value: f64) -> Result<Lenient, E> {
                Ok(Lenient(value))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Lenient, E> {
                Ok(Lenient(value as f64))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Lenient, E> {
                Ok(Lenient(value as f64))
            }

            fn visit_unit<E>(self) -> Result<Lenient, E> {
                Ok(Lenient(f64::NAN))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Lenient, E> {
                match text {
                    "NaN" => Ok(Lenient(f64::NAN)),
                    "Infinity" => Ok(Lenient(f64::INFINITY)),
                    "-Infinity" => Ok(Lenient(f64::NEG_INFINITY)),
                    _ => text.parse().map(Lenient).map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self)),
                }
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}
