//! The contracts of a state store and a lease, held by a server.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::sync::Arc;

use async_trait::async_trait;
use autoscaler_core::Lease;
use libtest_mimic::Arguments;
use servers::database::{Server, TestDatabase};
use sql_database::ConnectSettings;
use sqlx::{AssertSqlSafe, Connection, MySqlConnection};
use store_mysql::MySqlStateStore;
use testkit::fenced::Fenced;
use testkit::lease::{Lasts, Place};
use testkit::store::{Fixture, SaveFault, Saves};

fn open(database: &TestDatabase) -> MySqlStateStore {
    MySqlStateStore::open(&database.url, &ConnectSettings::default()).unwrap()
}

async fn store(server: Server) -> Fixture {
    let database = TestDatabase::create(server).await;
    let fault = Refusing(database.url.clone());
    Fixture::new(Arc::new(open(&database)), database).with_fault(fault)
}

/// A table that takes no rows, in the database of a URL.
struct Refusing(String);

const TABLES: [&str; 4] = ["state_store", "observation", "policy_memory", "job_cluster"];

impl Refusing {
    async fn execute(&self, statement: String) {
        let mut connection = MySqlConnection::connect(&self.0).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
    }
}

#[async_trait]
impl SaveFault for Refusing {
    async fn begin(&self, n: usize) -> bool {
        let Some(table) = TABLES.get(n) else { return false };
        let refuse = "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'full'";
        self.execute(format!(
            "CREATE TRIGGER refuse BEFORE INSERT ON t_flink_autoscaler_{table} FOR EACH ROW {refuse}"
        ))
        .await;
        true
    }

    async fn end(&self, _: usize) {
        self.execute("DROP TRIGGER refuse".to_owned()).await;
    }
}

struct OnServer {
    here: TestDatabase,
    there: TestDatabase,
}

#[async_trait]
impl Place for OnServer {
    fn lease(&self) -> Arc<dyn Lease> {
        open(&self.here).lease().unwrap()
    }

    fn elsewhere(&self) -> Arc<dyn Lease> {
        open(&self.there).lease().unwrap()
    }

    fn name(&self) -> String {
        self.here.name().to_owned()
    }

    async fn disturb(&self) {
        self.here.end_connections().await;
    }
}

async fn place(server: Server) -> (Arc<dyn Place>, ()) {
    let (here, there) = (TestDatabase::create(server).await, TestDatabase::create(server).await);
    (Arc::new(OnServer { here, there }), ())
}

async fn fenced(server: Server) -> Fenced {
    let database = TestDatabase::create(server).await;
    let store = open(&database);
    let lease = store.lease().unwrap();
    Fenced::new(Arc::new(store), lease, database)
}

fn main() {
    let mut all = Vec::new();
    all.extend(testkit::store::trials("mysql", Saves::CanFail, || store(Server::MySql)));
    all.extend(testkit::lease::trials("mysql", Lasts::UntilItExpires, || place(Server::MySql)));
    all.extend(testkit::store::trials("mariadb", Saves::CanFail, || store(Server::MariaDb)));
    all.extend(testkit::lease::trials("mariadb", Lasts::UntilItExpires, || place(Server::MariaDb)));
    all.extend(testkit::fenced::trials("mysql", || fenced(Server::MySql)));
    all.extend(testkit::fenced::trials("mariadb", || fenced(Server::MariaDb)));
    libtest_mimic::run(&Arguments::from_args(), all).exit();
}
