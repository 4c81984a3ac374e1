//! Having the policy propose, and carrying out what it proposes.

use super::shadow::shadow;
use super::{Run, Stop};
use crate::execute::{Execution, execute};
use crate::observation::{FlinkMetric, Readings};
use crate::options::PolicyChoice;
use crate::policy::{self, InForce, JobView};
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
        let lead = state.scaling_tracking.get().lead(now, options);
        let in_force = InForce::at(options, topology, now, lead, autoscaler.time_zone);
        self.report.schedule = self.memory.outlook(options, now, autoscaler.time_zone);
        let scheduled = in_force.options(options);
        let options = scheduled.as_ref().unwrap_or(options);
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
            scheduled: &in_force.bounds,
            scaled_at: state.scaling_tracking.get().records.last_key_value().map(|(at, _)| *at),
            asked: state.parallelism_overrides.get(),
            scaling_history: state.scaling_history.get(),
            delayed_scale_down: state.delayed_scale_down.get(),
        };
        let policy = policy::of(options.policy);
        let aside = options.policy_shadow.filter(|shadow| *shadow != options.policy).map(policy::of);
        let mut proposed = |policy, other| {
            let mut proposal = policy::propose(policy, &view, &mut state.policy_memory, other, now);
            policy::enforce(&mut proposal, &view);
            policy::raise(&mut proposal, &view);
            proposal
        };
        let proposal = proposed(policy, aside);
        let shadowed = aside.map(|aside| (aside.name(), proposed(aside, Some(policy))));
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
            read_rate: read_rate(topology, readings),
            now,
            approved: self.approved.as_ref(),
        };
        execute(&execution, proposal, state, self.memory, &mut self.report)
            .map_err(|message| Stop::Failed(message, None))
    }
}

/// Records per second that the sources read; none where one does not tell.
fn read_rate(topology: &JobTopology, readings: &Readings) -> Option<f64> {
    let vertices = topology.vertices().iter().zip(&readings.vertices);
    let rates = vertices
        .filter(|(vertex, _)| vertex.is_source())
        .map(|(_, reading)| reading.get(FlinkMetric::SourceNumRecordsInPerSecond).map(|rate| rate.sum));
    rates.sum::<Option<f64>>().filter(|rate| rate.is_finite())
}
