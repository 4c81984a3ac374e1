use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::*;
use crate::context::{JobAutoScalerContext, ParsedConfiguration};
use crate::evaluation::Evaluation;
use crate::ids::ClusterName;
use crate::metric::{EvaluatedMetrics, GlobalSample};
use crate::observation::{ClusterReading, Readings};
use crate::options::Configuration;
use crate::plugin::Plugins;
use crate::policy::explain::Band;
use crate::ports::ListedJob;
use crate::state::{DelayedScaleDown, ScalingHistory};
use crate::status::JobStatus;
use crate::time::Instant;
use crate::topology::{IoMetrics, JobTopology, ShipStrategy, VertexParts};
use crate::window::MetricHistory;
use rstest::rstest;

/// Vertices of which the first is a source, the second reads from it by key (24 key groups), the others as it comes.
struct Job<'a> {
    /// Subtasks, the subtasks that a policy wants, and the slot sharing group of each.
    vertices: &'a [(i32, i32, &'a str)],
    options: &'a [(&'a str, &'a str)],
    /// Slots in use on the cluster by others.
    others: f64,
}

fn id(index: usize) -> String {
    format!("{:032x}", index + 1)
}

impl Job<'_> {
    fn parts(&self) -> Vec<VertexParts> {
        let part = |(index, (parallelism, _, group)): (usize, &(i32, i32, &str))| {
            let ship = if index == 1 { ShipStrategy::Hash } else { ShipStrategy::Rebalance };
            VertexParts::new(id(index), "v", i64::from(*parallelism), if index == 1 { 24 } else { 128 })
                .with_inputs((index > 0).then(|| (id(0), ship)).into_iter().collect())
                .with_slot_sharing_group((!group.is_empty()).then(|| (*group).into()))
                .with_io(IoMetrics::default())
        };
        self.vertices.iter().enumerate().map(part).collect()
    }

    fn proposal(&self) -> Proposal {
        let decision = |(index, (current, to, _)): (usize, &(i32, i32, &str))| VertexDecision {
            vertex: id(index).parse().unwrap(),
            current: *current,
            steps: Vec::new(),
            verdict: match current == to {
                true => Verdict::AsItShouldBe,
                false => Verdict::Change { to: *to, outside_utilization_bound: true },
            },
            band: Band::of(&EvaluatedMetrics::default()),
        };
        let mut metrics = EvaluatedMetrics::default();
        metrics.set(M::TrueProcessingRate, Value::average(100.0));
        let vertices = vec![metrics; self.vertices.len()];
        Proposal {
            decisions: self.vertices.iter().enumerate().map(decision).collect(),
            evaluation: Some(Evaluation { vertices, global: EvaluatedMetrics::default() }),
            ..Proposal::new(Conclusion::Scale)
        }
    }

    fn raised(&self) -> Proposal {
        self.raise(self.proposal())
    }

    fn raise(&self, mut proposal: Proposal) -> Proposal {
        let entries = [("job.autoscaler.enabled", "true"), ("job.autoscaler.scaling.slot-aware.enabled", "true")];
        let entries = entries.iter().chain(self.options).map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let parsed = Arc::new(ParsedConfiguration::new(entries.collect::<Configuration>()));
        let listed = ListedJob::new(id(0).parse().unwrap(), "job", JobStatus::Running);
        let job = JobAutoScalerContext::new(ClusterName::new("cluster"), &listed, parsed);
        let topology = JobTopology::new(self.parts()).unwrap();
        let mut history = MetricHistory::new();
        let mut used = GlobalSample::default();
        let own = slots::needed(&topology, self.vertices.iter().map(|vertex| vertex.0)).unwrap_or(0);
        used.set(M::NumTaskSlotsUsed, f64::from(i32::try_from(own).unwrap()) + self.others);
        history.insert(Instant::UNIX_EPOCH, &[], &[], used);
        let view = JobView {
            job: &job,
            plugins: &Plugins::new(),
            options: job.options().unwrap(),
            topology: &topology,
            running_since: Instant::UNIX_EPOCH,
            readings: &Readings::new(Vec::new(), ClusterReading::default()),
            partitions: &vec![0; self.vertices.len()],
            excluded: &BTreeSet::new(),
            history: &history,
            window_full_at: Instant::UNIX_EPOCH,
            restart_seconds: 0.0,
            scheduled: &[],
            scaled_at: None,
            asked: &BTreeMap::new(),
            scaling_history: &ScalingHistory::default(),
            delayed_scale_down: &DelayedScaleDown::default(),
        };
        raise(&mut proposal, &view);
        proposal
    }
}

fn targets(proposal: &Proposal) -> Vec<i32> {
    proposal.decisions.iter().map(VertexDecision::target).collect()
}

const PER_TASK_MANAGER: (&str, &str) = ("taskmanager.numberOfTaskSlots", "4");
const SPREAD: (&str, &str) = ("job.autoscaler.scaling.parallelism-alignment.mode", "EVENLY_SPREAD");
const AT_MOST: (&str, &str) = ("job.autoscaler.vertex.max-parallelism", "5");

/// Subtasks, wanted and slot sharing group of each vertex; options; slots that others use; what comes out.
#[rstest]
#[case(&[(2, 6, "a"), (2, 3, "a"), (2, 2, "a")], &[], 0.0, &[6, 6, 6])]
#[case(&[(2, 6, "a"), (2, 3, "b"), (2, 2, "a")], &[], 0.0, &[6, 3, 6])] // another group's slots are no room
#[case(&[(2, 7, "a"), (2, 3, "a"), (2, 2, "a")], &[], 0.0, &[7, 6, 7])] // 24 key groups: 7 subtasks do no more than 6
#[case(&[(2, 11, "a"), (2, 3, "a"), (2, 2, "a")], &[SPREAD], 0.0, &[11, 8, 11])]
#[case(&[(2, 6, "a"), (2, 3, "a"), (2, 2, "a")], &[AT_MOST], 0.0, &[6, 5, 5])]
#[case(&[(2, 6, "a"), (2, 3, "a"), (2, 2, "a")], &[PER_TASK_MANAGER], 0.0, &[8, 8, 8])] // two TaskManagers either way
#[case(&[(2, 6, "a"), (2, 3, "a"), (2, 2, "a")], &[PER_TASK_MANAGER], 1.0, &[6, 6, 6])] // somebody else is there
#[case(&[(12, 11, "a"), (12, 3, "a"), (12, 12, "a")], &[], 0.0, &[12, 12, 12])] // no slot is saved: no rescale
#[case(&[(8, 5, "a"), (8, 2, "a"), (8, 5, "a")], &[PER_TASK_MANAGER], 0.0, &[8, 8, 8])] // no TaskManager is saved
#[case(&[(12, 6, "a"), (12, 3, "a"), (12, 6, "a")], &[], 0.0, &[6, 6, 6])]
#[case(&[(20, 22, "a"), (22, 22, "a"), (21, 21, "a")], &[], 0.0, &[22, 22, 21])] // 22 for 21 is not worth it
fn uses_the_slots(
    #[case] vertices: &[(i32, i32, &str)],
    #[case] options: &[(&str, &str)],
    #[case] others: f64,
    #[case] expected: &[i32],
) {
    let job = Job { vertices, options, others };
    let proposal = job.raised();
    assert_eq!(targets(&proposal), expected);
    let changes = vertices.iter().zip(expected).any(|(vertex, to)| vertex.0 != *to);
    assert_eq!(matches!(proposal.conclusion, Conclusion::Scale), changes, "{:?}", proposal.conclusion);
}

#[test]
fn it_is_explained_and_expected() {
    let vertices = [(2, 6, "a"), (2, 3, "a"), (2, 2, "a")];
    let proposal = Job { vertices: &vertices, options: &[PER_TASK_MANAGER], others: 0.0 }.raised();
    let said = proposal.decisions[2].to_string();
    let expected =
        "its slot sharing group takes 6 slots anyway, 8 with what the last TaskManager has left: 8 and not 2";
    assert!(said.starts_with(expected), "{said}");
    let metrics = &proposal.evaluation.unwrap().vertices[2];
    assert_eq!(metrics.current(M::ExpectedProcessingRate), 400.0);
}

#[test]
fn what_keeps_more_than_it_needs_is_no_reason_to_scale_others() {
    let vertices = [(40, 33, "a"), (20, 14, "a")];
    let job = Job { vertices: &vertices, options: &[], others: 0.0 };
    let mut proposal = job.proposal();
    proposal.decisions[0].verdict = Verdict::Change { to: 33, outside_utilization_bound: false };
    let proposal = job.raise(proposal);
    assert_eq!(proposal.conclusion, Conclusion::Stay(Hold::AllWithinBounds));
    assert_eq!(targets(&proposal)[1], 20);
    assert_eq!(targets(&job.raised()), [33, 24], "one that is outside is");
}

#[test]
fn without_groups_it_says_that_it_does_nothing() {
    let vertices = [(2, 6, "a"), (2, 3, ""), (2, 2, "a")];
    let proposal = Job { vertices: &vertices, options: &[], others: 0.0 }.raised();
    assert_eq!((targets(&proposal), proposal.warnings.len()), (vec![6, 3, 2], 1));
}

/// Of every small job: nothing is lowered, no bound is exceeded, no slot more is taken in whole TaskManagers, and what came
/// out comes out again where a policy wants just that.
#[test]
fn what_holds_for_every_job_holds() {
    let mut tried = 0;
    for number in 0..3 * 3 * 3 * 5 * 5 * 5 {
        let digit =
            |place: u32, base: i32| number / 3_i32.pow(place.min(3)) / 7_i32.pow(place.saturating_sub(3)) % base;
        let current = |place: u32| 1 + 4 * digit(place, 3);
        let wanted = |place: u32| 1 + 2 * digit(3 + place, 5);
        let vertices = [(current(0), wanted(0), "a"), (current(1), wanted(1), "a"), (current(2), wanted(2), "b")];
        for options in [&[PER_TASK_MANAGER][..], &[SPREAD], &[PER_TASK_MANAGER, AT_MOST]] {
            let first = Job { vertices: &vertices, options, others: 0.0 };
            let got = targets(&first.raised());
            let slots = |of: &[i32]| of[0].max(of[1]) + of[2];
            let each = if options.contains(&PER_TASK_MANAGER) { 4 } else { 1 };
            let managers = |of: &[i32]| (slots(of) + each - 1) / each;
            let asked = vertices.map(|vertex| vertex.1);
            assert!(managers(&got) <= managers(&asked), "{vertices:?} {options:?}: {got:?}");
            for (to, (current, wanted, _)) in got.iter().zip(&vertices) {
                let most = if options.contains(&AT_MOST) { 5.max(*wanted) } else { 128 };
                assert!((*wanted..=most).contains(to), "{vertices:?} {options:?}: {got:?}, {current}");
            }
            let again: Vec<_> = vertices.iter().zip(&got).map(|(vertex, to)| (vertex.0, *to, vertex.2)).collect();
            let again = targets(&Job { vertices: &again, options, others: 0.0 }.raised());
            assert_eq!(again, got, "{vertices:?} {options:?}");
            tried += 1;
        }
    }
    assert_eq!(tried, 10_125);
}
