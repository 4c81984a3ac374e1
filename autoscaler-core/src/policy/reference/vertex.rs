//! The parallelism of one vertex (algorithm 4).

use super::alignment::{Alignable, Aligned, align};
use super::delay::Delays;
use super::{effectiveness, scalability};
use crate::decimal::round3;
use crate::evaluate::Capacity;
use crate::event::{Event, reason};
use crate::ids::VertexId;
use crate::metric::{EvaluatedMetrics, EvaluatedScalingMetric, ScalingMetric as M};
use crate::options::JobOptions;
use crate::plugin::{AlignmentInput, AlignmentMode, Picked};
use crate::policy::explain::{Band, Limit, Step, Verdict, VertexDecision};
use crate::state::{Recommendation, ScalingSummary};
use crate::time::Instant;
use crate::topology::{ShipStrategy, VertexInfo};

/// What one vertex's decision takes.
pub(super) struct VertexInput<'a, 'd> {
    pub(super) vertex: &'a VertexInfo,
    pub(super) partitions: u32,
    pub(super) metrics: &'a mut EvaluatedMetrics,
    /// Its past scalings that still count.
    pub(super) history: &'a [(Instant, ScalingSummary)],
    pub(super) delays: &'a mut Delays<'d>,
    pub(super) events: &'a mut Vec<Event>,
    pub(super) warnings: &'a mut Vec<String>,
    /// The user's own alignment mode, where the options name one that is registered.
    pub(super) alignment: Option<&'a Picked<'a, dyn AlignmentMode>>,
    pub(super) options: &'a JobOptions,
    pub(super) restart_seconds: f64,
    pub(super) now: Instant,
}

/// Decides, and writes the expected processing rate into the vertex's metrics.
pub(super) fn decide(mut input: VertexInput<'_, '_>) -> VertexDecision {
    let mut steps = Vec::new();
    let verdict = input.verdict(&mut steps);
    let band = Band::of(input.metrics);
    VertexDecision { vertex: input.vertex.id, current: input.vertex.parallelism, steps, verdict, band }
}

impl VertexInput<'_, '_> {
    fn verdict(&mut self, steps: &mut Vec<Step>) -> Verdict {
        let current = self.vertex.parallelism;
        let rate = self.metrics.average(M::TrueProcessingRate);
        let utilization = self.options.utilization_target;
        let needed = Capacity::of(self.metrics, self.options, self.restart_seconds);
        let capacity = needed.at(utilization, true);
        if rate.is_nan() || capacity.is_nan() {
            return Verdict::UnknownRate;
        }
        steps.push(Step::Needed {
            target_rate: needed.target_rate,
            catch_up_rate: needed.catch_up_rate,
            restart_rate: needed.after_restart(),
            utilization,
            capacity,
        });
        let factor = self.factor(capacity, rate, steps);
        let wanted = self.wanted(factor, steps);
        if wanted == current {
            self.delays.forget(self.vertex.id);
            return Verdict::AsItShouldBe;
        }
        let expected = rate / f64::from(current) * f64::from(wanted);
        self.metrics.set(M::ExpectedProcessingRate, EvaluatedScalingMetric::current(round3(expected)));
        let outside = rate < self.metrics.current(M::ScaleUpRateThreshold)
            || rate > self.metrics.current(M::ScaleDownRateThreshold);
        if wanted > current { self.scale_up(wanted, outside, rate) } else { self.scale_down(wanted, outside, steps) }
    }

    /// Needed over available, within `scale-down.max-factor` and `scale-up.max-factor`.
    fn factor(&self, capacity: f64, rate: f64, steps: &mut Vec<Step>) -> f64 {
        let coefficient = if self.options.observed_scalability_enabled {
            scalability::coefficient(self.history, self.options)
        } else {
            1.0
        };
        let factor = capacity / rate / coefficient;
        steps.push(Step::Wanted { capacity, rate, coefficient, factor });
        let least = 1.0 - self.options.max_scale_down_factor;
        let most = 1.0 + self.options.max_scale_up_factor;
        let (limited, option) = if factor < least {
            (least, "scale-down.max-factor")
        } else if factor > most {
            (most, "scale-up.max-factor")
        } else {
            return factor;
        };
        steps.push(Step::FactorLimited { from: factor, to: limited, option });
        limited
    }

    /// The parallelism by the factor, within the limits, aligned.
    #[expect(clippy::cast_possible_truncation, reason = "saturates on purpose; NaN counts as 0")]
    fn wanted(&mut self, factor: f64, steps: &mut Vec<Step>) -> i32 {
        let current = self.vertex.parallelism;
        let raw = (factor * f64::from(current)).ceil() as i32;
        steps.push(Step::Raw { parallelism: raw });
        let lower = current.min(self.options.vertex_min_parallelism);
        let upper = current.max(self.options.vertex_max_parallelism);
        let raised = raw.max(lower);
        if raised != raw {
            steps.push(Step::Limited { from: raw, to: raised, by: Limit::VertexMin });
        }
        let limited = raised.min(self.vertex.max_parallelism.min(upper));
        if limited != raised {
            let by = if upper < self.vertex.max_parallelism { Limit::VertexMax } else { Limit::MaxParallelism };
            steps.push(Step::Limited { from: raised, to: limited, by });
        }
        // Flink knows no parallelism below 1, whatever a minimum below 1 asks for.
        let limited = limited.max(1);
        if limited == current { current } else { self.aligned(limited, lower, upper, steps) }
    }

    fn aligned(&mut self, wanted: i32, lower: i32, upper: i32, steps: &mut Vec<Step>) -> i32 {
        let partitions = i32::try_from(self.partitions).unwrap_or(i32::MAX);
        let keyed = self.vertex.inputs.iter().any(|edge| edge.ship_strategy == ShipStrategy::Hash);
        let is_alignable = partitions > 0 || keyed;
        let max_parallelism = self.vertex.max_parallelism;
        let groups = if partitions > 0 { partitions } else { max_parallelism };
        let alignable = Alignable { current: self.vertex.parallelism, wanted, groups, max_parallelism, lower, upper };
        let aligned = match self.alignment {
            Some(picked) => self.aligned_by(picked, alignable, is_alignable),
            None if is_alignable => align(alignable, &self.options.alignment),
            None => return wanted,
        };
        if aligned.parallelism != wanted {
            let mode =
                self.alignment.map_or(self.options.alignment.built_in_name(), |picked| picked.choice.name.as_str());
            let mode = mode.to_owned();
            steps.push(Step::Aligned { from: wanted, to: aligned.parallelism, groups, mode });
        }
        if aligned.is_compromise {
            self.events.push(limited_event(self.vertex.id, alignable, aligned.parallelism, self.options));
        }
        aligned.parallelism
    }

    /// As the user's own mode has it, within the vertex's limits.
    fn aligned_by(
        &mut self,
        picked: &Picked<'_, dyn AlignmentMode>,
        alignable: Alignable,
        is_alignable: bool,
    ) -> Aligned {
        let input = AlignmentInput {
            vertex: self.vertex,
            metrics: self.metrics,
            alignable,
            partitions: self.partitions,
            is_alignable,
            parameters: &picked.choice.parameters,
        };
        let parallelism = match picked.call(|mode| mode.align(&input)) {
            Ok(parallelism) => {
                let most = alignable.upper.min(alignable.max_parallelism).max(1);
                parallelism.clamp(alignable.lower.clamp(1, most), most)
            }
            Err(why) => {
                self.warnings.push(format!("vertex {}: {why}", self.vertex.id));
                alignable.wanted
            }
        };
        Aligned { parallelism, is_compromise: false }
    }

    fn scale_up(&mut self, to: i32, outside: bool, rate: f64) -> Verdict {
        self.delays.forget(self.vertex.id);
        let last = self.history.last().map(|(_, summary)| summary);
        if let Some(event) =
            effectiveness::ineffective(self.vertex.id, self.vertex.parallelism, rate, last, self.options)
        {
            self.events.push(event);
            if self.options.effectiveness_detection_enabled {
                return Verdict::Ineffective;
            }
        }
        Verdict::Change { to, outside_utilization_bound: outside }
    }

    fn scale_down(&mut self, to: i32, outside: bool, steps: &mut Vec<Step>) -> Verdict {
        let wanted = Recommendation { at: self.now, parallelism: to, outside_utilization_bound: outside };
        self.delays.scale_down(self.vertex.id, wanted, self.options, steps)
    }
}

fn limited_event(vertex: VertexId, alignable: Alignable, aligned: i32, options: &JobOptions) -> Event {
    // The comma is the reference's full-width one; programs that read its events rely on the text.
    let message = format!(
        "Scaling limited detected for {vertex} (expected parallelism: {}, actual parallelism {aligned}). Scaling limited \
         due to numKeyGroupsOrPartitions : {}，upperBoundForAlignment(maxParallelism or parallelismUpperLimit): {}, \
         parallelismLowerLimit: {}.",
        alignable.wanted,
        alignable.groups,
        alignable.upper_bound_for_alignment(),
        alignable.lower,
    );
    Event::warning(reason::SCALING_LIMITED, message)
        .with_key(format!("ScalingLimited{vertex}"))
        .merged_within(options.scaling_event_interval)
}
