//! Opening a store, and saving to it.

use std::any::Any;
use std::str::FromStr;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use autoscaler_core::{AutoScalerStateStore, Fence, JobKey, JobState, Revision};
use servers::database::{Server, TestDatabase};
use sql_database::ConnectSettings;

/// A store that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StoreType {
    Memory,
    Sqlite,
    Database(Server),
}

impl StoreType {
    /// Saves that are measured: enough for the hundredths of a second in which CPU time is counted.
    pub(crate) fn saves(self) -> u32 {
        match self {
            Self::Memory => 100_000,
            Self::Sqlite | Self::Database(_) => 2_000,
        }
    }
}

impl FromStr for StoreType {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> Result<Self> {
        Ok(match name {
            "memory" => Self::Memory,
            "sqlite" => Self::Sqlite,
            "postgres" => Self::Database(Server::Postgres),
            "mysql" => Self::Database(Server::MySql),
            "mariadb" => Self::Database(Server::MariaDb),
            _ => bail!("there is no store '{name}': memory, sqlite, postgres, mysql or mariadb"),
        })
    }
}

/// A store, with what must not go before it.
#[derive(Debug)]
pub(crate) struct Opened {
    store: Arc<dyn AutoScalerStateStore>,
    /// The version that was saved last, which the next save counts on, as a cycle's does.
    revision: Option<Revision>,
    _resource: Box<dyn Any + Send + Sync>,
}

/// Opens an empty store of its own.
pub(crate) async fn open(store_type: StoreType) -> Result<Opened> {
    let settings = ConnectSettings::default();
    let (store, resource): (Arc<dyn AutoScalerStateStore>, Box<dyn Any + Send + Sync>) = match store_type {
        StoreType::Memory => (Arc::new(store_memory::MemoryStateStore::new()), Box::new(())),
        StoreType::Sqlite => {
            let directory = tempfile::tempdir()?;
            let url = format!("sqlite:{}", directory.path().join("state.db").display());
            (Arc::new(store_sqlite::SqliteStateStore::open(&url, &settings)?), Box::new(directory))
        }
        StoreType::Database(server) => {
            let database = TestDatabase::create(server).await;
            (connected(server, &database.url, &settings)?, Box::new(database))
        }
    };
    Ok(Opened { store, revision: None, _resource: resource })
}

fn connected(server: Server, url: &str, settings: &ConnectSettings) -> Result<Arc<dyn AutoScalerStateStore>> {
    Ok(match server {
        Server::Postgres => Arc::new(store_jdbc_postgres::PostgresStateStore::open(url, settings)?),
        Server::MySql | Server::MariaDb => Arc::new(store_mysql::MySqlStateStore::open(url, settings)?),
    })
}

/// Saves what changed, as a cycle does.
pub(crate) async fn save(opened: &mut Opened, job: &JobKey, state: &mut JobState) -> Result<()> {
    let fence = opened.revision.map_or_else(Fence::open, Fence::at);
    opened.revision = Some(opened.store.save(job, state, &fence).await.context("can't save")?);
    state.mark_stored();
    Ok(())
}
