//! What holds for every job, metric and option, tried on made-up ones.

#![expect(clippy::unwrap_used, reason = "a test")]

mod codec;
mod decisions;
mod made_up;
mod replays;
mod responsive;
mod topology;
