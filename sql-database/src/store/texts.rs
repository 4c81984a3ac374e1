//! The store's statements, made once.

use std::sync::Arc;

use autoscaler_core::state::StatePart;
use autoscaler_core::{Fence, JobKey};

use crate::lease;
use crate::statement::{Dialect, Sql, Statement, Upsert};
use crate::transaction::Lock;

const STATE: &str = "t_flink_autoscaler_state_store";
const OBSERVATIONS: &str = "t_flink_autoscaler_observation";
const MEMORY: &str = "t_flink_autoscaler_policy_memory";
const CLUSTERS: &str = "t_flink_autoscaler_job_cluster";

/// The policy of the row that stands for a job without rows. No other transaction ever sees it.
const MARK: &str = "";

/// Of which table a row of [`Texts::load`] or [`Texts::check`] is.
pub(super) const STATE_ROW: i64 = 0;
pub(super) const OBSERVATION_ROW: i64 = 1;
pub(super) const MEMORY_ROW: i64 = 2;
pub(super) const CLUSTER_ROW: i64 = 3;

#[derive(Debug)]
pub(super) struct Texts {
    /// Everything of a job: kind of row, part or policy, instant, version, text. One statement sees one moment.
    pub(super) load: Arc<Sql>,
    /// The same without texts, and of the observations only the newest's instant.
    pub(super) check: Arc<Sql>,
    /// Locks a job's rows that the Java process writes, too; none where that is not needed.
    lock_rows: Option<Arc<Sql>>,
    pub(super) upsert_part: Arc<Sql>,
    pub(super) delete_part: Arc<Sql>,
    pub(super) delete_observations: Arc<Sql>,
    pub(super) delete_observations_before: Arc<Sql>,
    /// One observation, which is what an idle cycle stores.
    pub(super) upsert_observation: Arc<Sql>,
    observations: Upsert,
    pub(super) upsert_memory: Arc<Sql>,
    pub(super) delete_memory: Arc<Sql>,
    delete_mark: Arc<Sql>,
    pub(super) upsert_cluster: Arc<Sql>,
    pub(super) delete_cluster: Arc<Sql>,
    pub(super) remove: [Arc<Sql>; 4],
    pub(super) jobs: Arc<Sql>,
    /// Answers a row while a lease is held under a token; none where it can't pass on.
    fence: Option<Arc<Sql>>,
}

impl Texts {
    pub(super) fn new(dialect: Dialect) -> Self {
        let Dialect { upsert, state_version, memory_version, lock_rows, lease: lease_dialect } = dialect;
        let part = upsert(STATE, &["update_time", "job_key", "state_type", "state_value"], &["job_key", "state_type"]);
        let observations =
            upsert(OBSERVATIONS, &["job_key", "observed_at", "observation"], &["job_key", "observed_at"]);
        let memory = upsert(MEMORY, &["job_key", "policy", "memory"], &["job_key", "policy"]);
        let cluster = upsert(CLUSTERS, &["job_key", "cluster"], &["job_key"]);
        let delete = |table: &str| Sql::new(format!("DELETE FROM {table} WHERE job_key = ?"));
        let lock = |rows: &str| Sql::new(format!("SELECT state_type FROM {STATE} WHERE job_key = ?{rows}"));
        let lock_rows = lock_rows.map(lock);
        Self {
            load: Sql::new(format!(
                "SELECT {STATE_ROW}, state_type, 0, {state_version}, state_value FROM {STATE} WHERE job_key = ? \
                 UNION ALL SELECT {OBSERVATION_ROW}, '', observed_at, '', observation FROM {OBSERVATIONS} WHERE job_key = ? \
                 UNION ALL SELECT {MEMORY_ROW}, policy, 0, {memory_version}, memory FROM {MEMORY} WHERE job_key = ? \
                 UNION ALL SELECT {CLUSTER_ROW}, '', 0, '', cluster FROM {CLUSTERS} WHERE job_key = ?"
            )),
            check: Sql::new(format!(
                "SELECT {STATE_ROW}, state_type, 0, {state_version} FROM {STATE} WHERE job_key = ? \
                 UNION ALL SELECT {OBSERVATION_ROW}, '', COALESCE(MAX(observed_at), 0), '' FROM {OBSERVATIONS} WHERE job_key = ? \
                 UNION ALL SELECT {MEMORY_ROW}, policy, 0, {memory_version} FROM {MEMORY} WHERE job_key = ?"
            )),
            lock_rows,
            fence: lease_dialect.as_ref().map(lease::fence),
            upsert_part: Sql::new(format!("{} VALUES (CURRENT_TIMESTAMP, ?, ?, ?){}", part.head, part.tail)),
            delete_part: Sql::new(format!("DELETE FROM {STATE} WHERE job_key = ? AND state_type = ?")),
            delete_observations: delete(OBSERVATIONS),
            delete_observations_before: Sql::new(format!(
                "DELETE FROM {OBSERVATIONS} WHERE job_key = ? AND observed_at < ?"
            )),
            upsert_observation: Sql::new(format!("{} VALUES (?, ?, ?){}", observations.head, observations.tail)),
            observations,
            upsert_memory: Sql::new(format!("{} VALUES (?, ?, ?){}", memory.head, memory.tail)),
            delete_memory: delete(MEMORY),
            delete_mark: Sql::new(format!("DELETE FROM {MEMORY} WHERE job_key = ? AND policy = ?")),
            upsert_cluster: Sql::new(format!("{} VALUES (?, ?){}", cluster.head, cluster.tail)),
            delete_cluster: delete(CLUSTERS),
            remove: [STATE, OBSERVATIONS, MEMORY, CLUSTERS].map(delete),
            jobs: Sql::new(
                [STATE, OBSERVATIONS, MEMORY, CLUSTERS]
                    .map(|table| format!("SELECT job_key FROM {table}"))
                    .join(" UNION "),
            ),
        }
    }

    /// Writing so many observations at once.
    pub(super) fn upsert_observations(&self, rows: usize) -> Arc<Sql> {
        if rows == 1 {
            return Arc::clone(&self.upsert_observation);
        }
        let values = vec!["(?, ?, ?)"; rows].join(", ");
        Sql::new(format!("{} VALUES {values}{}", self.observations.head, self.observations.tail))
    }

    /// Has a transaction done only while a lease is held.
    pub(super) fn fence(&self, fence: &Fence) -> Option<Statement> {
        Some(lease::fenced(self.fence.as_ref()?, fence.lease?))
    }

    /// Keeps other writers of a job out until the transaction ends. The first of all has no rows to lock, so it writes
    /// and takes back one that nobody else can write meanwhile.
    pub(super) fn lock(&self, job: &JobKey) -> Option<Lock> {
        let rows = Statement::of(self.lock_rows.as_ref()?).with(job.as_str());
        let mark = Statement::of(&self.upsert_memory).with(job.as_str()).with(MARK).with("");
        let take_back = Statement::of(&self.delete_mark).with(job.as_str()).with(MARK);
        Some(Lock { rows, absence: vec![mark, take_back] })
    }

    pub(super) fn upsert_part(&self, job: &JobKey, part: StatePart, text: String) -> Statement {
        Statement::of(&self.upsert_part).with(job.as_str()).with(part.name()).with(text)
    }

    pub(super) fn delete_part(&self, job: &JobKey, part: StatePart) -> Statement {
        Statement::of(&self.delete_part).with(job.as_str()).with(part.name())
    }
}
