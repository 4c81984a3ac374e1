//! What was found and decided, as it is told, reported and kept in the history of scalings.

use super::aligned::groups;
use super::look::Look;
use super::settings::Settings;
use super::situation::Situation;
use crate::decimal::round3;
use crate::evaluate::global;
use crate::evaluation::Evaluation;
use crate::metric::{EvaluatedMetrics, EvaluatedScalingMetric as Value, ScalingMetric as M};
use crate::policy::explain::{Band, Step, Verdict, VertexDecision};
use crate::policy::proposal::{Conclusion, Proposal};
use crate::policy::rule::Rule;
use crate::policy::view::JobView;

/// A scaling that was decided on.
pub(super) struct Scaling {
    pub(super) rule: Rule,
    /// Subtasks of each vertex by the policy, and after alignment.
    pub(super) wanted: Vec<i32>,
    pub(super) aligned: Vec<i32>,
}

/// What a look came to.
#[derive(Clone, Copy)]
pub(super) struct Found<'a> {
    pub(super) view: &'a JobView<'a>,
    pub(super) look: &'a Look,
    pub(super) situation: &'a Situation,
    pub(super) settings: &'a Settings,
}

/// A proposal with all that is to be said of it.
pub(super) fn proposal(found: Found<'_>, scaling: Option<&Scaling>, conclusion: Conclusion) -> Proposal {
    let Found { view, look, .. } = found;
    let mut vertices: Vec<EvaluatedMetrics> = Vec::with_capacity(look.vertices.len());
    let mut decisions = Vec::with_capacity(look.vertices.len());
    for index in 0..look.vertices.len() {
        let metrics = metrics(found, scaling, index);
        decisions.push(decision(found, scaling, index, &metrics));
        vertices.push(metrics);
    }
    let evaluation = Evaluation { vertices, global: global(view.history) };
    Proposal { evaluation: Some(evaluation), decisions, ..Proposal::new(conclusion) }
}

fn metrics(found: Found<'_>, scaling: Option<&Scaling>, index: usize) -> EvaluatedMetrics {
    let Found { view, look, situation, settings } = found;
    let (seen, demand, have) = (&look.vertices[index], situation.demand[index], situation.have[index]);
    let catch_up = situation.backlogs[index] / settings.catch_up;
    let mut metrics = EvaluatedMetrics::default();
    metrics.set(M::TargetDataRate, Value::average(round3(demand)));
    metrics.set(M::CatchUpDataRate, Value::current(round3(catch_up)));
    metrics.set(M::Load, Value::average(round3(seen.busy)));
    metrics.set(M::TrueProcessingRate, Value::average(round3(have)));
    if seen.is_source() {
        metrics.set(M::Lag, Value::current(round3(situation.backlog[index])));
    }
    metrics.set(M::Parallelism, Value::current(f64::from(seen.parallelism)));
    metrics.set(M::MaxParallelism, Value::current(f64::from(view.topology.vertices()[index].max_parallelism)));
    metrics.set(M::NumSourcePartitions, Value::current(f64::from(view.partitions[index])));
    metrics.set(M::ScaleUpRateThreshold, Value::current(round3(demand / settings.high)));
    metrics.set(M::ScaleDownRateThreshold, Value::current(round3(demand / settings.target)));
    metrics.set(M::RecommendedParallelism, Value::current(f64::from(seen.parallelism)));
    if let Some(to) = scaling.map(|scaling| scaling.aligned[index]).filter(|to| *to != seen.parallelism) {
        let expected = situation.abilities.at(index, seen, to, 0.0);
        metrics.set(M::ExpectedProcessingRate, Value::current(round3(expected)));
    }
    metrics
}

fn decision(found: Found<'_>, scaling: Option<&Scaling>, index: usize, metrics: &EvaluatedMetrics) -> VertexDecision {
    let Found { view, look, situation, .. } = found;
    let (seen, demand, have) = (&look.vertices[index], situation.demand[index], situation.have[index]);
    let mut steps = Vec::new();
    let mut step = |rule| steps.push(Step::Responsive(rule));
    if seen.is_source() {
        let level = situation.levels[index];
        let per_minute = if level.now > 0.0 { 60.0 * level.slope / level.now } else { 0.0 };
        step(match situation.hidden[index] {
            true => Rule::Hidden { rate: level.now },
            false => Rule::Arrives { rate: level.now, per_minute, held: level.held },
        });
    }
    step(Rule::Does { demand, capacity: have });
    if let Some(curve) = situation.abilities.curves[index].filter(|curve| curve.ceiling.is_finite()) {
        step(Rule::AtCeiling { ceiling: curve.ceiling });
    }
    let is_excluded = view.excluded.contains(&seen.id);
    let to = scaling.map_or(seen.parallelism, |scaling| scaling.aligned[index]);
    if let Some(scaling) = scaling.filter(|_| to != seen.parallelism) {
        step(scaling.rule.clone());
        let wanted = scaling.wanted[index];
        step(Rule::Sized { parallelism: wanted });
        if to != wanted {
            let mode = view.options.alignment.built_in_name().to_owned();
            steps.push(Step::Aligned { from: wanted, to, groups: groups(view, look, index), mode });
        }
    }
    let band = Band::of(metrics);
    let outside = have < band.scale_up_below || have > band.scale_down_above;
    let verdict = match to {
        _ if is_excluded => Verdict::Excluded,
        to if to != seen.parallelism => Verdict::Change { to, outside_utilization_bound: outside },
        _ => Verdict::AsItShouldBe,
    };
    VertexDecision { vertex: seen.id, current: seen.parallelism, steps, verdict, band }
}
