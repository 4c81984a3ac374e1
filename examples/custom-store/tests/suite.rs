//! The contracts of a state store and of a lease, held by one of one's own.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::sync::Arc;

use autoscaler::autoscaler_core::Lease;
use custom_store::FileStore;
use tempfile::TempDir;
use testkit::lease::Place;
use testkit::store::Fixture;

struct Directories(TempDir);

#[async_trait::async_trait]
impl Place for Directories {
    fn lease(&self) -> Arc<dyn Lease> {
        Arc::new(FileStore::new(self.0.path().join("here")))
    }

    fn elsewhere(&self) -> Arc<dyn Lease> {
        Arc::new(FileStore::new(self.0.path().join("there")))
    }

    fn name(&self) -> String {
        "here".to_owned()
    }

    async fn take_away(&self) -> bool {
        false
    }
}

fn main() {
    let mut all = testkit::store::trials("file", || async {
        let directory = tempfile::tempdir().unwrap();
        Fixture::new(Arc::new(FileStore::new(directory.path())), directory)
    });
    all.extend(testkit::lease::trials("file", || async {
        (Arc::new(Directories(tempfile::tempdir().unwrap())) as Arc<dyn Place>, ())
    }));
    testkit::suite::run(all);
}
