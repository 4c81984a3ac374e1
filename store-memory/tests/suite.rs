//! The contract of a state store, held by the one on the heap.

use std::sync::Arc;

use store_memory::MemoryStateStore;
use testkit::store::{Fixture, Saves};

fn main() {
    testkit::store::run("memory", Saves::CannotFail, || async { Fixture::new(Arc::new(MemoryStateStore::new()), ()) });
}
