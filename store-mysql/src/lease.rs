//! The right to act: a named lock, held by a connection of its own.

use std::sync::Arc;

use async_trait::async_trait;
use autoscaler_core::Lease;
use sql_database::{LockSession, SessionLease, SqlError};
use sqlx::mysql::MySqlConnection;
use sqlx::{Connection, query_scalar};

use crate::database::{MySqlDatabase, Pooled};

impl MySqlDatabase {
    /// The right to act on it: one for each database of a server.
    pub fn lease(&self) -> Arc<dyn Lease> {
        let pooled = self.pooled.clone();
        let (name, timeout) = (Arc::clone(&pooled.name), pooled.timeout);
        Arc::new(SessionLease::new(&name, timeout, move || take(pooled.clone())))
    }
}

async fn take(pooled: Pooled) -> Result<Result<Box<dyn LockSession>, String>, SqlError> {
    let failed = |error| pooled.failed(error);
    let connect = async || MySqlConnection::connect_with(&pooled.pool.connect_options()).await;
    let connected = match connect().await {
        Err(refused) if pooled.has_new_password(&refused) => connect().await,
        ended => ended,
    };
    let mut connection = connected.map_err(failed)?;
    // Names of locks are the whole server's, and of 64 characters at most.
    let taken = query_scalar::<_, Option<i64>>(
        "SELECT GET_LOCK(CONCAT('flink_autoscaler.run.', LEFT(SHA2(DATABASE(), 256), 40)), 0)",
    );
    if taken.fetch_one(&mut connection).await.map_err(failed)? == Some(1) {
        return Ok(Ok(Box::new(Session { pooled: pooled.clone(), connection })));
    }
    let holder = query_scalar::<_, Option<i64>>(
        "SELECT CAST(IS_USED_LOCK(CONCAT('flink_autoscaler.run.', LEFT(SHA2(DATABASE(), 256), 40))) AS SIGNED)",
    );
    let holder = holder.fetch_one(&mut connection).await.map_err(failed)?;
    Ok(Err(holder.map_or("unknown".to_owned(), |id| format!("the server's connection {id}"))))
}

struct Session {
    pooled: Pooled,
    connection: MySqlConnection,
}

#[async_trait]
impl LockSession for Session {
    async fn is_held(&mut self) -> Result<bool, SqlError> {
        let held = query_scalar::<_, Option<i64>>(
            "SELECT CAST(IS_USED_LOCK(CONCAT('flink_autoscaler.run.', LEFT(SHA2(DATABASE(), 256), 40))) = CONNECTION_ID() AS SIGNED)",
        );
        let held = held.fetch_one(&mut self.connection).await;
        Ok(held.map_err(|error| self.pooled.failed(error))? == Some(1))
    }

    async fn close(self: Box<Self>) {
        // The server ends the session in any case; saying so makes it do so at once.
        let _ended = self.connection.close().await;
    }
}
