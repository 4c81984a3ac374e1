//! The contract of a state store, held by one of one's own.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::sync::Arc;

use custom_store::DirectoryStore;
use testkit::store::Held;

fn main() {
    testkit::store::run("directory", || async {
        let directory = tempfile::tempdir().unwrap();
        Held::new(Arc::new(DirectoryStore::new(directory.path().to_owned())), directory)
    });
}
