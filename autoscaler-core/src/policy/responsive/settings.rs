//! What the policy is told, and what it goes by of its own.

use std::time::Duration;

use crate::options::{Idea, JobOptions};

/// An overload is acted on if the lag would exceed what is tolerated within this, seconds.
pub(super) const HORIZON: f64 = 300.0;
/// How far ahead along its trend the load is looked at before it is compared with what can be done, seconds.
pub(super) const AHEAD: f64 = 120.0;
/// How long after a restart metrics don't count: gauges are averages over a minute, caches are cold. Seconds.
pub(super) const SETTLE: f64 = 90.0;
/// Looks that follow each other sooner tell too little: Flink's counters are seconds old. Seconds.
pub(super) const LOOK: f64 = 25.0;
/// Less than this share of the job is not worth a rescale.
pub(super) const LEAST_SAVING: f64 = 0.08;
/// How long after a scaling a restart is still its doing, seconds.
pub(super) const SCALING_RESTARTS: f64 = 900.0;
/// How long a scale-down may turn out to have been wrong, seconds.
pub(super) const REGRET: f64 = 2.0 * 3600.0;
/// The span over which rescales are counted, seconds.
pub(super) const DAY: f64 = 24.0 * 3600.0;

/// The options of the policy, as numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Settings {
    /// Utilization to size for.
    pub(super) target: f64,
    /// Utilization that is scaled up from, and that past peaks may reach.
    pub(super) high: f64,
    /// Lag that is tolerated, seconds.
    pub(super) lag: f64,
    /// What a rescale is worth, minutes of the whole job.
    pub(super) price: f64,
    /// Share of the price that is waited for before a scale-down, when nothing says that the load will be back.
    pub(super) trust: f64,
    /// Time to clear a backlog in after a scale-up, seconds.
    pub(super) catch_up: f64,
    /// How far the look back for peaks goes, minutes.
    pub(super) memory: f64,
    /// Rescales within a day at most.
    pub(super) most_rescales: i32,
    /// What is done without, to see what it is worth.
    pub(super) without: Option<Idea>,
}

impl Settings {
    pub(super) fn of(options: &JobOptions) -> Self {
        let minutes = |span: Duration| span.as_secs_f64() / 60.0;
        let target = options.responsive_utilization_target.unwrap_or(options.utilization_target).max(0.01);
        Self {
            target,
            high: options.responsive_utilization_high.max(target),
            lag: options.responsive_lag.as_secs_f64(),
            price: minutes(options.responsive_rescale_price),
            trust: options.responsive_rescale_trust,
            catch_up: options.responsive_catch_up_duration.as_secs_f64().max(1.0),
            memory: minutes(options.responsive_memory),
            most_rescales: options.responsive_rescale_max_per_day,
            without: options.without,
        }
    }

    /// Whether an idea is part of the policy.
    pub(super) fn uses(&self, idea: Idea) -> bool {
        self.without != Some(idea)
    }

    /// For how many seconds ahead a step along a trend is sized that changes the load by this share of it in a second, and has
    /// held for so long. The economic order quantity: steps are cheaper the farther apart, and dearer the more is wasted
    /// meanwhile.
    pub(super) fn reach(&self, relative: f64, held: f64) -> f64 {
        if relative > 0.0 { (2.0 * self.price * 60.0 / relative).sqrt().min(held) } else { 0.0 }
    }

    /// Half way between what is sized for and what is tolerated.
    pub(super) fn middle(&self) -> f64 {
        (self.target + self.high) / 2.0
    }
}
