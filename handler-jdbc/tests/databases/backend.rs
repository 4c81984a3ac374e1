//! The databases under test.

#![allow(dead_code, clippy::allow_attributes, reason = "shared by two test programs, each of which uses a part of it")]

use std::net::ToSocketAddrs;
use std::sync::Arc;

use autoscaler_core::Lease;
use servers::database::{Server, TestDatabase};
use servers::fault_proxy::FaultProxy;
use sql_database::{
    Column, ConnectSettings, Database, DatabaseOptions, DatabaseUrl, Migrate, RowLease, SqlDatabase, SqlStateStore,
    Statement,
};

/// A database under test.
pub(crate) struct Backend {
    pub(crate) name: &'static str,
    server: Option<Server>,
    /// The tables as the Java process's own instructions create them.
    pub(crate) reference_schema: &'static [&'static str],
}

pub(crate) const BACKENDS: &[Backend] = &[
    Backend { name: "postgres", server: Some(Server::Postgres), reference_schema: POSTGRES },
    Backend { name: "mysql", server: Some(Server::MySql), reference_schema: MYSQL },
    Backend { name: "mariadb", server: Some(Server::MariaDb), reference_schema: MYSQL },
    Backend { name: "sqlite", server: None, reference_schema: SQLITE },
];

const POSTGRES: &[&str] = &[
    "CREATE TABLE t_flink_autoscaler_state_store (id BIGSERIAL NOT NULL, update_time TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, \
     job_key TEXT NOT NULL, state_type TEXT NOT NULL, state_value TEXT NOT NULL, PRIMARY KEY (id), UNIQUE (job_key, state_type))",
    "CREATE TABLE t_flink_autoscaler_event_handler (id BIGSERIAL NOT NULL, create_time TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, \
     update_time TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, job_key VARCHAR(191) NOT NULL, reason VARCHAR(500) NOT NULL, \
     event_type VARCHAR(100) NOT NULL, message TEXT NOT NULL, event_count INTEGER NOT NULL, event_key VARCHAR(100) NOT NULL, PRIMARY KEY (id))",
    "CREATE INDEX job_key_reason_event_key ON t_flink_autoscaler_event_handler (job_key, reason, event_key)",
    "CREATE INDEX job_key_reason_create_time ON t_flink_autoscaler_event_handler (job_key, reason, create_time)",
];

const MYSQL: &[&str] = &[
    "CREATE TABLE `t_flink_autoscaler_state_store` (`id` BIGINT NOT NULL AUTO_INCREMENT, `update_time` datetime NOT NULL DEFAULT CURRENT_TIMESTAMP, \
     `job_key` varchar(191) NOT NULL, `state_type` varchar(100) NOT NULL, `state_value` longtext NOT NULL, PRIMARY KEY (`id`), \
     UNIQUE KEY `un_job_state_type_inx` (`job_key`, `state_type`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
    "CREATE TABLE `t_flink_autoscaler_event_handler` (`id` BIGINT NOT NULL AUTO_INCREMENT, `create_time` datetime NOT NULL DEFAULT CURRENT_TIMESTAMP, \
     `update_time` datetime NOT NULL DEFAULT CURRENT_TIMESTAMP, `job_key` varchar(191) NOT NULL, `reason` varchar(191) NOT NULL, \
     `event_type` varchar(100) NOT NULL, `message` longtext NOT NULL, `event_count` int NOT NULL, `event_key` varchar(100) NOT NULL, \
     PRIMARY KEY (`id`), INDEX `job_key_reason_event_key_idx` (`job_key`, `reason`, `event_key`), \
     INDEX `job_key_reason_create_time_idx` (`job_key`, `reason`, `create_time`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
];

const SQLITE: &[&str] = &[
    "CREATE TABLE t_flink_autoscaler_state_store (id INTEGER PRIMARY KEY AUTOINCREMENT, update_time DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP, \
     job_key TEXT NOT NULL, state_type TEXT NOT NULL, state_value TEXT NOT NULL, UNIQUE (job_key, state_type))",
    "CREATE TABLE t_flink_autoscaler_event_handler (id INTEGER PRIMARY KEY AUTOINCREMENT, create_time DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP, \
     update_time DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP, job_key TEXT NOT NULL, reason TEXT NOT NULL, event_type TEXT NOT NULL, \
     message TEXT NOT NULL, event_count INTEGER NOT NULL, event_key TEXT NOT NULL)",
];

/// What keeps a database there.
enum Keep {
    Server(TestDatabase),
    Directory(tempfile::TempDir),
}

/// An empty database.
pub(crate) struct Opened {
    pub(crate) backend: &'static Backend,
    pub(crate) url: String,
    keep: Keep,
}

impl Backend {
    pub(crate) async fn open(&'static self) -> Opened {
        match self.server {
            Some(server) => {
                let database = TestDatabase::create(server).await;
                Opened { backend: self, url: database.url.clone(), keep: Keep::Server(database) }
            }
            None => {
                let directory = tempfile::tempdir().unwrap();
                let url = format!("sqlite:{}", directory.path().join("state.db").display());
                Opened { backend: self, url, keep: Keep::Directory(directory) }
            }
        }
    }

    pub(crate) fn server(&self) -> Option<Server> {
        self.server
    }
}

/// Connects to a database by its URL.
pub(crate) fn connect(url: &str, settings: &ConnectSettings) -> Arc<dyn SqlDatabase> {
    let parsed = DatabaseUrl::parse(url).unwrap();
    match parsed.scheme {
        sql_database::Scheme::Postgres => {
            let config = store_jdbc_postgres::connect_options(parsed, settings).unwrap();
            Arc::new(store_jdbc_postgres::PostgresDatabase::new(config, settings))
        }
        sql_database::Scheme::MySql => {
            let config = store_mysql::connect_options(parsed, settings).unwrap();
            Arc::new(store_mysql::MySqlDatabase::new(config, settings))
        }
        sql_database::Scheme::Sqlite => {
            let config = store_sqlite::connect_options(parsed, settings).unwrap();
            Arc::new(store_sqlite::SqliteDatabase::new(config, settings))
        }
    }
}

/// A database whose schema is brought up to date when it is first used.
pub(crate) fn migrated(database: Arc<dyn SqlDatabase>) -> Database {
    Database::new(database, DatabaseOptions::new(Migrate::AtStart))
}

impl Opened {
    /// A connection to it of its own.
    pub(crate) fn database(&self) -> Arc<dyn SqlDatabase> {
        connect(&self.url, &ConnectSettings::default())
    }

    /// The same, its schema brought up to date when it is first used.
    pub(crate) fn migrated(&self) -> Database {
        migrated(self.database())
    }

    /// A store in it.
    pub(crate) fn store(&self) -> SqlStateStore {
        SqlStateStore::new(self.migrated())
    }

    /// The right to act on it.
    pub(crate) fn lease(&self) -> Arc<dyn Lease> {
        Arc::new(RowLease::new(self.migrated()).unwrap())
    }

    /// The rows of a job's state, by type.
    pub(crate) async fn rows(&self, job: &str) -> Vec<(String, String)> {
        let query = Statement::new(
            "SELECT state_type, state_value FROM t_flink_autoscaler_state_store WHERE job_key = ? ORDER BY state_type",
        );
        let rows = self.database().fetch(&query.with(job), &[Column::Text, Column::Text]).await.unwrap();
        rows.iter().map(|row| (row.text(0).unwrap().to_owned(), row.text(1).unwrap().to_owned())).collect()
    }

    /// Runs statements in it, one transaction each.
    pub(crate) async fn execute(&self, statements: &[&str]) {
        let database = self.database();
        for statement in statements {
            database.execute(vec![Statement::new(*statement)]).await.unwrap();
        }
    }

    /// Puts a row of state into it, as the Java process would.
    pub(crate) async fn put_row(&self, job: &str, kind: &str, text: &str) {
        let insert = Statement::new(
            "INSERT INTO t_flink_autoscaler_state_store (job_key, state_type, state_value) VALUES (?, ?, ?)",
        );
        self.database().execute(vec![insert.with(job).with(kind).with(text)]).await.unwrap();
    }

    /// A proxy in front of its server, and its URL through it.
    pub(crate) async fn through_proxy(&self) -> (FaultProxy, String) {
        let (scheme, rest) = self.url.split_once("://").unwrap();
        let (authority, database) = rest.split_once('/').unwrap();
        let (user, host) = authority.rsplit_once('@').unwrap();
        let upstream = host.to_socket_addrs().unwrap().next().unwrap();
        let proxy = FaultProxy::start(upstream).await;
        let url = format!("{scheme}://{user}@{}/{database}", proxy.address());
        (proxy, url)
    }

    /// Ends all connections to it, where it is on a server.
    pub(crate) async fn end_connections(&self) {
        if let Keep::Server(database) = &self.keep {
            database.end_connections().await;
        }
    }

    /// A directory for files of the test.
    pub(crate) fn directory(&self) -> std::path::PathBuf {
        match &self.keep {
            Keep::Directory(directory) => directory.path().to_owned(),
            Keep::Server(database) => std::env::temp_dir().join(database.url.rsplit('/').next().unwrap()),
        }
    }
}

/// Says what is tested against.
#[expect(clippy::print_stdout, reason = "the reader should know which versions passed")]
pub(crate) fn say_versions() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        for backend in BACKENDS {
            let opened = backend.open().await;
            let version = opened.database().version().await.unwrap();
            let origin = match &opened.keep {
                Keep::Server(database) => database.server().origin.clone(),
                Keep::Directory(_) => "compiled in".to_owned(),
            };
            println!("{}: {version} ({origin})", backend.name);
        }
    });
}
