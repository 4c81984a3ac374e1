//! The right to act: an advisory lock, held by a connection of its own.

use std::sync::Arc;

use async_trait::async_trait;
use autoscaler_core::Lease;
use sql_database::{LockSession, SessionLease, SqlError};
use sqlx::postgres::PgConnection;
use sqlx::{Connection, query_as, query_scalar};

use crate::database::{Pooled, PostgresDatabase};

/// The first half of the lock's number: any, as long as it stays the same. The second one is the schema's.
const LOCK: i32 = 0x666c_696e;

impl PostgresDatabase {
    /// The right to act on it: one for each schema.
    pub fn lease(&self) -> Arc<dyn Lease> {
        let pooled = self.pooled.clone();
        let (name, timeout) = (Arc::clone(&pooled.name), pooled.timeout);
        Arc::new(SessionLease::new(&name, timeout, move || take(pooled.clone())))
    }
}

async fn take(pooled: Pooled) -> Result<Result<Box<dyn LockSession>, String>, SqlError> {
    let failed = |error| pooled.failed(error);
    let connect = async || PgConnection::connect_with(&pooled.pool.connect_options()).await;
    let connected = match connect().await {
        Err(refused) if pooled.has_new_password(&refused) => connect().await,
        ended => ended,
    };
    let mut connection = connected.map_err(failed)?;
    let taken = query_scalar::<_, bool>("SELECT pg_try_advisory_lock($1, hashtext(current_schema()))");
    if taken.bind(LOCK).fetch_one(&mut connection).await.map_err(failed)? {
        return Ok(Ok(Box::new(Session { pooled: pooled.clone(), connection })));
    }
    let holder = query_as::<_, (i32, Option<String>)>(
        "SELECT a.pid, CAST(a.client_addr AS TEXT) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid \
         WHERE l.locktype = 'advisory' AND l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
         AND l.objsubid = 2 AND CAST(l.classid AS BIGINT) = $1",
    );
    let holder = holder.bind(i64::from(LOCK)).fetch_optional(&mut connection).await.map_err(failed)?;
    Ok(Err(match holder {
        Some((process, Some(address))) => format!("the server's process {process}, from {address}"),
        Some((process, None)) => format!("the server's process {process}"),
        None => "unknown".to_owned(),
    }))
}

struct Session {
    pooled: Pooled,
    connection: PgConnection,
}

#[async_trait]
impl LockSession for Session {
    async fn is_held(&mut self) -> Result<bool, SqlError> {
        // A pooler that hands sessions around would answer from another one.
        let held = query_scalar::<_, bool>(
            "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2 \
             AND pid = pg_backend_pid() AND CAST(classid AS BIGINT) = $1)",
        );
        let held = held.bind(i64::from(LOCK)).fetch_one(&mut self.connection).await;
        held.map_err(|error| self.pooled.failed(error))
    }

    async fn close(self: Box<Self>) {
        // The server ends the session in any case; saying so makes it do so at once.
        let _ended = self.connection.close().await;
    }
}
