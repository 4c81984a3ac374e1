//! The SQL databases that options name.

use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use autoscaler::autoscaler_core::options::{MigrateMode, StandaloneOptions, StateStoreType};
use autoscaler::sql_database::migrate::Migrated;
use autoscaler::sql_database::{DatabaseUrl, Scheme, Settings, SqlDatabase};
use secrecy::SecretString;

/// The databases in use; the store and the event handler share one where their URL is the same.
#[derive(Debug, Default)]
pub(crate) struct Databases {
    open: Vec<(String, Migrated)>,
    /// Files of SQLite databases.
    #[cfg(feature = "store-sqlite")]
    files: Vec<std::path::PathBuf>,
}

impl Databases {
    /// The database of the state store.
    pub(crate) fn of_store(&mut self, options: &StandaloneOptions) -> Result<Migrated> {
        let url = match options.state_store_type {
            StateStoreType::Sqlite => sqlite_url(options),
            _ => jdbc_url(options, "state-store.type: JDBC")?,
        };
        self.at(url, options)
    }

    /// The database of the event handler: that of `jdbc.url`, else the state store's file.
    #[cfg(feature = "handler-jdbc")]
    pub(crate) fn of_events(&mut self, options: &StandaloneOptions) -> Result<Migrated> {
        let url = match (&options.jdbc_url, options.state_store_type) {
            (None, StateStoreType::Sqlite) => sqlite_url(options),
            _ => jdbc_url(options, "event-handler.type: JDBC")?,
        };
        self.at(url, options)
    }

    /// All of them.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Migrated> {
        self.open.iter().map(|(_, database)| database)
    }

    /// Takes the right to run on each SQLite file; whoever holds what is returned has it.
    #[cfg(feature = "store-sqlite")]
    pub(crate) fn lock_files(&self) -> Result<Vec<autoscaler::store_sqlite::WriterLock>> {
        self.files.iter().map(|file| Ok(autoscaler::store_sqlite::WriterLock::take(file)?)).collect()
    }

    fn at(&mut self, url: String, options: &StandaloneOptions) -> Result<Migrated> {
        if let Some((_, database)) = self.open.iter().find(|(there, _)| *there == url) {
            return Ok(database.clone());
        }
        let parsed = DatabaseUrl::parse(&url).context("option autoscaler.standalone.jdbc.url can't be used")?;
        #[cfg(feature = "store-sqlite")]
        if parsed.scheme == Scheme::Sqlite {
            self.files.push(parsed.database.clone().into());
        }
        let (database, ignored) = connect(parsed, &settings(options)?)?;
        if !ignored.is_empty() {
            tracing::warn!(
                database = database.name(),
                "parameters of autoscaler.standalone.jdbc.url without effect: {}",
                ignored.join(", ")
            );
        }
        let database = Migrated::new(database, options.jdbc_migrate == MigrateMode::Auto);
        self.open.push((url, database.clone()));
        Ok(database)
    }
}

fn sqlite_url(options: &StandaloneOptions) -> String {
    format!("sqlite:{}", options.sqlite_file)
}

fn jdbc_url(options: &StandaloneOptions, needed_by: &str) -> Result<String> {
    options.jdbc_url.clone().with_context(|| {
        format!("option autoscaler.standalone.jdbc.url is not set, and autoscaler.standalone.{needed_by} needs it")
    })
}

/// How to connect: the password comes from a file, or from the variable that an option names.
fn settings(options: &StandaloneOptions) -> Result<Settings> {
    let password = match &options.jdbc_password_file {
        Some(file) => {
            let text = std::fs::read_to_string(file)
                .with_context(|| format!("option autoscaler.standalone.jdbc.password-file: can't read {file}"))?;
            Some(text.trim_end_matches(['\r', '\n']).to_owned())
        }
        None => std::env::var(&options.jdbc_password_env_variable).ok().filter(|password| !password.is_empty()),
    };
    Ok(Settings {
        username: options.jdbc_username.clone(),
        password: password.map(SecretString::from),
        timeout: options.jdbc_timeout,
        max_connections: u32::try_from(options.jdbc_max_connections).unwrap_or(1),
    })
}

const OPTION: &str = "option autoscaler.standalone.jdbc.url can't be used";

/// A database, connected to when it is first used, and the parameters of its URL without effect.
type Connected = (Arc<dyn SqlDatabase>, Vec<String>);

fn connect(url: DatabaseUrl, settings: &Settings) -> Result<Connected> {
    let (scheme, feature) = match url.scheme {
        Scheme::Postgres => (postgres(url, settings), "store-jdbc-postgres"),
        Scheme::MySql => (mysql(url, settings), "store-mysql"),
        Scheme::Sqlite => (sqlite(url, settings), "store-sqlite"),
    };
    let missing = || anyhow!("{OPTION}: its database is not in this binary: build it with --features {feature}");
    scheme.ok_or_else(missing)?
}

#[cfg(feature = "store-jdbc-postgres")]
fn postgres(url: DatabaseUrl, settings: &Settings) -> Option<Result<Connected>> {
    let config = autoscaler::store_jdbc_postgres::connect_options(url, settings).context(OPTION);
    Some(config.map(|config| {
        let ignored = config.ignored.clone();
        (Arc::new(autoscaler::store_jdbc_postgres::PostgresDatabase::new(config, settings)) as _, ignored)
    }))
}

#[cfg(not(feature = "store-jdbc-postgres"))]
fn postgres(_: DatabaseUrl, _: &Settings) -> Option<Result<Connected>> {
    None
}

#[cfg(feature = "store-mysql")]
fn mysql(url: DatabaseUrl, settings: &Settings) -> Option<Result<Connected>> {
    let config = autoscaler::store_mysql::connect_options(url, settings).context(OPTION);
    Some(config.map(|config| {
        let ignored = config.ignored.clone();
        (Arc::new(autoscaler::store_mysql::MySqlDatabase::new(config, settings)) as _, ignored)
    }))
}

#[cfg(not(feature = "store-mysql"))]
fn mysql(_: DatabaseUrl, _: &Settings) -> Option<Result<Connected>> {
    None
}

#[cfg(feature = "store-sqlite")]
fn sqlite(url: DatabaseUrl, settings: &Settings) -> Option<Result<Connected>> {
    let config = autoscaler::store_sqlite::connect_options(url).context(OPTION);
    Some(config.map(|config| {
        let ignored = config.ignored.clone();
        (Arc::new(autoscaler::store_sqlite::SqliteDatabase::new(config, settings)) as _, ignored)
    }))
}

#[cfg(not(feature = "store-sqlite"))]
fn sqlite(_: DatabaseUrl, _: &Settings) -> Option<Result<Connected>> {
    None
}
