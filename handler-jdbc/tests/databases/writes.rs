//! How much is written: `docs/persistence.md` has these figures.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use autoscaler_core::state::codec::encode_collected_row;
use autoscaler_core::{AutoScalerStateStore, Autoscaler, CycleMemory, Fence, JobKey, JobState};
use sql_database::schema::{AppliedMigration, KnownMigration, TableShape};
use sql_database::{Column, Dialect, Done, Param, Row, SqlDatabase, SqlError, SqlStateStore, Statement, Transaction};
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
    locks: usize,
    checks: usize,
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
    fn dialect(&self) -> Dialect {
        self.database.dialect()
    }
    async fn fetch(&self, statement: &Statement, columns: &'static [Column]) -> Result<Vec<Row>, SqlError> {
        self.counts.lock().unwrap().queries += 1;
        self.database.fetch(statement, columns).await
    }
    async fn transact(&self, transaction: Transaction) -> Result<Done, SqlError> {
        {
            let mut counts = self.counts.lock().unwrap();
            counts.transactions += 1;
            counts.locks += usize::from(transaction.lock.is_some());
            counts.checks += transaction.condition.as_ref().map_or(0, |condition| 1 + usize::from(condition.ask_again));
            counts.statements += transaction.statements.len();
            let params = transaction.statements.iter().flat_map(|statement| &statement.params);
            counts.bytes +=
                params.map(|param| if let Param::Text(text) = param { text.len() } else { 8 }).sum::<usize>();
        }
        self.database.transact(transaction).await
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
    async fn shape(&self) -> Result<Vec<TableShape>, SqlError> {
        self.database.shape().await
    }
    async fn run_migrations(&self) -> Result<(), SqlError> {
        self.database.run_migrations().await
    }
    async fn close(&self) {
        self.database.close().await;
    }
}

#[expect(clippy::print_stdout, reason = "figures for docs/persistence.md")]
async fn an_idle_cycle_writes_one_observation(opened: Opened) {
    let counting = Arc::new(Counting { database: opened.database(), counts: Mutex::default() });
    let store = SqlStateStore::new(crate::backend::migrated(Arc::clone(&counting) as _));
    let (job, key) = (SyntheticJob::steady(5), JobKey::new("job"));
    let (context, mut memory) = (job.context(), CycleMemory::default());
    let autoscaler = Autoscaler::default();
    let loaded = store.load(&key).await.unwrap();
    let (mut state, mut revision) = (loaded.state, loaded.revision);
    let mut last = Counts::default();
    for number in 1..=95 {
        let observation = Some(Ok(job.observation(number)));
        autoscaler.cycle(&context, observation, &mut state, &mut memory, SyntheticJob::instant(number));
        *counting.counts.lock().unwrap() = Counts::default();
        revision = store.save(&key, &state, &Fence::at(revision)).await.unwrap();
        state.mark_stored();
        last = *counting.counts.lock().unwrap();
    }
    let window = encode_collected_row(&state).unwrap().unwrap().len();
    println!(
        "{}: an idle cycle of 5 vertices with a full window of 90 observations: {last:?}; the window as one row has {window} bytes",
        opened.backend.name
    );
    assert_eq!((last.queries, last.transactions, last.locks, last.checks), (0, 1, 0, 1));
    assert!(last.statements <= 2, "{last:?}");
    assert!(last.bytes * 50 < window, "{last:?} of a window of {window} bytes");
    let loaded: JobState = store.load(&key).await.unwrap().state;
    assert_eq!(loaded.collected_metrics, state.collected_metrics);
}
