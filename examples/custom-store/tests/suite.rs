//! The contract of a state store, held by one of one's own.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::sync::Arc;

use custom_store::FileStore;
use testkit::store::Fixture;

fn main() {
    testkit::store::run("file", || async {
        let directory = tempfile::tempdir().unwrap();
        Fixture::new(Arc::new(FileStore::new(directory.path())), directory)
    });
}
