//! A job's rows as its state.

use autoscaler_core::state::codec::{UnreadableRow, decode, decode_collected_row, decode_observations};
use autoscaler_core::state::{StatePart, Tracked};
use autoscaler_core::time::Instant;
use autoscaler_core::{ClusterName, JobKey, JobState, LoadedState};
use chrono::DateTime;

use super::policy_memory;
use super::revision::Versions;
use super::texts::{CLUSTER_ROW, MEMORY_ROW, OBSERVATION_ROW, Texts};
use crate::database::SqlDatabase;
use crate::error::SqlError;
use crate::statement::{Column, Statement};

const COLUMNS: &[Column] = &[Column::Integer, Column::Text, Column::Integer, Column::Text, Column::Text];

pub(super) async fn load(database: &dyn SqlDatabase, texts: &Texts, job: &JobKey) -> Result<LoadedState, SqlError> {
    let query = [job.as_str(); 4].into_iter().fold(Statement::of(&texts.load), Statement::with);
    let rows = database.fetch(&query, COLUMNS).await?;
    let mut loaded = LoadedState::new(JobState::default(), Versions::of(&rows)?.revision());
    let (mut observations, mut is_java) = (Vec::new(), false);
    for row in &rows {
        let text = row.text(4)?;
        match row.integer(0)? {
            OBSERVATION_ROW => observations.push((DateTime::from_timestamp_nanos(row.integer(2)?), text.to_owned())),
            CLUSTER_ROW => loaded.state.cluster = Tracked::loaded(Some(ClusterName::new(text))),
            MEMORY_ROW => loaded.unreadable.extend(policy_memory::put(&mut loaded.state, row.text(1)?, text).err()),
            _ => {
                // A type of row that this build does not know is somebody else's.
                let read = match row.text(1)?.parse() {
                    Ok(StatePart::Row(part)) => decode(&mut loaded.state, part, text),
                    Ok(StatePart::CollectedMetrics) => {
                        decode_collected_row(&mut loaded.state, text).inspect(|()| is_java = true)
                    }
                    Ok(_) | Err(_) => continue,
                };
                loaded.unreadable.extend(read.err());
            }
        }
    }
    // The row is there only if the Java process wrote it after us: we take it away when we take it over.
    if !is_java && !observations.is_empty() {
        loaded.unreadable.extend(read_observations(&mut loaded.state, observations).err());
    }
    Ok(loaded)
}

fn read_observations(state: &mut JobState, mut rows: Vec<(Instant, String)>) -> Result<(), UnreadableRow> {
    rows.sort_by_key(|(at, _)| *at);
    decode_observations(state, rows)
}
