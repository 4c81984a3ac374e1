//! What a URL means to SQLite.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sql_database::{Access, ConnectSettings, DatabaseUrl, InvalidUrl};
use sqlx::sqlite::{SqliteConnectOptions, SqliteSynchronous};

/// Time to wait for another process that writes, at most.
const BUSY: Duration = Duration::from_secs(5);

/// Time to wait for another process that writes: no longer than anybody waits for the answer.
pub(crate) fn busy_timeout(settings: &ConnectSettings) -> Duration {
    BUSY.min(settings.timeout)
}

/// How to open the file, and what of the URL has no effect.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// Options of the connection. The write-ahead log is turned on by [`SqliteDatabase`](crate::SqliteDatabase).
    pub options: SqliteConnectOptions,
    /// The file.
    pub path: PathBuf,
    /// The database's name for messages.
    pub name: String,
    /// Parameters that have no effect here.
    pub ignored: Vec<String>,
    /// What it is opened for.
    pub access: Access,
}

impl Config {
    /// What is the same for two spellings of one file, whether or not it is there yet.
    pub(crate) fn identity(&self) -> String {
        #[cfg(unix)]
        if let Ok(file) = self.path.metadata() {
            use std::os::unix::fs::MetadataExt;
            // Hard links have a log each, beside the name they are opened by: two of them would break the file.
            return format!("file {} of device {}", file.ino(), file.dev());
        }
        let directory = self.path.parent().filter(|directory| !directory.as_os_str().is_empty());
        let in_directory =
            || Some(directory.unwrap_or(Path::new(".")).canonicalize().ok()?.join(self.path.file_name()?));
        let path = self.path.canonicalize().ok().or_else(in_directory).unwrap_or_else(|| self.path.clone());
        path.display().to_string()
    }
}

/// Reads a URL. The file is created where there is none, unless it is opened for what is there only. The parameter
/// `max_page_count` keeps it from growing beyond so many pages (of 4 KiB).
///
/// # Errors
/// A parameter with a value it can't have.
pub fn connect_options(mut url: DatabaseUrl, settings: &ConnectSettings) -> Result<Config, InvalidUrl> {
    let path = Path::new(&url.database).to_owned();
    let options = SqliteConnectOptions::new().filename(&path);
    let options = match settings.access {
        Access::ReadWrite | Access::Existing => options
            .create_if_missing(settings.access == Access::ReadWrite)
            // With a write-ahead log, a power failure may lose the last transactions but never breaks the file; a kill loses nothing.
            .synchronous(SqliteSynchronous::Normal),
        // Not opened as a read-only file, which would leave the files of the WAL behind.
        Access::ReadOnly => options.create_if_missing(false).pragma("query_only", "ON"),
    };
    let options = match url.parameters.take("max_page_count") {
        None => options,
        Some(pages) if pages.parse::<u32>().is_ok_and(|pages| pages > 0) => options.pragma("max_page_count", pages),
        Some(pages) => {
            return Err(InvalidUrl::parameter("max_page_count", &pages, "a number of pages, 1 or more"));
        }
    };
    let name = format!("SQLite file {}", path.display());
    let ignored = url.parameters.names().into_iter().map(str::to_owned).collect();
    Ok(Config { options, path, name, ignored, access: settings.access })
}
