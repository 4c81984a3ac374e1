//! How much of a long list is told at once.

use std::fmt;

use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::place::Place;

/// The most that is told at once.
pub(super) const MOST: u16 = 1000;

/// How many entries of a list, 1 to 1000.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(try_from = "u64")]
#[schema(value_type = u16, minimum = 1, maximum = 1000, default = 100)]
pub(super) struct Count(u16);

/// A count that is out of its bounds.
#[derive(Debug)]
pub(super) struct OutOfBounds;

impl fmt::Display for OutOfBounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected 1 to {MOST}")
    }
}

impl TryFrom<u64> for Count {
    type Error = OutOfBounds;

    fn try_from(count: u64) -> Result<Self, OutOfBounds> {
        u16::try_from(count).ok().filter(|count| (1..=MOST).contains(count)).map(Self).ok_or(OutOfBounds)
    }
}

impl Default for Count {
    fn default() -> Self {
        Self(100)
    }
}

impl Count {
    pub(super) fn get(self) -> usize {
        self.0.into()
    }
}

/// How many.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Limit {
    /// How many, 1 to 1000.
    #[serde(default)]
    #[param(inline)]
    pub(super) limit: Count,
}

/// Which jobs.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// Those of this cluster.
    pub(super) cluster: Option<String>,
    /// Those behind this one: `next` of the page before.
    #[param(value_type = Option<String>, pattern = "^[^/]*/[^/]*$")]
    pub(super) after: Option<Place>,
    /// How many, 1 to 1000.
    #[serde(default)]
    #[param(inline)]
    pub(super) limit: Count,
}
