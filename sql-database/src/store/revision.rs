//! Which version of a job's state a database has: a hash over the versions of its rows, whoever wrote them.

use std::hash::{DefaultHasher, Hash, Hasher};

use autoscaler_core::Revision;

use super::texts::{CLUSTER_ROW, OBSERVATION_ROW};
use crate::error::SqlError;
use crate::statement::{Column, Row};

/// The columns of the query by which versions are compared.
pub(super) const CHECKED: &[Column] = &[Column::Integer, Column::Text, Column::Integer, Column::Text];

/// Versions of rows, to be hashed in whichever order they came.
#[derive(Default)]
pub(super) struct Versions<'a> {
    rows: Vec<(i64, &'a str, &'a str)>,
    newest_observation: i64,
}

impl<'a> Versions<'a> {
    /// Of rows that begin with kind, name, instant and version.
    pub(super) fn of(rows: &'a [Row]) -> Result<Self, SqlError> {
        let mut versions = Self::default();
        for row in rows {
            let (kind, at) = (row.integer(0)?, row.integer(2)?);
            if kind == CLUSTER_ROW {
                continue;
            }
            if kind == OBSERVATION_ROW {
                versions.newest_observation = versions.newest_observation.max(at);
            } else {
                versions.rows.push((kind, row.text(1)?, row.text(3)?));
            }
        }
        Ok(versions)
    }

    /// With another newest observation, in nanoseconds since the epoch.
    pub(super) fn with_newest_observation(mut self, nanos: i64) -> Self {
        self.newest_observation = nanos;
        self
    }

    pub(super) fn revision(mut self) -> Revision {
        self.rows.sort_unstable();
        // The default hasher's keys are fixed: the same rows have the same revision all over the process.
        let mut hasher = DefaultHasher::new();
        self.rows.hash(&mut hasher);
        self.newest_observation.hash(&mut hasher);
        Revision(hasher.finish())
    }
}

/// The number that stands for the answer to the query.
pub(super) fn digest(rows: &[Row]) -> Result<u64, SqlError> {
    Ok(Versions::of(rows)?.revision().0)
}
