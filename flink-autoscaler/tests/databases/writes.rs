//! How much is written: `docs/persistence.md` has these figures.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use autoscaler_core::collect::RememberedNames;
use autoscaler_core::state::codec::{StatePart, encode};
use autoscaler_core::{AutoScalerStateStore, JobKey, JobState, cycle};
use sql_database::migrate::{AppliedMigration, KnownMigration, Migrated};
use sql_database::{Column, Param, Row, SqlDatabase, SqlError, SqlStateStore, Statement};
use testkit::synthetic::SyntheticJob;

use crate::Case;
use crate::backend::Opened;

pub(crate) const CASES: &[Case] = &[("writes::an_idle_cycle_writes_one_observation", |database| {
    Box::pin(an_idle_cycle_writes_one_observation(database))
})];

/// Counts the transactions, statements and bytes that pass.
#[derive(Debug)]
struct Counting {
    database: Arc<dyn SqlDatabase>,
    counts: Mutex<Counts>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    queries: usize,
    transactions: usize,
    statements: usize,
    bytes: usize,
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl SqlDatabase for Counting {
    fn name(&self) -> &str {
        self.database.name()
    }
    fn upsert(&self, key: &[&str], updated: &[&str]) -> String {
        self.database.upsert(key, updated)
    }
    async fn fetch(&self, statement: &Statement, columns: &[Column]) -> Result<Vec<Row>, SqlError> {
        self.counts.lock().unwrap().queries += 1;
        self.database.fetch(statement, columns).await
    }
    async fn execute(&self, statements: &[Statement]) -> Result<Vec<u64>, SqlError> {
        {
            let mut counts = self.counts.lock().unwrap();
            counts.transactions += 1;
            counts.statements += statements.len();
            let params = statements.iter().flat_map(|statement| &statement.params);
            counts.bytes +=
                params.map(|param| if let Param::Text(text) = param { text.len() } else { 8 }).sum::<usize>();
        }
        self.database.execute(statements).await
    }
    async fn version(&self) -> Result<String, SqlError> {
        self.database.version().await
    }
    fn known_migrations(&self) -> Vec<KnownMigration> {
        self.database.known_migrations()
    }
    async fn applied_migrations(&self) -> Result<Vec<AppliedMigration>, SqlError> {
        self.database.applied_migrations().await
    }
    async fn run_migrations(&self) -> Result<(), SqlError> {
        self.database.run_migrations().await
    }
}

#[expect(clippy::print_stdout, reason = "figures for docs/persistence.md")]
async fn an_idle_cycle_writes_one_observation(opened: Opened) {
    let counting = Arc::new(Counting { database: opened.database(), counts: Mutex::default() });
    let store = SqlStateStore::new(Migrated::new(Arc::clone(&counting) as _, true));
    let (job, key) = (SyntheticJob::steady(5), JobKey::new("job"));
    let (context, mut names) = (job.context(), RememberedNames::default());
    let mut state = store.load(&key).await.unwrap().state;
    let mut last = Counts::default();
    for number in 1..=95 {
        cycle(&context, Some(Ok(job.observation(number))), &mut state, &mut names, SyntheticJob::instant(number));
        *counting.counts.lock().unwrap() = Counts::default();
        store.save(&key, &state).await.unwrap();
        state.mark_stored();
        last = *counting.counts.lock().unwrap();
    }
    let window = encode(&state, StatePart::CollectedMetrics).unwrap().len();
    println!(
        "{}: an idle cycle of 5 vertices with a full window of 90 observations: {last:?}; the window as one row has {window} bytes",
        opened.backend.name
    );
    assert_eq!((last.queries, last.transactions), (0, 1));
    assert!(last.statements <= 2, "{last:?}");
    assert!(last.bytes * 50 < window, "{last:?} of a window of {window} bytes");
    let loaded: JobState = store.load(&key).await.unwrap().state;
    assert_eq!(encode(&loaded, StatePart::CollectedMetrics), encode(&state, StatePart::CollectedMetrics));
}
