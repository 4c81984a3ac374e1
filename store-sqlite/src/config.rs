//! What a URL means to SQLite.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sql_database::{DatabaseUrl, InvalidUrl};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};

/// Time to wait for another writer.
const BUSY: Duration = Duration::from_secs(5);

/// How to open the file, and what of the URL has no effect.
#[derive(Clone, Debug)]
pub struct Config {
    /// Options of the connection.
    pub options: SqliteConnectOptions,
    /// The file.
    pub path: PathBuf,
    /// The database's name for messages.
    pub name: String,
    /// Parameters that have no effect here.
    pub ignored: Vec<String>,
}

/// Reads a URL. The file is created where there is none. The parameter `max_page_count` keeps it from growing beyond so
/// many pages (of 4 KiB).
///
/// # Errors
/// A parameter with a value it can't have.
pub fn connect_options(mut url: DatabaseUrl) -> Result<Config, InvalidUrl> {
    let path = Path::new(&url.database).to_owned();
    let options = SqliteConnectOptions::new()
        .filename(&path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // With WAL, a power failure may lose the last transactions but never breaks the file; a kill loses nothing.
        .synchronous(SqliteSynchronous::Normal)
        .busy_timeout(BUSY);
    let options = match url.parameters.take("max_page_count") {
        None => options,
        Some(pages) if pages.parse::<u32>().is_ok_and(|pages| pages > 0) => options.pragma("max_page_count", pages),
        Some(pages) => {
            return Err(InvalidUrl::Parameter {
                name: "max_page_count".to_owned(),
                value: pages.chars().take(40).collect(),
                expected: "a number of pages, 1 or more",
            });
        }
    };
    let name = format!("SQLite file {}", path.display());
    let ignored = url.parameters.names().into_iter().map(str::to_owned).collect();
    Ok(Config { options, path, name, ignored })
}
