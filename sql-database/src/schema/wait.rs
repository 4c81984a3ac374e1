//! Waiting for a lock to migrate under, and for the migration.

use std::time::Duration;

use autoscaler_core::ErrorKind;
use tokio::time::{Instant, timeout};

use crate::error::SqlError;

/// How many times as long as any other call a migration may take. Whoever waits for somebody else's waits as long.
const PATIENCE: u32 = 6;
/// Time between two looks at whether somebody else is done.
const STEP: Duration = Duration::from_millis(200);
/// Time after which it is worth a line in the log.
const SAY_AFTER: Duration = Duration::from_secs(1);

/// A migration, and waiting for somebody else who migrates: not for ever, and not in silence.
#[derive(Debug)]
pub struct MigrationWait<'a> {
    database: &'a str,
    timeout: Duration,
    start: Instant,
    is_said: bool,
}

impl<'a> MigrationWait<'a> {
    /// Begins to wait for the lock that the migrations of a database, named as in messages, are run under. Any other call
    /// ends within `timeout`; waiting here, and migrating, take six times as long at most.
    pub fn new(database: &'a str, timeout: Duration) -> Self {
        Self { database, timeout, start: Instant::now(), is_said: false }
    }

    /// How long migrating may take, or waiting for somebody else's.
    pub fn longest(&self) -> Duration {
        self.timeout.saturating_mul(PATIENCE)
    }

    /// Asks for the lock, or who has it: an ordinary call.
    ///
    /// # Errors
    /// That of `question`, or there was no answer in time.
    pub async fn asked<T>(&self, question: impl Future<Output = Result<T, SqlError>>) -> Result<T, SqlError> {
        let late = |_| Err(SqlError::timeout(self.database, self.timeout));
        timeout(self.timeout, question).await.unwrap_or_else(late)
    }

    /// Waits a moment before the lock is tried for again; `holder` has it.
    ///
    /// # Errors
    /// That was so for longer than a migration can take.
    pub async fn step(&mut self, holder: &str) -> Result<(), SqlError> {
        let waited = self.start.elapsed();
        if waited >= self.longest() {
            let message = format!("{holder} has been migrating it for {:?}: end that, and try again", self.longest());
            return Err(SqlError::new(self.database, ErrorKind::Conflict, message));
        }
        if waited >= SAY_AFTER && !std::mem::replace(&mut self.is_said, true) {
            tracing::info!(database = self.database, "waiting for {holder}, which is migrating the schema");
        }
        tokio::time::sleep(STEP).await;
        Ok(())
    }

    /// Runs the migrations, once the lock is held.
    ///
    /// # Errors
    /// That of `migrations`, or they were not done in time: what was done of them is run again by the next who migrates.
    pub async fn run(&self, migrations: impl Future<Output = Result<(), SqlError>>) -> Result<(), SqlError> {
        let late = |_| {
            let message = format!("its schema could not be brought up to date within {:?}", self.longest());
            Err(SqlError::new(self.database, ErrorKind::Timeout, message))
        };
        timeout(self.longest(), migrations).await.unwrap_or_else(late)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMEOUT: Duration = Duration::from_secs(10);
    const LONGEST: Duration = Duration::from_secs(60);

    #[tokio::test(start_paused = true)]
    async fn whoever_migrates_is_waited_for_but_not_for_ever() {
        let start = Instant::now();
        let mut wait = MigrationWait::new("db", TIMEOUT);
        let error = loop {
            if let Err(error) = wait.step("process 7").await {
                break error;
            }
        };
        assert!(start.elapsed() >= LONGEST && start.elapsed() < LONGEST + STEP * 2, "{:?}", start.elapsed());
        assert_eq!(error.kind(), ErrorKind::Conflict);
        assert!(error.to_string().contains("process 7 has been migrating it for 60s"), "{error}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_database_that_does_not_answer_is_not_waited_for_for_ever() {
        let wait = MigrationWait::new("db", TIMEOUT);
        let start = Instant::now();
        let asked = wait.asked::<()>(std::future::pending()).await.unwrap_err();
        assert_eq!((asked.kind(), start.elapsed()), (ErrorKind::Timeout, TIMEOUT));
        let run = wait.run(std::future::pending()).await.unwrap_err();
        assert_eq!((run.kind(), start.elapsed()), (ErrorKind::Timeout, TIMEOUT + LONGEST));
        assert_eq!(run.to_string(), "db: its schema could not be brought up to date within 60s");
    }
}
