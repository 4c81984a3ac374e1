//! What a job's schedule says now, and what that makes of a policy's proposal. Bounds of a schedule hold whatever the policy
//! says, and whether or not it has seen enough to decide.

mod enforce;
mod next;

use std::sync::Arc;
use std::time::Duration;

use chrono_tz::Tz;

use super::bounds::{Bound, Bounds};
use crate::ids::VertexId;
use crate::options::{JobOptions, ScheduleRule};
use crate::time::{self, Instant};
use crate::topology::JobTopology;

pub(crate) use enforce::enforce;
pub use next::Outlook;
pub(crate) use next::outlook;

/// What the rules that hold ask for.
#[derive(Clone, Debug, Default)]
pub(crate) struct InForce {
    /// Of each vertex, in the topology's order.
    pub(crate) bounds: Vec<Bounds>,
    /// What the job is scaled to, and the rule that says so.
    pub(crate) utilization: Option<(f64, Arc<str>)>,
}

impl InForce {
    /// What holds now. Of rules that begin within `lead`, the time that a rescale takes, what asks for more holds already.
    pub(crate) fn at(options: &JobOptions, topology: &JobTopology, now: Instant, lead: Duration, zone: Tz) -> Self {
        let mut in_force = Self { bounds: vec![Bounds::default(); topology.vertices().len()], utilization: None };
        for rule in &options.rules {
            let holds = rule.holds(now, zone);
            if holds || begins_within(rule, now, lead, zone) {
                in_force.add(rule, topology, !holds, options.utilization_target);
            }
        }
        in_force
    }

    fn add(&mut self, rule: &ScheduleRule, topology: &JobTopology, is_early: bool, usual: f64) {
        let bound = |parallelism| Bound { parallelism, rule: Arc::clone(&rule.name), is_early };
        let concerned = topology.vertices().iter().zip(&mut self.bounds).filter(|(vertex, _)| rule.is_for(vertex.id));
        for (_, bounds) in concerned {
            if let Some(least) = rule.least.filter(|least| bounds.least.as_ref().is_none_or(|b| b.parallelism < *least))
            {
                bounds.least = Some(bound(least));
            }
            let most = rule.most.filter(|_| !is_early);
            if let Some(most) = most.filter(|most| bounds.most.as_ref().is_none_or(|b| b.parallelism > *most)) {
                bounds.most = Some(bound(most));
            }
        }
        // The lowest leaves most room.
        let present =
            self.utilization.as_ref().map_or(if is_early { usual } else { f64::INFINITY }, |(target, _)| *target);
        if let Some(target) = rule.utilization_target.filter(|target| *target < present) {
            self.utilization = Some((target, Arc::clone(&rule.name)));
        }
    }

    /// A job's options as the rules make them, where they change one that a policy reads.
    pub(crate) fn options(&self, options: &JobOptions) -> Option<JobOptions> {
        let (target, _) = self.utilization.as_ref()?;
        let mut scheduled = options.clone();
        scheduled.values.utilization_target = *target;
        scheduled.values.responsive_utilization_target = Some(*target);
        Some(scheduled)
    }
}

/// Whether a rule holds at some instant until `lead` from now, looked at once a minute, and sixty times at most.
fn begins_within(rule: &ScheduleRule, now: Instant, lead: Duration, zone: Tz) -> bool {
    let looks = u32::try_from(lead.as_secs().div_ceil(60)).unwrap_or(u32::MAX).clamp(1, 60);
    (1..=looks).any(|look| rule.holds(time::after(now, lead * look / looks), zone))
}

/// What a rule asks for, in words.
fn asks(rule: &ScheduleRule) -> String {
    let parallelism = match (rule.least, rule.most) {
        (Some(least), Some(most)) if least == most => Some(format!("{least} subtasks")),
        (Some(least), Some(most)) => Some(format!("{least} to {most} subtasks")),
        (Some(least), None) => Some(format!("at least {least} subtasks")),
        (None, Some(most)) => Some(format!("at most {most} subtasks")),
        (None, None) => None,
    };
    let utilization = rule.utilization_target.map(|target| format!("utilization {target}"));
    let whom = match rule.vertices.as_slice() {
        [] => String::new(),
        vertices => format!(" of {}", vertices.iter().map(VertexId::to_string).collect::<Vec<_>>().join(", ")),
    };
    let asks: Vec<String> = parallelism.into_iter().chain(utilization).collect();
    format!("'{}' ({}{whom})", rule.name, asks.join(", "))
}

#[cfg(test)]
mod tests;
