//! The contracts of a state store and a lease, held by a server.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::sync::Arc;

use async_trait::async_trait;
use autoscaler_core::Lease;
use libtest_mimic::Arguments;
use servers::database::{Server, TestDatabase};
use sql_database::ConnectSettings;
use store_mysql::MySqlStateStore;
use testkit::lease::Place;
use testkit::store::Fixture;

fn open(database: &TestDatabase) -> MySqlStateStore {
    MySqlStateStore::open(&database.url, &ConnectSettings::default()).unwrap()
}

async fn store(server: Server) -> Fixture {
    let database = TestDatabase::create(server).await;
    Fixture::new(Arc::new(open(&database)), database)
}

struct OnServer {
    here: TestDatabase,
    there: TestDatabase,
}

#[async_trait]
impl Place for OnServer {
    fn lease(&self) -> Arc<dyn Lease> {
        open(&self.here).lease()
    }

    fn elsewhere(&self) -> Arc<dyn Lease> {
        open(&self.there).lease()
    }

    fn name(&self) -> String {
        self.here.name().to_owned()
    }

    async fn take_away(&self) -> bool {
        self.here.end_connections().await;
        true
    }
}

async fn place(server: Server) -> (Arc<dyn Place>, ()) {
    let (here, there) = (TestDatabase::create(server).await, TestDatabase::create(server).await);
    (Arc::new(OnServer { here, there }), ())
}

fn main() {
    let mut all = Vec::new();
    all.extend(testkit::store::trials("mysql", || store(Server::MySql)));
    all.extend(testkit::lease::trials("mysql", || place(Server::MySql)));
    all.extend(testkit::store::trials("mariadb", || store(Server::MariaDb)));
    all.extend(testkit::lease::trials("mariadb", || place(Server::MariaDb)));
    libtest_mimic::run(&Arguments::from_args(), all).exit();
}
