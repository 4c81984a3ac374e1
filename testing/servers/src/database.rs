//! Database servers for tests, each test with an empty database of its own.
//!
//! A server is looked for in this order: one that `TEST_POSTGRES_URL`, `TEST_MYSQL_URL` or `TEST_MARIADB_URL` names; a container,
//! where a Docker engine answers; one started from the machine's own binaries. Where there is none, the test fails and
//! says how to get one: nothing is skipped. What this process starts ends with it.

mod container;
mod local;
mod mysql_bundle;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use sqlx::{AssertSqlSafe, Connection};

pub use mysql_bundle::obtain as obtain_mysql;

/// The servers that are tested against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Server {
    /// PostgreSQL.
    Postgres,
    /// MySQL.
    MySql,
    /// MariaDB.
    MariaDb,
}

impl Server {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Postgres => "PostgreSQL",
            Self::MySql => "MySQL",
            Self::MariaDb => "MariaDB",
        }
    }

    /// The environment variable that may name one.
    pub fn variable(self) -> &'static str {
        match self {
            Self::Postgres => "TEST_POSTGRES_URL",
            Self::MySql => "TEST_MYSQL_URL",
            Self::MariaDb => "TEST_MARIADB_URL",
        }
    }
}

/// A running server: how to connect to it as somebody who may create databases.
#[derive(Clone, Debug)]
pub struct Running {
    /// Which server it is.
    pub server: Server,
    /// URL up to and without the database's name, such as `postgres://postgres@127.0.0.1:5432`.
    pub base: String,
    /// Where it came from.
    pub origin: String,
}

/// What was found for each server asked for, or why there is none.
static FOUND: Mutex<Vec<(Server, Result<Running, String>)>> = Mutex::new(Vec::new());

/// The server of this process; started when first asked for.
///
/// # Panics
/// There is none and none can be started; the message says how to get one.
pub fn server(server: Server) -> Running {
    let mut all = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
    let known = all.iter().find(|(there, _)| *there == server).map(|(_, found)| found.clone());
    let found = known.unwrap_or_else(|| {
        let found = find(server);
        all.push((server, found.clone()));
        found
    });
    drop(all);
    match found {
        Ok(running) => running,
        Err(why) => panic!("{why}"),
    }
}

fn find(server: Server) -> Result<Running, String> {
    if let Some(url) = std::env::var(server.variable()).ok().filter(|url| !url.is_empty()) {
        let origin = format!("named by {}", server.variable());
        return Ok(Running { server, base: url.trim_end_matches('/').to_owned(), origin });
    }
    let mut tried = Vec::new();
    for start in [container::start, local::start] {
        match start(server) {
            Ok(running) => return Ok(running),
            Err(why) => tried.push(format!("{why:#}")),
        }
    }
    Err(format!(
        "no {} to test against: {}. `cargo xtask test` gets one; or name one in {}",
        server.name(),
        tried.join("; "),
        server.variable()
    ))
}

/// An empty database of one test; dropped with it, kept where the test failed.
#[derive(Debug)]
pub struct TestDatabase {
    /// Its URL.
    pub url: String,
    server: Running,
    name: String,
}

impl TestDatabase {
    /// Creates one.
    pub async fn create(server: Server) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let running = tokio::task::spawn_blocking(move || self::server(server)).await.unwrap();
        let name = format!("t{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        admin(&running, &format!("CREATE DATABASE {name}")).await;
        Self { url: format!("{}/{name}", running.base), server: running, name }
    }

    /// Runs a statement in it, as its owner.
    pub async fn execute(&self, sql: &str) {
        run(self.server.server, &self.url, sql).await.unwrap();
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Ends all connections to it, as the server's own administrator would.
    pub async fn end_connections(&self) {
        match self.server.server {
            Server::Postgres => {
                let name = &self.name;
                let end = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
                admin(&self.server, &end).await;
            }
            Server::MySql | Server::MariaDb => {
                let url = format!("{}/mysql", self.server.base);
                let mut connection = sqlx::MySqlConnection::connect(&url).await.unwrap();
                let listed = sqlx::query_scalar::<_, i64>(
                    "SELECT CAST(id AS SIGNED) FROM information_schema.processlist WHERE db = ?",
                );
                for id in listed.bind(&self.name).fetch_all(&mut connection).await.unwrap() {
                    // One may have ended by itself in the meantime.
                    let kill = AssertSqlSafe(format!("KILL {id}"));
                    let _gone = sqlx::raw_sql(kill).execute(&mut connection).await;
                }
            }
        }
    }

    /// The server it is on.
    pub fn server(&self) -> &Running {
        &self.server
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if std::thread::panicking() {
            #[expect(clippy::print_stdout, reason = "shown with the failed test")]
            {
                println!("the database of the failed test is kept: {}", self.url);
            }
            return;
        }
        let (server, name) = (self.server.clone(), self.name.clone());
        // Dropping is not async; a thread of its own may wait.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let force = if server.server == Server::Postgres { " WITH (FORCE)" } else { "" };
            runtime.block_on(admin(&server, &format!("DROP DATABASE {name}{force}")));
        });
        let _ended = dropped.join();
    }
}

async fn admin(running: &Running, sql: &str) {
    let database = if running.server == Server::Postgres { "postgres" } else { "mysql" };
    run(running.server, &format!("{}/{database}", running.base), sql).await.unwrap();
}

/// Runs statements that have no parameters.
async fn run(server: Server, url: &str, sql: &str) -> Result<(), sqlx::Error> {
    match server {
        Server::Postgres => {
            let mut connection = sqlx::PgConnection::connect(url).await?;
            sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await?;
        }
        Server::MySql | Server::MariaDb => {
            let mut connection = sqlx::MySqlConnection::connect(url).await?;
            sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await?;
        }
    }
    Ok(())
}

/// Waits until a server answers.
fn wait_until_up(server: Server, base: &str, seconds: u64) -> anyhow::Result<()> {
    let base = base.to_owned();
    let waiting = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let database = if server == Server::Postgres { "postgres" } else { "mysql" };
            let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(seconds);
            loop {
                match run(server, &format!("{base}/{database}"), "SELECT 1").await {
                    Ok(()) => return Ok(()),
                    Err(error) if tokio::time::Instant::now() > deadline => {
                        anyhow::bail!("{} does not answer within {seconds} s: {error}", server.name());
                    }
                    Err(_) => tokio::time::sleep(std::time::Duration::from_millis(100)).await,
                }
            }
        })
    });
    waiting.join().map_err(|_| anyhow::anyhow!("waiting for {} panicked", server.name()))?
}
