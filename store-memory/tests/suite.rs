//! The contract of a state store, held by the one on the heap.

use std::sync::Arc;

use store_memory::MemoryStateStore;
use testkit::store::Held;

fn main() {
    testkit::store::run("memory", || async { Held::new(Arc::new(MemoryStateStore::new()), ()) });
}
