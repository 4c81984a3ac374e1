//! The contract of a state store, held by MySQL and MariaDB.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::sync::Arc;

use libtest_mimic::Arguments;
use servers::database::{Server, TestDatabase};
use sql_database::migrate::Migrated;
use sql_database::{DatabaseUrl, Settings, SqlStateStore};
use store_mysql::{MySqlDatabase, connect_options};
use testkit::store::{Held, trials};

async fn store(server: Server) -> Held {
    let database = TestDatabase::create(server).await;
    let settings = Settings::default();
    let config = connect_options(DatabaseUrl::parse(&database.url).unwrap(), &settings).unwrap();
    let store = SqlStateStore::new(Migrated::new(Arc::new(MySqlDatabase::new(config, &settings)), true));
    Held::new(Arc::new(store), database)
}

fn main() {
    let mut all = Vec::new();
    all.extend(trials("MySql", || store(Server::MySql)));
    all.extend(trials("MariaDb", || store(Server::MariaDb)));
    libtest_mimic::run(&Arguments::from_args(), all).exit();
}
