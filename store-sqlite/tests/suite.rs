//! The contracts of a state store and a lease, held by SQLite.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use autoscaler_core::Lease;
use libtest_mimic::Arguments;
use sql_database::ConnectSettings;
use store_sqlite::SqliteStateStore;
use tempfile::TempDir;
use testkit::lease::Place;
use testkit::store::Fixture;

fn open(file: &std::path::Path) -> SqliteStateStore {
    SqliteStateStore::open(&format!("sqlite:{}", file.display()), &ConnectSettings::default()).unwrap()
}

async fn store() -> Fixture {
    let directory = tempfile::tempdir().unwrap();
    Fixture::new(Arc::new(open(&directory.path().join("state.db"))), directory)
}

struct Directory(PathBuf);

#[async_trait]
impl Place for Directory {
    fn lease(&self) -> Arc<dyn Lease> {
        open(&self.0.join("state.db")).lease()
    }

    fn elsewhere(&self) -> Arc<dyn Lease> {
        open(&self.0.join("other.db")).lease()
    }

    fn name(&self) -> String {
        "state.db".to_owned()
    }

    async fn take_away(&self) -> bool {
        false
    }
}

async fn place() -> (Arc<dyn Place>, TempDir) {
    let directory = tempfile::tempdir().unwrap();
    (Arc::new(Directory(directory.path().to_owned())), directory)
}

fn main() {
    let mut trials = testkit::store::trials("sqlite", store);
    trials.extend(testkit::lease::trials("sqlite", place));
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}
