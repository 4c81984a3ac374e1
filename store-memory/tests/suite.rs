//! The contract of a state store, held by the one on the heap.

use std::sync::Arc;

use store_memory::MemoryStateStore;
use testkit::faulty_store::FaultyStore;
use testkit::store::{Fixture, Saves, trials};

fn main() {
    let memory = || async { Fixture::new(Arc::new(MemoryStateStore::new()), ()) };
    let mut all = trials("memory", Saves::CannotFail, memory);
    // The testkit's own store of faults, none of which is on.
    let faulty = || async { Fixture::new(Arc::new(FaultyStore::new(Arc::new(MemoryStateStore::new()))), ()) };
    all.extend(trials("faulty", Saves::CannotFail, faulty));
    testkit::suite::run(all);
}
