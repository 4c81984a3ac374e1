//! The control loop over ports on the heap, in paused time: what a minute holds takes no time, and nothing races a clock.

#![expect(clippy::unwrap_used, reason = "a test")]

mod answers;
mod approvals;
mod clock_set;
mod clusters;
mod cycles;
mod events;
mod gone;
mod labels;
mod lease;
mod plugins;
mod process;
mod slow;
mod support;
mod writers;
