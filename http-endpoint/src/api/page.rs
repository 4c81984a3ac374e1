//! How much of a long list is told at once.

use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::answer::Refused;

/// The most that is told at once.
pub(super) const MOST: usize = 1000;
const USUAL: usize = 100;

/// How many.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Limit {
    /// How many, 1 to 1000.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<usize>,
}

/// Which jobs.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// Those of this cluster.
    pub(super) cluster: Option<String>,
    /// Those behind this one: `next` of the page before.
    #[param(pattern = "/")]
    pub(super) after: Option<String>,
    /// How many, 1 to 1000.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    pub(super) limit: Option<usize>,
}

impl Limit {
    pub(super) fn count(&self) -> Result<usize, Refused> {
        checked(self.limit)
    }
}

/// A limit within its bounds.
pub(super) fn checked(limit: Option<usize>) -> Result<usize, Refused> {
    match limit.unwrap_or(USUAL) {
        limit @ 1..=MOST => Ok(limit),
        _ => Err(Refused::new(StatusCode::BAD_REQUEST, format!("limit: expected 1 to {MOST}"))),
    }
}
