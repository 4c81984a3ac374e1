//! The endpoint over a control loop on the heap.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod access;
mod answers;
mod approve;
mod support;
