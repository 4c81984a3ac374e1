//! Running a scenario.

mod plain;
mod walk;

use autoscaler_core::options::{Configuration, Idea};

use crate::error::SimulateError;
use crate::job::Job;
use crate::outcome::{Outcome, Point, Rescale};
use crate::outside::Outside;
use crate::scenario::Scenario;
use plain::Plain;
use walk::Walk;

/// Seconds between two cycles.
const CYCLE: u32 = 30;

/// What decides.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Decider {
    /// The autoscaler, with these options over the scenario's own.
    Autoscaler(Configuration),
    /// The same, the responsive policy without one of its ideas: to see what that is worth.
    #[doc(hidden)]
    Without(Configuration, Idea),
    /// As Kubernetes' HorizontalPodAutoscaler would, each vertex by itself: average busy time over 70 %, tolerance 10 %, the
    /// highest of the last five minutes.
    Hpa,
    /// The rule of DS2 ("Three steps is all you need", OSDI 2018), applied at once: as many subtasks as the rates seen take, a
    /// minute after each restart at the earliest.
    Ds2,
    /// Nothing is ever rescaled.
    Nobody,
}

/// Runs a scenario.
///
/// # Errors
/// The scenario makes no sense, or an option can't be used.
pub fn run(scenario: &Scenario, decider: &Decider) -> Result<Outcome, SimulateError> {
    run_until(scenario, decider, &|| false)
}

/// Runs a scenario, unless it is to end before it is through, which is asked before each cycle.
///
/// # Errors
/// As [`run`], and that it was ended.
pub fn run_until(
    scenario: &Scenario,
    decider: &Decider,
    is_to_end: &dyn Fn() -> bool,
) -> Result<Outcome, SimulateError> {
    scenario.check()?;
    let outside = Outside::of(Job::new(scenario));
    let mut deciding = match decider {
        Decider::Autoscaler(options) => Deciding::Walk(Box::new(Walk::new(&outside, scenario, options, None)?)),
        Decider::Without(options, idea) => {
            Deciding::Walk(Box::new(Walk::new(&outside, scenario, options, Some(*idea))?))
        }
        Decider::Hpa => Deciding::Plain(Plain::hpa()),
        Decider::Ds2 => Deciding::Plain(Plain::ds2()),
        Decider::Nobody => Deciding::Nobody,
    };
    let mut outcome = Outcome {
        scenario: scenario.name.clone(),
        policy: deciding.name(),
        hours: scenario.hours,
        ..Outcome::default()
    };
    let seconds = outside.job().seconds();
    for second in 0..seconds {
        if second.is_multiple_of(CYCLE) && is_to_end() {
            return Err(SimulateError::Ended);
        }
        step(&mut outside.job(), &mut outcome, second.is_multiple_of(CYCLE));
        if outside.job().now.is_multiple_of(CYCLE) {
            let before = outside.job().parallelism.clone();
            let takes_slots = outside.job().take_free_slots();
            let reason = if takes_slots { "slots have become free".to_owned() } else { deciding.decide(&outside)? };
            let job = outside.job();
            if job.parallelism != before {
                let (minute, to) = (f64::from(job.now) / 60.0, job.parallelism.clone());
                outcome.rescales.push(Rescale { minute, from: before, to, reason });
            }
        }
    }
    let job = outside.job();
    outcome.records = [job.read() + job.waiting(), job.read(), job.waiting()];
    Ok(outcome)
}

/// Lets a second pass, and adds up what is to be seen.
fn step(job: &mut Job, outcome: &mut Outcome, is_seen: bool) {
    if is_seen {
        outcome.planned_subtask_hours += f64::from(job.planned().iter().sum::<i32>()) * f64::from(CYCLE) / 3600.0;
    }
    job.step();
    let lag = job.lag();
    outcome.worst_lag = outcome.worst_lag.max(lag);
    for (minutes, limit) in outcome.lag_minutes.iter_mut().zip([30.0, 60.0, 120.0]) {
        *minutes += if lag > limit { 1.0 / 60.0 } else { 0.0 };
    }
    outcome.subtask_hours += f64::from(job.parallelism.iter().sum::<i32>()) / 3600.0;
    if is_seen {
        let (load, capacity) = job.load_and_capacity();
        let (minute, parallelism) = (f64::from(job.now) / 60.0, job.parallelism.clone());
        outcome.points.push(Point { minute, load, capacity, lag, parallelism });
    }
}

/// What decides, under way.
enum Deciding {
    Walk(Box<Walk>),
    Plain(Plain),
    Nobody,
}

impl Deciding {
    fn name(&self) -> String {
        match self {
            Self::Walk(walk) => walk.policy().to_owned(),
            Self::Plain(plain) => plain.name().to_owned(),
            Self::Nobody => "nobody".to_owned(),
        }
    }

    /// Looks and acts; why, where it does.
    fn decide(&mut self, outside: &Outside) -> Result<String, SimulateError> {
        match self {
            Self::Walk(walk) => walk.cycle(outside),
            Self::Plain(plain) => Ok(plain.decide(&mut outside.job())),
            Self::Nobody => Ok(String::new()),
        }
    }
}
