//! The one connection that writes. SQLite has one writer at a time: with several, all but one would sleep and try again.

use std::sync::{Arc, OnceLock};

use sql_database::{Done, Pooled, SqlError, Transaction};
use sqlx::migrate::Migrator;
use tokio::sync::{mpsc, oneshot};

use super::SqliteDriver;

/// Transactions that may wait.
const QUEUE: usize = 1024;
/// Transactions written as one at most: what waits behind them should not wait for long.
const TOGETHER: usize = 128;

/// Writes transactions in the order they came, those that wait at the same time as one.
#[derive(Clone, Debug)]
pub(crate) struct Writer {
    pooled: Pooled<SqliteDriver>,
    queue: Arc<OnceLock<mpsc::Sender<Queued>>>,
}

#[derive(Debug)]
struct Queued {
    transaction: Transaction,
    answer: oneshot::Sender<Result<Done, SqlError>>,
}

impl Writer {
    pub(crate) fn new(pooled: Pooled<SqliteDriver>) -> Self {
        Self { pooled, queue: Arc::default() }
    }

    /// Runs a transaction, or gives up on it in time: then it is not begun, or may have been done.
    pub(crate) async fn transact(&self, transaction: Transaction) -> Result<Done, SqlError> {
        let queue = self.queue.get_or_init(|| {
            let (queue, waiting) = mpsc::channel(QUEUE);
            // It ends with the last handle of the database.
            tokio::spawn(write(self.pooled.clone(), waiting));
            queue
        });
        let (answer, answered) = oneshot::channel();
        let all = async {
            queue.send(Queued { transaction, answer }).await.ok()?;
            answered.await.ok()
        };
        match tokio::time::timeout(self.pooled.timeout, all).await {
            Ok(Some(result)) => result,
            Ok(None) | Err(_) => Err(SqlError::timeout(&self.pooled.name, self.pooled.timeout)),
        }
    }

    /// Whatever is being written is waited for.
    pub(crate) async fn close(&self) {
        self.pooled.pool.close().await;
    }

    pub(crate) async fn migrate(&self, migrator: &Migrator) -> Result<(), SqlError> {
        let mut connection = self.pooled.acquire().await.map_err(|error| self.pooled.failed(error))?;
        // One that is given up on half-way must not be written on any more.
        connection.close_on_drop();
        let run = migrator.run_direct(None, &mut *connection, false).await;
        run.map_err(|error| self.pooled.migration_failed(error))
    }
}

async fn write(pooled: Pooled<SqliteDriver>, mut queue: mpsc::Receiver<Queued>) {
    while let Some(first) = queue.recv().await {
        let mut group = vec![first];
        while group.len() < TOGETHER
            && let Ok(next) = queue.try_recv()
        {
            group.push(next);
        }
        // Whoever has given up may have begun something else.
        group.retain(|queued| !queued.answer.is_closed());
        if group.len() > 1
            && let Ok(results) = pooled.transact_together(group.iter().map(|queued| &queued.transaction)).await
        {
            for (queued, result) in group.into_iter().zip(results) {
                let _gone = queued.answer.send(result);
            }
            continue;
        }
        // Alone, or with one that fails: each for itself, so that it takes none down with it.
        for queued in group {
            if !queued.answer.is_closed() {
                let _gone = queued.answer.send(pooled.transact(&queued.transaction).await);
            }
        }
    }
}
