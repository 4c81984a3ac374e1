//! The walk of production over a simulated job.

use std::sync::Arc;

use autoscaler_core::options::{Configuration, Idea, Origin};
use autoscaler_core::policy::{Rule, Step, VertexDecision};
use autoscaler_core::{
    Autoscaler, ClusterName, CycleReport, JobAutoScalerContext, JobStatus, ListedJob, Outcome, ParsedConfiguration,
};
use autoscaler_runtime::{CycleEnded, EventHandlers, JobAutoScaler, Ports};
use futures::executor::block_on;
use store_memory::MemoryStateStore;

use crate::error::SimulateError;
use crate::outside::Outside;
use crate::scenario::Scenario;

/// The id of the job that is simulated, whose state nobody else has.
const JOB: &str = "000000000000000000000000000051e7";
const POLICY: &str = "job.autoscaler.policy";

/// One job in the autoscaler's process.
#[derive(Debug)]
pub(super) struct Walk {
    scaler: JobAutoScaler,
    job: ListedJob,
    parsed: Arc<ParsedConfiguration>,
}

impl Walk {
    /// With options over the scenario's own, and without an idea of the policy; the autoscaler is on, as it would do nothing else.
    pub(super) fn new(
        outside: &Outside,
        scenario: &Scenario,
        over: &Configuration,
        without: Option<Idea>,
    ) -> Result<Self, SimulateError> {
        let mut configuration: Configuration =
            scenario.options.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        configuration.set("job.autoscaler.enabled", "true", Origin::Job);
        configuration.merge(over);
        let mut parsed = ParsedConfiguration::new(configuration);
        match &mut parsed.options {
            Err(invalid) => return Err(Box::new(invalid.clone()).into()),
            Ok(options) => options.without = without,
        }
        let store = Arc::new(MemoryStateStore::new());
        // Events are in the cycle's report.
        let nobody = Arc::new(EventHandlers::new(Vec::new()));
        let ports = Ports::new(Autoscaler::new(), store, nobody).with_clock(Arc::new(outside.clone()));
        let id =
            JOB.parse().map_err(|invalid: autoscaler_core::InvalidId| SimulateError::Failed(invalid.to_string()))?;
        let job = ListedJob::new(id, scenario.name.as_str(), JobStatus::Running);
        Ok(Self { scaler: JobAutoScaler::new(ports), job, parsed: Arc::new(parsed) })
    }

    /// The policy that the options name.
    pub(super) fn policy(&self) -> &str {
        self.parsed.configuration.get(POLICY).unwrap_or("reference")
    }

    /// Runs a cycle; why it scales, if it does.
    pub(super) fn cycle(&mut self, outside: &Outside) -> Result<String, SimulateError> {
        self.job.status = if outside.job().runs() { JobStatus::Running } else { JobStatus::Restarting };
        let context = JobAutoScalerContext::new(ClusterName::new("simulated"), &self.job, Arc::clone(&self.parsed));
        let CycleEnded { report, failures, .. } = block_on(self.scaler.scale(&context, outside, outside));
        if let Some(failure) = failures.first() {
            return Err(SimulateError::Failed(failure.error.chain().to_string()));
        }
        Ok(report.map_or_else(String::new, |report| reason(&report)))
    }
}

/// Why a cycle scales, in short; empty where it does not.
fn reason(report: &CycleReport) -> String {
    if report.outcome != Outcome::Scaled {
        return String::new();
    }
    let changing: Vec<&VertexDecision> = report.decisions.iter().filter(|decision| decision.changes()).collect();
    let steps = || changing.iter().flat_map(|decision| &decision.steps);
    let rule = steps().find(|step| {
        use Rule as R;
        matches!(step, Step::Responsive(R::Overload { .. } | R::Hot { .. } | R::Slow { .. } | R::Saves { .. }))
    });
    let scheduled = || steps().find(|step| matches!(step, Step::Scheduled { .. }));
    if let Some(rule) = rule.or_else(scheduled) {
        return rule.to_string();
    }
    let Some(topology) = &report.topology else { return "scaled".to_owned() };
    let outside = changing.iter().filter(|decision| decision.is_outside());
    let each = outside.filter_map(|decision| {
        let vertex = topology.vertex(decision.vertex)?;
        Some(format!("{} is outside its utilization band", vertex.name))
    });
    each.collect::<Vec<_>>().join(", ")
}
