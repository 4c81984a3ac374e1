//! The contract of a state store, held by the one on the heap.

use std::sync::Arc;

use store_memory::MemoryStateStore;
use testkit::store::Fixture;

fn main() {
    testkit::store::run("memory", || async { Fixture::new(Arc::new(MemoryStateStore::new()), ()) });
}
