use std::sync::Mutex;

use async_trait::async_trait;
use autoscaler_core::options::Origin;

use super::*;
use crate::error::SqlError;
use crate::schema::{AppliedMigration, KnownMigration, TableShape};
use crate::statement::{Column, Dialect, Row, Statement, Upsert};
use crate::transaction::{Done, Transaction};

/// A database that is never asked for anything.
#[derive(Debug)]
struct Nowhere(String);

#[async_trait]
impl SqlDatabase for Nowhere {
    fn name(&self) -> &str {
        &self.0
    }
    fn dialect(&self) -> Dialect {
        let upsert = |_: &str, _: &[&str], _: &[&str]| Upsert { head: String::new(), tail: String::new() };
        Dialect { upsert, state_version: "", memory_version: "", lock_rows: None, lease: None }
    }
    async fn fetch(&self, _: &Statement, _: &'static [Column]) -> Result<Vec<Row>, SqlError> {
        Err(SqlError::new(&self.0, ErrorKind::Unavailable, "nowhere"))
    }
    async fn transact(&self, _: Transaction) -> Result<Done, SqlError> {
        Err(SqlError::new(&self.0, ErrorKind::Unavailable, "nowhere"))
    }
    async fn version(&self) -> Result<String, SqlError> {
        Ok(String::new())
    }
    fn known_migrations(&self) -> Vec<KnownMigration> {
        Vec::new()
    }
    async fn applied_migrations(&self) -> Result<Vec<AppliedMigration>, SqlError> {
        Ok(Vec::new())
    }
    async fn shape(&self) -> Result<Vec<TableShape>, SqlError> {
        Ok(Vec::new())
    }
    async fn run_migrations(&self) -> Result<(), SqlError> {
        Ok(())
    }
    async fn close(&self) {}
}

static CONNECTED: Mutex<Vec<ConnectSettings>> = Mutex::new(Vec::new());

fn connect(mut url: DatabaseUrl, settings: &ConnectSettings) -> Result<Connected, InvalidUrl> {
    CONNECTED.lock().unwrap().push(settings.clone());
    let name = format!("SQLite file {}", url.database);
    url.parameters.take("known");
    let ignored = url.parameters.names().into_iter().map(str::to_owned).collect();
    // Two spellings of one file.
    let identity = url.database.trim_start_matches("./").to_owned();
    Ok(Connected { database: Arc::new(Nowhere(name)), lease: None, identity, ignored })
}

fn backends() -> Backends {
    let mut backends = Backends::new();
    register_driver(&mut backends, Driver { scheme: Scheme::Sqlite, connect });
    register_store_url(&mut backends, "SQLITE", |configuration| {
        Ok(format!("sqlite:{}", configuration.get("file").unwrap_or("default.db")))
    });
    backends
}

fn configuration(entries: &[(&str, &str)]) -> Configuration {
    let mut configuration = Configuration::new();
    for (key, value) in entries {
        configuration.set(*key, *value, Origin::Flag);
    }
    configuration
}

const TYPE: &str = "autoscaler.standalone.state-store.type";

#[test]
fn store_and_handler_share_a_database_however_it_is_spelled() {
    let mut backends = backends();
    let configuration = configuration(&[(URL, "sqlite:./a.db?known=1&odd=2")]);
    let mut opening = Opening::new(&configuration, &mut backends.extensions);
    let store = open_database(&mut opening, "sqlite:a.db").unwrap();
    let events = open_event_database(&mut opening).unwrap();
    assert!(Arc::ptr_eq(store.database.as_it_is(), events.database.as_it_is()));
    assert_eq!(opening.remarks, Vec::<String>::new(), "the first spelling has no odd parameter");
    assert!(open_database(&mut opening, "sqlite:b.db?odd=2").is_ok());
    assert_eq!(opening.remarks, [format!("SQLite file b.db: parameters of {URL} without effect: odd")]);
    assert_eq!(open_databases(&mut backends.extensions).databases().len(), 2);
}

#[test]
fn events_go_to_the_store_s_own_database_where_no_url_is_set() {
    let mut backends = backends();
    let configuration = configuration(&[(TYPE, "sqlite"), ("file", "own.db")]);
    let mut opening = Opening::new(&configuration, &mut backends.extensions);
    assert_eq!(open_event_database(&mut opening).unwrap().database.name(), "SQLite file own.db");
}

#[test]
fn mistakes_name_the_option_and_never_the_password() {
    let cases: [(&[(&str, &str)], &str); 5] = [
        (&[(URL, "postgres://me:secret@db/x")], "build it with --features store-jdbc-postgres"),
        (&[(URL, "oracle:secret")], "begins with 'oracle'"),
        (&[(URL, "sqlite:a.db"), ("autoscaler.standalone.jdbc.timeout", "0 s")], "jdbc.timeout has the value '0 s'"),
        (&[(URL, "sqlite:a.db"), ("autoscaler.standalone.jdbc.password-file", "/no/such")], "jdbc.password-file"),
        (&[(TYPE, "jdbc")], "jdbc.url is not set, and autoscaler.standalone.event-handler.type: JDBC needs it"),
    ];
    for (entries, expected) in cases {
        let mut backends = backends();
        let configuration = configuration(entries);
        let mut opening = Opening::new(&configuration, &mut backends.extensions);
        let error = open_event_database(&mut opening).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        let text = error.to_string();
        assert!(text.contains(expected) && !text.contains("secret"), "{text}");
    }
}
