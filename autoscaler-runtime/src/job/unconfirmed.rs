//! A save that ended without an answer: only the store can tell whether it has what was saved, and until it does nothing
//! is decided anew. A scaling that is stored is carried out, one that is not was never decided.

use std::sync::Arc;

use autoscaler_core::state::StatePart;
use autoscaler_core::state::codec::encode_whole;
use autoscaler_core::window::MetricHistory;
use autoscaler_core::{CycleReport, ErrorKind, JobState, LoadedState, PortError, Stage, stage};

use super::JobAutoScaler;
use super::cycle::{Cycle, Saved};
use crate::observer::Step;

/// A save of which nobody knows whether it was stored.
#[derive(Debug)]
pub(super) struct Unconfirmed {
    report: Arc<CycleReport>,
    state: JobState,
}

/// What is known of a cycle before.
pub(super) enum Settled {
    /// Nothing that is not in the state.
    AsBefore,
    /// The store can't tell yet.
    Unknown(Box<Unconfirmed>),
    /// What was decided is stored; it is still to be carried out.
    Stored(Arc<CycleReport>),
    /// Somebody else has written meanwhile.
    ByOthers,
}

/// What a store turns out to have after a save.
enum Found {
    Before(JobState),
    Saved(LoadedState),
    Others,
}

impl Unconfirmed {
    /// What was to be saved, with the observations that came since.
    pub(super) fn with_window_of(&self, state: JobState) -> JobState {
        JobState { collected_metrics: state.collected_metrics, ..self.state.clone() }
    }
}

impl JobAutoScaler {
    /// Asks the store after a save that failed. The state becomes what is known to be stored, with the observations that
    /// are in memory.
    pub(super) async fn settled_now(
        &mut self,
        cycle: &mut Cycle<'_>,
        error: PortError,
        report: &Arc<CycleReport>,
        state: &mut JobState,
    ) -> Saved {
        match self.found(cycle, state).await {
            Ok(Found::Saved(loaded)) => Saved::As(loaded.revision),
            Ok(Found::Before(stored)) => {
                self.bring_to(state, stored);
                cycle.failed(Step::Save, error);
                Saved::Failed
            }
            Ok(Found::Others) => cycle.not_ours(others_wrote(cycle)),
            Err(_) => {
                // Why the save failed is the better reason.
                cycle.failed(Step::Save, error);
                self.unconfirmed = Some(Box::new(Unconfirmed { report: Arc::clone(report), state: state.clone() }));
                Saved::Failed
            }
        }
    }

    /// Asks the store for what came of the last save, if that is not known. The state becomes what is known to be stored,
    /// with the observations that are in memory.
    pub(super) async fn settled_before(&mut self, cycle: &mut Cycle<'_>, state: &mut JobState) -> Settled {
        let Some(unconfirmed) = self.unconfirmed.take() else { return Settled::AsBefore };
        match self.found(cycle, &unconfirmed.state).await {
            Ok(Found::Saved(loaded)) => {
                self.revision = Some(loaded.revision);
                self.bring_to(state, loaded.state);
                // Whoever has switched autoscaling off since does not want it any more.
                let is_wanted = stage(cycle.context) == Stage::Observing;
                if is_wanted { Settled::Stored(unconfirmed.report) } else { Settled::AsBefore }
            }
            Ok(Found::Before(stored)) => {
                self.bring_to(state, stored);
                Settled::AsBefore
            }
            Ok(Found::Others) => {
                cycle.not_ours(others_wrote(cycle));
                Settled::ByOthers
            }
            Err(error) => {
                cycle.failed(Step::Save, error);
                Settled::Unknown(unconfirmed)
            }
        }
    }

    /// What the store has, compared with what was to be saved.
    async fn found(&self, cycle: &mut Cycle<'_>, saved: &JobState) -> Result<Found, PortError> {
        let loaded = cycle.load(&cycle.context.key).await?;
        Ok(if Some(loaded.revision) == self.revision {
            Found::Before(loaded.state)
        } else if is_stored(saved, &loaded.state) {
            Found::Saved(loaded)
        } else {
            Found::Others
        })
    }

    fn bring_to(&mut self, state: &mut JobState, stored: JobState) {
        let collected_metrics = std::mem::take(&mut state.collected_metrics);
        *state = JobState { collected_metrics, ..stored };
        (self.history, self.is_brought_back) = (None, true);
    }
}

/// Whether a store that has `found` has stored `saved`: of the observations only the newest is compared.
fn is_stored(saved: &JobState, found: &JobState) -> bool {
    let newest = |state: &JobState| state.collected_metrics.stored().and_then(MetricHistory::end);
    let is_same = |part: StatePart| match (encode_whole(saved, part), encode_whole(found, part)) {
        (Ok(saved), Ok(found)) => saved == found,
        _ => false,
    };
    newest(saved) == newest(found)
        && StatePart::ALL.into_iter().filter(|part| *part != StatePart::CollectedMetrics).all(is_same)
}

fn others_wrote(cycle: &Cycle<'_>) -> PortError {
    let message = "somebody else has written the job's state since it was loaded; it is read again";
    PortError::new(ErrorKind::Conflict, message).with("job", cycle.context.key.as_str())
}
