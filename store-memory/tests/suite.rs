//! The contract of a state store.

use std::sync::Arc;

fn main() {
    testkit::store::run("memory", || async { Arc::new(store_memory::MemoryStateStore::new()) as _ });
}
