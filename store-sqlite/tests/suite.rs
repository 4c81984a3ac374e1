//! The contracts of a state store and a lease, held by SQLite.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use autoscaler_core::Lease;
use libtest_mimic::Arguments;
use sql_database::{ConnectSettings, Database, Statement};
use store_sqlite::SqliteStateStore;
use tempfile::TempDir;
use testkit::lease::{Lasts, Place};
use testkit::store::{Fixture, SaveFault, Saves};

fn open(file: &std::path::Path) -> SqliteStateStore {
    SqliteStateStore::open(&format!("sqlite:{}", file.display()), &ConnectSettings::default()).unwrap()
}

async fn store() -> Fixture {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("state.db");
    let store = open(&file);
    let fault = Refusing(store.database());
    Fixture::new(Arc::new(store), directory).with_fault(fault)
}

/// A table that takes no rows.
struct Refusing(Database);

const TABLES: [&str; 4] = ["state_store", "observation", "policy_memory", "job_cluster"];

impl Refusing {
    async fn execute(&self, statement: String) {
        self.0.as_it_is().execute(vec![Statement::new(statement)]).await.unwrap();
    }
}

#[async_trait]
impl SaveFault for Refusing {
    async fn begin(&self, n: usize) -> bool {
        let Some(table) = TABLES.get(n) else { return false };
        let refuse = "BEGIN SELECT RAISE(ABORT, 'full'); END";
        self.execute(format!("CREATE TRIGGER refuse BEFORE INSERT ON t_flink_autoscaler_{table} {refuse}")).await;
        true
    }

    async fn end(&self, _: usize) {
        self.execute("DROP TRIGGER refuse".to_owned()).await;
    }
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

    async fn disturb(&self) {}
}

async fn place() -> (Arc<dyn Place>, TempDir) {
    let directory = tempfile::tempdir().unwrap();
    (Arc::new(Directory(directory.path().to_owned())), directory)
}

fn main() {
    let mut trials = testkit::store::trials("sqlite", Saves::CanFail, store);
    trials.extend(testkit::lease::trials("sqlite", Lasts::AsItsProcess, place));
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}
