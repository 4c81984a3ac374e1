//! What a run came to: as observed, as decided, and where the decisions differ from the recorded ones.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use autoscaler_core::event::reason;
use autoscaler_core::scaling_report::ScalingReport;
use autoscaler_core::time::{Instant, millis_between};
use autoscaler_core::{CycleReport, EventDetail, Outcome, VertexId};
use flink_rest::recorded::JobApi;
use serde_json::Value;

use crate::line::CycleLine;
use crate::run::ReplayedCycle;

/// A source with more waiting than it reads in this many seconds has a backlog.
const BACKLOG_SECONDS: f64 = 1.0;
/// Differing decisions that are shown.
const SHOWN: usize = 20;

/// Vertices that were scaled in a cycle: from and to how many subtasks.
type Scaling = BTreeMap<VertexId, (i32, i32)>;

/// What the job was like in a cycle.
#[derive(Clone, Debug)]
struct Observed {
    at: Instant,
    subtasks: f64,
    subtasks_wanted: f64,
    has_backlog: bool,
}

/// Figures of a run, added up cycle by cycle. Each cycle counts until the next begins.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    cycles: usize,
    first: Option<Instant>,
    last: Option<Observed>,
    recorded_scalings: usize,
    scalings: usize,
    subtask_hours: f64,
    subtask_hours_wanted: f64,
    backlog_seconds: f64,
    differing: Vec<(usize, Instant, Option<Scaling>, Option<Scaling>)>,
}

impl Summary {
    /// Adds a cycle.
    pub fn add(&mut self, line: &CycleLine, cycle: &ReplayedCycle) {
        self.pass_until(cycle.now);
        self.first.get_or_insert(cycle.now);
        // A cycle whose job details can't be used goes on as the one before.
        self.last = observed(line, cycle).or_else(|| self.last.take().map(|last| Observed { at: cycle.now, ..last }));
        let decided = decided_scaling(&cycle.report);
        self.scalings += usize::from(decided.is_some());
        if let Some(expect) = &line.expect {
            let recorded = recorded_scaling(expect);
            self.recorded_scalings += usize::from(recorded.is_some());
            if recorded != decided {
                self.differing.push((self.cycles, cycle.now, recorded, decided));
            }
        }
        self.cycles += 1;
    }

    fn pass_until(&mut self, now: Instant) {
        let Some(last) = &self.last else { return };
        let seconds = millis_between(last.at, now).max(0.0) / 1000.0;
        self.subtask_hours += last.subtasks * seconds / 3600.0;
        self.subtask_hours_wanted += last.subtasks_wanted * seconds / 3600.0;
        if last.has_backlog {
            self.backlog_seconds += seconds;
        }
    }
}

fn observed(line: &CycleLine, cycle: &ReplayedCycle) -> Option<Observed> {
    let topology = futures::executor::block_on(line.details()).ok()?.topology;
    let topology = topology.ok()?;
    let wanted = cycle.report.realization.parallelism.as_ref();
    let (mut subtasks, mut subtasks_wanted, mut has_backlog) = (0.0, 0.0, false);
    for vertex in topology.vertices() {
        let current = f64::from(vertex.parallelism);
        subtasks += current;
        let wanted = wanted.and_then(|wanted| wanted.get(&vertex.id)).copied().map(f64::from);
        subtasks_wanted += wanted.unwrap_or(current);
        if vertex.is_source() {
            let metrics = line.vertex_metrics.get(&vertex.id).map_or(&[][..], Vec::as_slice);
            let sum = |suffix: &str| -> f64 {
                metrics.iter().filter(|metric| metric.id.ends_with(suffix)).map(|metric| metric.aggregated().sum).sum()
            };
            has_backlog |= sum(".pendingRecords") > BACKLOG_SECONDS * sum(".numRecordsInPerSecond");
        }
    }
    Some(Observed { at: cycle.now, subtasks, subtasks_wanted, has_backlog })
}

/// The scaling that was carried out, by the last report that is not of a blocked one.
fn carried_out<'a>(mut reports: impl DoubleEndedIterator<Item = Cow<'a, ScalingReport>>) -> Option<Scaling> {
    let report = reports.rfind(|report| report.blocked.is_none())?;
    Some(report.vertices.iter().map(|vertex| (vertex.vertex, (vertex.from, vertex.to))).collect())
}

fn decided_scaling(report: &CycleReport) -> Option<Scaling> {
    if report.outcome != Outcome::Scaled {
        return None;
    }
    carried_out(report.events.iter().filter_map(|event| match &event.detail {
        EventDetail::ScalingReport(report) => Some(Cow::Borrowed(report)),
        _ => None,
    }))
}

fn recorded_scaling(expect: &Value) -> Option<Scaling> {
    if expect["outcome"] != "scaled" {
        return None;
    }
    let reports = expect["events"].as_array()?.iter().filter(|event| event["reason"] == reason::SCALING_REPORT);
    carried_out(reports.filter_map(|event| Some(Cow::Owned(event["message"].as_str()?.parse().ok()?))))
}

/// What a scaling does with a vertex.
fn change_of(scaling: Option<&Scaling>, vertex: VertexId) -> String {
    match scaling.map(|scaling| scaling.get(&vertex)) {
        Some(Some((from, to))) => format!("{from} -> {to}"),
        Some(None) => "unchanged".to_owned(),
        None => "no scaling".to_owned(),
    }
}

/// The vertices on which two decisions differ.
fn write_differences(f: &mut fmt::Formatter<'_>, recorded: Option<&Scaling>, decided: Option<&Scaling>) -> fmt::Result {
    let vertices: BTreeSet<VertexId> =
        recorded.into_iter().chain(decided).flat_map(|scaling| scaling.keys().copied()).collect();
    for vertex in vertices {
        let (recorded, decided) = (change_of(recorded, vertex), change_of(decided, vertex));
        if recorded != decided {
            write!(f, "\n      {vertex}: recorded {recorded}, now {decided}")?;
        }
    }
    Ok(())
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let span =
            self.first.zip(self.last.as_ref()).map_or(0.0, |(first, last)| millis_between(first, last.at) / 60_000.0);
        writeln!(f, "{} cycles over {span:.0} min", self.cycles)?;
        writeln!(
            f,
            "  as observed: {} scalings, {:.2} subtask-hours, {:.0} s with a backlog of more than {BACKLOG_SECONDS:.0} s",
            self.recorded_scalings, self.subtask_hours, self.backlog_seconds
        )?;
        writeln!(
            f,
            "  as decided now: {} scalings, {:.2} subtask-hours asked for",
            self.scalings, self.subtask_hours_wanted
        )?;
        write!(f, "  decisions that differ: {}", self.differing.len())?;
        for (cycle, at, recorded, decided) in self.differing.iter().take(SHOWN) {
            write!(f, "\n    cycle {cycle} at {}", at.format("%Y-%m-%d %H:%M:%S"))?;
            write_differences(f, recorded.as_ref(), decided.as_ref())?;
        }
        if self.differing.len() > SHOWN {
            write!(f, "\n    and {} more", self.differing.len() - SHOWN)?;
        }
        Ok(())
    }
}
