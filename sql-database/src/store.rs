//! The state store over any SQL database.

mod delegated;
mod load;
mod policy_memory;
mod revision;
mod save;
mod texts;

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use autoscaler_core::state::StatePart;
use autoscaler_core::state::codec::{Unencodable, encode_collected_row};
use autoscaler_core::{AutoScalerStateStore, ErrorKind, Fence, JobKey, JobState, LoadedState, PortError, Revision};

use crate::checked::Database;
use crate::database::SqlDatabase;
use crate::error::SqlError;
use crate::statement::{Column, Statement};
use crate::transaction::Transaction;
use texts::Texts;

/// Characters of a job key that the tables hold.
const LONGEST_KEY: usize = 191;

/// State in a SQL database: a row for each part, as the Java process has it, a row for each observation, and one for
/// what each policy remembers.
#[derive(Clone, Debug)]
pub struct SqlStateStore {
    database: Database,
    texts: Arc<OnceLock<Texts>>,
}

impl SqlStateStore {
    /// A store in a database.
    pub fn new(database: Database) -> Self {
        Self { database, texts: Arc::default() }
    }

    /// The database, for an event handler to share.
    pub fn database(&self) -> Database {
        self.database.clone()
    }

    fn texts(&self) -> &Texts {
        self.texts.get_or_init(|| Texts::new(self.database.as_it_is().dialect()))
    }

    /// Writes a job's observations to the `collectedMetrics` row too, where the Java process looks for them. Whoever
    /// loads the job next takes them over from there.
    ///
    /// # Errors
    /// The job's state can't be read or written.
    pub async fn write_java_observations(&self, job: &JobKey) -> Result<(), PortError> {
        let database = self.database.ready().await?;
        let LoadedState { state, .. } = self.load(job).await?;
        let unencodable = |error: Unencodable| SqlError::new(database.name(), ErrorKind::Invalid, error.to_string());
        if let Some(text) = encode_collected_row(&state).map_err(unencodable)? {
            database.execute(vec![self.texts().upsert_part(job, StatePart::CollectedMetrics, text)]).await?;
        }
        Ok(())
    }

    /// A database that is ready for a job of this key.
    async fn ready_for(&self, job: &JobKey) -> Result<&dyn SqlDatabase, SqlError> {
        let database = self.database.ready().await?;
        let length = job.as_str().chars().count();
        if length <= LONGEST_KEY {
            return Ok(database);
        }
        let shown: String = job.as_str().chars().take(40).collect();
        let message = format!("the job key '{shown}…' has {length} characters, and the tables hold {LONGEST_KEY}");
        Err(SqlError::new(database.name(), ErrorKind::TooLarge, message))
    }
}

#[async_trait]
impl AutoScalerStateStore for SqlStateStore {
    async fn load(&self, job: &JobKey) -> Result<LoadedState, PortError> {
        let database = self.ready_for(job).await?;
        Ok(load::load(database, self.texts(), job).await?)
    }

    async fn save(&self, job: &JobKey, state: &JobState, fence: &Fence) -> Result<Revision, PortError> {
        let database = self.ready_for(job).await?;
        Ok(save::save(database, self.texts(), job, state, fence).await?)
    }

    async fn remove(&self, job: &JobKey, fence: &Fence) -> Result<(), PortError> {
        let database = self.database.ready().await?;
        let delete = |sql| Statement::of(sql).with(job.as_str());
        let statements = self.texts().remove.iter().map(delete).collect();
        let lock = self.texts().lock(job);
        let condition = fence.revision.map(|_| save::condition(self.texts(), job, fence, false));
        let transaction = Transaction { fence: self.texts().fence(fence), lock, condition, statements };
        database.transact(transaction).await?;
        Ok(())
    }

    async fn jobs(&self) -> Result<Vec<JobKey>, PortError> {
        let database = self.database.ready().await?;
        let rows = database.fetch(&Statement::of(&self.texts().jobs), &[Column::Text]).await?;
        let keys: Result<Vec<JobKey>, SqlError> = rows.iter().map(|row| Ok(JobKey::new(row.text(0)?))).collect();
        let mut keys = keys?;
        // Databases order texts each in its own way.
        keys.sort_unstable();
        Ok(keys)
    }
}
