//! `flink-autoscaler simulate`: what a policy does to a job that is not there.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use autoscaler::autoscaler_core::Observation;
use autoscaler::autoscaler_core::decimal::fixed;
use autoscaler::autoscaler_core::options::{Configuration, Origin, is_harmless};
use autoscaler::autoscaler_core::time::Instant;
use comfy_table::{CellAlignment, Table, presets};
use replay::{JobLine, observations};
use serde_json::json;
use simulate::{
    Decider, NAMES, Outcome, Scenario, SimulateError, drawn, named, plot, read_scenario, recorded, run as run_scenario,
};

use super::program::Program;
use super::say::{self, one_line};
use crate::configuration::{self, Loaded};

const POLICY: &str = "job.autoscaler.policy";
/// What names of drawn scenarios begin with; their number follows.
const DRAWN: &str = "drawn-";

/// What decides in a simulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Policy {
    /// The Java autoscaler's.
    Reference,
    /// Our own, for loads that jump.
    Responsive,
    /// A plain rule to compare with: Kubernetes' HorizontalPodAutoscaler, for each vertex.
    HpaLike,
    /// A plain rule to compare with: DS2, applied at once.
    Ds2Like,
}

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// A file in YAML, a name (load-x4, load-x4-sublinear, load-down, ramp, sine, spike, bursts), or drawn-N for the one that
    /// is drawn from the number N; all that have a name if there is none.
    #[arg(long, value_name = "FILE | NAME")]
    scenario: Option<String>,
    /// The scenario is taken from a recorded trace of a job: its graph, what its vertices were seen to do, its load and its options.
    #[arg(long, value_name = "TRACE", conflicts_with = "scenario")]
    from: Option<PathBuf>,
    /// What decides; may be given more than once, to compare. Without it what job.autoscaler.policy says, or both policies.
    #[arg(long, value_enum)]
    policy: Vec<Policy>,
    /// As JSON, for programs: with what there was to see each half minute, and each rescale with its reason.
    #[arg(long)]
    json: bool,
    /// Also draws load, capacity, lag, subtasks and rescales into this file, as SVG. For one scenario and one policy.
    #[arg(long, value_name = "FILE.svg")]
    plot: Option<PathBuf>,
    /// Options, as those of `run`; `job.autoscaler.…` are what counts here.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "--key value")]
    options: Vec<String>,
}

pub(super) fn run(program: &Program, arguments: &Arguments) -> Result<()> {
    let Loaded { configuration: options, remarks } = configuration::load(None, &arguments.options, &program.table)?;
    remarks.iter().for_each(|remark| say::remark(remark));
    let scenarios = match (&arguments.scenario, &arguments.from) {
        (Some(text), _) => vec![scenario(text)?],
        (None, Some(trace)) => vec![of_trace(trace)?],
        (None, None) => NAMES.into_iter().filter_map(named).collect(),
    };
    let deciders = deciders(&arguments.policy, &options);
    if arguments.plot.is_some() && (scenarios.len(), deciders.len()) != (1, 1) {
        bail!("a plot is of one run: choose it by --scenario or --from, and --policy");
    }
    let mut outcomes = Vec::new();
    for scenario in &scenarios {
        for decider in &deciders {
            outcomes.push(run_scenario(scenario, decider)?);
        }
    }
    if let (Some(path), [outcome]) = (&arguments.plot, outcomes.as_slice()) {
        std::fs::write(path, plot(outcome)?).with_context(|| format!("can't write the plot to {}", path.display()))?;
    }
    let mut out = std::io::stdout().lock();
    if arguments.json { as_json(&outcomes, &mut out) } else { as_table(&outcomes, &mut out) }
}

/// The scenario of a name, or of a file.
fn scenario(text: &str) -> Result<Scenario> {
    let is_drawn = text.strip_prefix(DRAWN).and_then(|number| number.parse().ok()).map(drawn);
    if let Some(scenario) = named(text).or(is_drawn) {
        return Ok(scenario);
    }
    let path = Path::new(text);
    if !path.exists() {
        let shown = if is_harmless(text, "") { text } else { "what --scenario names" };
        bail!("{shown} is no file that is there, and no scenario: there are {} and drawn-N", NAMES.join(", "));
    }
    Ok(read_scenario(path)?)
}

/// The scenario of what was recorded of a job.
fn of_trace(trace: &Path) -> Result<Scenario> {
    let (job, observed) = observations(trace)?;
    let name =
        trace.file_name().map_or_else(|| trace.display().to_string(), |name| name.to_string_lossy().into_owned());
    Ok(of_recorded(&name, &job, &observed)?)
}

/// The scenario of a job that was observed, with its own options.
pub(super) fn of_recorded(
    name: &str,
    job: &JobLine,
    observed: &[(Instant, Observation)],
) -> Result<Scenario, SimulateError> {
    let mut scenario = recorded(name, observed)?;
    let configuration = job.config.configuration();
    scenario.options = configuration.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    Ok(scenario)
}

fn deciders(policies: &[Policy], options: &Configuration) -> Vec<Decider> {
    let with = |name: &str| {
        let mut options = options.clone();
        options.set(POLICY, name, Origin::Flag);
        Decider::Autoscaler(options)
    };
    match policies {
        [] if options.get(POLICY).is_some() => vec![Decider::Autoscaler(options.clone())],
        [] => vec![with("reference"), with("responsive")],
        policies => {
            let decider = |policy: &Policy| match policy {
                Policy::Reference => with("reference"),
                Policy::Responsive => with("responsive"),
                Policy::HpaLike => Decider::Hpa,
                Policy::Ds2Like => Decider::Ds2,
            };
            policies.iter().map(decider).collect()
        }
    }
}

fn as_json(outcomes: &[Outcome], out: &mut impl Write) -> Result<()> {
    let whole = |outcome: &Outcome| -> Result<serde_json::Value> {
        let mut whole = serde_json::to_value(outcome)?;
        whole["ratio"] = json!(outcome.ratio());
        whole["cost"] = json!(outcome.cost());
        Ok(whole)
    };
    let all = outcomes.iter().map(whole).collect::<Result<Vec<_>>>()?;
    Ok(writeln!(out, "{}", serde_json::Value::from(all))?)
}

fn as_table(outcomes: &[Outcome], out: &mut impl Write) -> Result<()> {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    let lags = ["> 30 s", "> 60 s", "> 120 s"].map(|limit| format!("min {limit}"));
    let [first, second, third] = lags.each_ref().map(String::as_str);
    let head = [
        "scenario",
        "policy",
        "rescales",
        first,
        second,
        third,
        "worst lag, s",
        "subtask-hours",
        "over planned",
        "cost",
    ];
    table.set_header(head);
    for column in 2..head.len() {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for outcome in outcomes {
        let [first, second, third] = outcome.lag_minutes.map(|minutes| fixed(minutes, 1));
        table.add_row([
            one_line(&outcome.scenario),
            outcome.policy.clone(),
            outcome.rescales.len().to_string(),
            first,
            second,
            third,
            fixed(outcome.worst_lag, 0),
            fixed(outcome.subtask_hours, 1),
            fixed(outcome.ratio(), 2),
            fixed(outcome.cost(), 1),
        ]);
    }
    writeln!(out, "{table}")?;
    if let [outcome] = outcomes {
        for rescale in &outcome.rescales {
            let (from, to) = rescale.subtasks();
            writeln!(out, "{} min: {from} to {to} subtasks: {}", fixed(rescale.minute, 1), one_line(&rescale.reason))?;
        }
    }
    Ok(())
}
