//! The format of an export.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use autoscaler::autoscaler_core::state::StatePart;
use autoscaler::autoscaler_core::state::codec::{decode_whole, encode_whole};
use autoscaler::autoscaler_core::{JobKey, JobState};
use serde::{Deserialize, Serialize};

/// A job's state as it is exported: the texts of the rows.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Export {
    job_key: String,
    state: BTreeMap<String, String>,
}

impl Export {
    pub(super) fn of(job: &JobKey, state: &JobState) -> Result<Self> {
        let mut rows = BTreeMap::new();
        for part in StatePart::ALL {
            if let Some(text) = encode_whole(state, part)? {
                rows.insert(part.name().to_owned(), text);
            }
        }
        Ok(Self { job_key: job.to_string(), state: rows })
    }

    /// The state to be stored: every part counts as changed, those that are not exported as removed.
    pub(super) fn into_state(self) -> Result<JobState> {
        let mut state = JobState::default();
        for (name, text) in self.state {
            let Ok(part) = name.parse::<StatePart>() else { bail!("the export has an unknown part '{name}'") };
            decode_whole(&mut state, part, &text)?;
        }
        state.touch();
        Ok(state)
    }
}
