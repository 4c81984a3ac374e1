//! Having the policy propose, and carrying out what it proposes.

use super::shadow::shadow;
use super::{Run, Stop};
use crate::execute::{Execution, execute};
use crate::observation::Readings;
use crate::options::PolicyChoice;
use crate::policy::{self, JobView};
use crate::time::{Instant, whole_seconds};
use crate::topology::JobTopology;

/// What was observed of a job, whole.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    pub(super) running_since: Instant,
    pub(super) topology: &'a JobTopology,
    pub(super) readings: &'a Readings,
    pub(super) partitions: &'a [u32],
}

impl Run<'_> {
    /// Has the policy propose, and carries out what it proposes.
    pub(super) fn evaluate(&mut self, seen: Seen<'_>, window_full_at: Instant) -> Result<(), Stop> {
        let Seen { running_since, topology, readings, partitions } = seen;
        let Self { autoscaler, context, options, now, .. } = *self;
        let state = &mut *self.state;
        let view = JobView {
            job: context,
            plugins: &autoscaler.plugins,
            options,
            topology,
            running_since,
            readings,
            partitions,
            excluded: self.excluded,
            history: state.collected_metrics.get(),
            window_full_at,
            restart_seconds: whole_seconds(state.scaling_tracking.get().restart_time(now, options)),
            scaling_history: state.scaling_history.get(),
            delayed_scale_down: state.delayed_scale_down.get(),
        };
        let policy = policy::of(options.policy);
        let aside = options.policy_shadow.filter(|shadow| *shadow != options.policy).map(policy::of);
        let proposal = policy::propose(policy, &view, &mut state.policy_memory, aside, now);
        let shadowed = aside.map(|aside| {
            let proposal = policy::propose(aside, &view, &mut state.policy_memory, Some(policy), now);
            (aside.name(), proposal)
        });
        if let Some((name, mut proposal)) = shadowed {
            // The policy that decides has no scale-downs that wait, or the shadow has none.
            if let Some(delayed) =
                proposal.delayed_scale_down.take().filter(|_| options.policy != PolicyChoice::Reference)
            {
                state.delayed_scale_down.set(delayed);
            }
            let (told, event) = shadow(name, proposal, topology, options, self.memory);
            self.report.shadow = Some(told);
            self.report.events.extend(event);
        }
        let execution = Execution {
            context,
            plugins: &autoscaler.plugins,
            time_zone: autoscaler.time_zone,
            options,
            topology,
            now,
            approved: self.approved.as_ref(),
        };
        execute(&execution, proposal, state, &mut self.report).map_err(|message| Stop::Failed(message, None))
    }
}
