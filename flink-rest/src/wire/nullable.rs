//! Fields that Flink leaves out in some versions and writes as null in others.

use serde::{Deserialize, Deserializer};

/// What null stands for: the same as a field that is not there.
pub(super) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}
