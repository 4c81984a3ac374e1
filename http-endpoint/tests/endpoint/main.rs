//! The endpoint over a control loop on the heap.

#![expect(clippy::unwrap_used, reason = "a test")]

mod access;
mod answers;
mod support;
