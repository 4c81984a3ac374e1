//! A database behind a pool of connections: every call within one deadline.

use std::sync::Arc;
use std::time::Duration;

use autoscaler_core::ErrorKind;
use secrecy::ExposeSecret;
use sqlx::migrate::MigrateError;
use sqlx::pool::PoolConnection;
use sqlx::{Connection as _, SqlStr};

use crate::driver::{Connection, Driver, query, run};
use crate::error::SqlError;
use crate::password::PasswordFile;
use crate::secrets::Secrets;
use crate::server::Server;
use crate::statement::{Column, Row, Statement};
use crate::transaction::{Done, Failure, Transaction};

/// Times that a transaction which collides with others is run at most.
const ATTEMPTS: u32 = 5;

/// Puts a password into the options to connect with.
pub type WithPassword<D> = fn(ConnectOptions<D>, &str) -> ConnectOptions<D>;
type ConnectOptions<D> = <Connection<D> as sqlx::Connection>::Options;

/// A pool of connections, and the time within which each call on it ends. A connection on which anything failed is
/// closed: nobody knows what it is in the middle of.
#[derive(Debug)]
pub struct Pooled<D: Driver> {
    /// The connections.
    pub pool: sqlx::Pool<D::Database>,
    /// The database's name for messages.
    pub name: Arc<str>,
    /// Time within which each call ends.
    pub timeout: Duration,
    /// The file of its password, and how that gets into the options to connect with.
    pub password: Option<(Arc<PasswordFile>, WithPassword<D>)>,
    /// What no error may repeat.
    pub secrets: Secrets,
    /// Where its server is; none where there is no server.
    pub server: Option<Arc<Server>>,
}

impl<D: Driver> Clone for Pooled<D> {
    fn clone(&self) -> Self {
        let Self { pool, name, timeout, password, secrets, server } = self;
        Self {
            pool: pool.clone(),
            name: Arc::clone(name),
            timeout: *timeout,
            password: password.clone(),
            secrets: secrets.clone(),
            server: server.clone(),
        }
    }
}

impl<D: Driver> Pooled<D> {
    /// A failure on one of its connections, in our words.
    pub fn failed(&self, error: sqlx::Error) -> SqlError {
        self.hide(SqlError::from_sqlx(&self.name, error, D::kind))
    }

    /// An error in which no password is.
    pub fn hide(&self, error: SqlError) -> SqlError {
        self.secrets.hide(error, self.password.as_ref().map(|(file, _)| file.as_ref()))
    }

    /// What failed in migrating, in our words.
    pub fn migration_failed(&self, error: MigrateError) -> SqlError {
        self.hide(SqlError::from_migration(&self.name, error, D::kind))
    }

    /// Whether a refused connection is worth another attempt: with the password that is in its file by now.
    fn has_new_password(&self, refused: &sqlx::Error) -> bool {
        if !refused.as_database_error().is_some_and(|error| D::kind(error) == ErrorKind::Denied) {
            return false;
        }
        let Some((file, with_password)) = &self.password else { return false };
        let Some(password) = file.changed() else { return false };
        let options = (*self.pool.connect_options()).clone();
        self.pool.set_connect_options(with_password(options, password.expose_secret()));
        true
    }

    /// Why a server can't be connected to. A pool would go on trying until its time is up, and then only say that it is.
    async fn try_server(&self) -> Result<(), sqlx::Error> {
        let Some(server) = &self.server else { return Ok(()) };
        // One at a time: a server that comes back is not to be overrun.
        let _probing = server.probe().await;
        if self.pool.size() > 0 {
            return Ok(());
        }
        let options = self.pool.connect_options();
        let connection = server.reached(self.timeout, Connection::<D>::connect_with(&options)).await?;
        let _closed = connection.close().await;
        Ok(())
    }

    async fn connected(&self) -> Result<PoolConnection<D::Database>, sqlx::Error> {
        if self.pool.size() == 0 {
            self.try_server().await?;
        }
        self.pool.acquire().await
    }

    /// A connection.
    ///
    /// # Errors
    /// None can be had in time.
    pub async fn acquire(&self) -> Result<PoolConnection<D::Database>, sqlx::Error> {
        match self.connected().await {
            Err(refused) if self.has_new_password(&refused) => self.connected().await,
            ended => ended,
        }
    }

    /// Answers a query, as [`SqlDatabase::fetch`](crate::SqlDatabase::fetch).
    ///
    /// # Errors
    /// The database can't answer it, or not in time.
    pub async fn fetch(&self, statement: &Statement, columns: &[Column]) -> Result<Vec<Row>, SqlError> {
        self.within(async |connection: &mut Connection<D>| {
            Ok(query::<D>(&self.name, connection, statement, columns).await?)
        })
        .await
    }

    /// Runs a transaction, as [`SqlDatabase::transact`](crate::SqlDatabase::transact).
    ///
    /// # Errors
    /// Its condition does not hold, or the database can't do it, or not in time.
    pub async fn transact(&self, transaction: &Transaction) -> Result<Done, SqlError> {
        self.within(async |connection: &mut Connection<D>| {
            let mut attempt = 1;
            loop {
                match self.attempt(connection, transaction).await {
                    Err(Failure::Database(error)) if attempt < ATTEMPTS && collides::<D>(&error) => attempt += 1,
                    ended => return ended,
                }
            }
        })
        .await
    }

    /// Runs transactions as one: what became of each.
    ///
    /// # Errors
    /// The database can't do it. That stands for all of them, and nothing was written.
    pub async fn transact_together(
        &self,
        transactions: impl Iterator<Item = &Transaction>,
    ) -> Result<Vec<Result<Done, SqlError>>, SqlError> {
        self.within(async |connection: &mut Connection<D>| {
            let mut begun = connection.begin_with(begin::<D>()).await?;
            let mut ended = Vec::new();
            for transaction in transactions {
                ended.push(match run::<D>(&self.name, &mut begun, transaction).await {
                    Ok(done) => Ok(done),
                    // These are found out before anything is written but what a lock takes back.
                    Err(Failure::Condition) => Err(SqlError::changed(&self.name)),
                    Err(Failure::Fence) => Err(SqlError::passed_on(&self.name)),
                    Err(Failure::Answer(error)) => Err(error),
                    Err(failure) => return Err(failure),
                });
            }
            begun.commit().await?;
            Ok(ended)
        })
        .await
    }

    /// Runs `work` on a connection. Waiting for one counts, too.
    async fn within<T>(&self, work: impl AsyncFnOnce(&mut Connection<D>) -> Result<T, Failure>) -> Result<T, SqlError> {
        let mut held = None;
        let all = async {
            let connection = held.insert(self.acquire().await?);
            // Whoever waits for this may give up first, and then nobody is left to close it.
            connection.close_on_drop();
            work(connection).await
        };
        let ended = tokio::time::timeout(self.timeout, all).await;
        let is_whole = matches!(ended, Ok(Ok(_) | Err(Failure::Condition | Failure::Fence)));
        let was_held = held.is_some();
        match held {
            Some(connection) if is_whole => self.give_back(connection),
            closed => drop(closed),
        }
        match ended {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(Failure::Condition)) => Err(SqlError::changed(&self.name)),
            Ok(Err(Failure::Fence)) => Err(SqlError::passed_on(&self.name)),
            Ok(Err(Failure::Answer(error))) => Err(error),
            Ok(Err(Failure::Database(error))) => Err(self.failed(error)),
            Err(_) if !was_held && self.server.is_some() && self.pool.size() == 0 => {
                Err(SqlError::unreached(&self.name, self.timeout))
            }
            Err(_) => Err(SqlError::timeout(&self.name, self.timeout)),
        }
    }

    /// Gives a connection back. A pool asks it whether it is well, and would wait for the answer as long as TCP does: where the
    /// network swallows answers no connection could be had long after it has recovered.
    fn give_back(&self, mut connection: PoolConnection<D::Database>) {
        tokio::spawn(tokio::time::timeout(self.timeout, connection.return_to_pool()));
    }

    async fn attempt(&self, connection: &mut Connection<D>, transaction: &Transaction) -> Result<Done, Failure> {
        let mut begun = connection.begin_with(begin::<D>()).await?;
        match run::<D>(&self.name, &mut begun, transaction).await {
            Ok(done) => {
                begun.commit().await?;
                Ok(done)
            }
            // The connection is about to be closed; a failed end of it would hide what failed first.
            Err(Failure::Database(error)) if !collides::<D>(&error) => Err(error.into()),
            Err(failure) => {
                begun.rollback().await?;
                Err(failure)
            }
        }
    }
}

/// As a type without a lifetime: the compiler does not see that a transaction of `&'static str` can go to another thread.
fn begin<D: Driver>() -> SqlStr {
    SqlStr::from_static(D::BEGIN)
}

/// Whether others were writing the same rows at the same time, which they are not when it is tried again.
fn collides<D: Driver>(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| D::kind(error) == ErrorKind::Conflict)
}
