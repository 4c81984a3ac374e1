//! The contracts of a state store and a lease, held by a server.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::sync::Arc;

use async_trait::async_trait;
use autoscaler_core::Lease;
use libtest_mimic::Arguments;
use servers::database::{Server, TestDatabase};
use sql_database::ConnectSettings;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use store_jdbc_postgres::PostgresStateStore;
use testkit::fenced::Fenced;
use testkit::lease::{Lasts, Place};
use testkit::store::{Fixture, SaveFault, Saves};

fn open(database: &TestDatabase) -> PostgresStateStore {
    PostgresStateStore::open(&database.url, &ConnectSettings::default()).unwrap()
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
    async fn execute(&self, statements: String) {
        let mut connection = PgConnection::connect(&self.0).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut connection).await.unwrap();
    }
}

#[async_trait]
impl SaveFault for Refusing {
    async fn begin(&self, n: usize) -> bool {
        let Some(table) = TABLES.get(n) else { return false };
        let refuse = "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'full'; END $$";
        let on = format!("BEFORE INSERT ON t_flink_autoscaler_{table} FOR EACH ROW EXECUTE FUNCTION refuse()");
        self.execute(format!("{refuse}; CREATE TRIGGER refuse {on}")).await;
        true
    }

    async fn end(&self, n: usize) {
        self.execute(format!("DROP TRIGGER refuse ON t_flink_autoscaler_{}", TABLES[n])).await;
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
    all.extend(testkit::store::trials("postgres", Saves::CanFail, || store(Server::Postgres)));
    all.extend(testkit::lease::trials("postgres", Lasts::UntilItExpires, || place(Server::Postgres)));
    all.extend(testkit::fenced::trials("postgres", || fenced(Server::Postgres)));
    libtest_mimic::run(&Arguments::from_args(), all).exit();
}
