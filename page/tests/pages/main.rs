//! Pages of made-up jobs.

#![expect(clippy::unwrap_used, reason = "a test")]

mod addresses;
mod approve;
mod content;
mod got;
mod live;
mod made_up;
mod names;
mod what_if;
