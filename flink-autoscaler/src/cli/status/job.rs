//! One job: its vertices, and why each gets the subtasks it gets.

use std::io::Write;

use anyhow::Result;

use super::instant;
use super::overview::change;
use crate::cli::asked::answers::{Cycle, Metric, Schedule, Vertex, WholeJob};
use crate::cli::asked::table;
use crate::cli::say::one_line;

/// Characters of an event's message that are shown; `flink-autoscaler events` shows all.
const LONGEST_MESSAGE: usize = 300;

pub(super) fn write(whole: &WholeJob, out: &mut impl Write) -> Result<()> {
    let job = &whole.job;
    writeln!(out, "{}", one_line(&format!("{} ({}) on {}: {}", job.name, job.key, job.cluster, job.status)))?;
    if job.enabled == Some(false) {
        writeln!(out, "autoscaling is off for it: job.autoscaler.enabled is false")?;
    }
    match &whole.cycle {
        None => writeln!(out, "it had no cycle yet")?,
        Some(cycle) => of_cycle(whole, cycle, out)?,
    }
    if !whole.scalings.is_empty() {
        let mut table = table(&["scaled at (UTC)", "vertex", "subtasks"]);
        table.add_rows(whole.scalings.iter().map(|scaling| {
            [instant(Some(&scaling.at)), one_line(&scaling.vertex), format!("{} -> {}", scaling.from, scaling.to)]
        }));
        writeln!(out, "\n{table}")?;
    }
    if !whole.events.is_empty() {
        writeln!(out, "\nlatest events (UTC)")?;
    }
    for event in &whole.events {
        let times = if event.count > 1 { format!(" ({} times)", event.count) } else { String::new() };
        let message = one_line(&event.message);
        let cut = if message.chars().nth(LONGEST_MESSAGE).is_some() { "..." } else { "" };
        let message: String = message.chars().take(LONGEST_MESSAGE).collect();
        writeln!(out, "{} {}{times}: {message}{cut}", instant(Some(&event.at)), one_line(&event.reason))?;
    }
    Ok(())
}

fn of_cycle(whole: &WholeJob, cycle: &Cycle, out: &mut impl Write) -> Result<()> {
    let outcome = whole.job.outcome.as_deref().unwrap_or("no outcome");
    writeln!(
        out,
        "{}",
        one_line(&format!(
            "latest cycle at {}: {outcome}, {} observations in its window",
            instant(whole.job.at.as_deref()),
            cycle.observations
        ))
    )?;
    if !cycle.vertices.is_empty() {
        let mut table = table(&["vertex", "id", "subtasks", "busy", "can do/s", "arrive/s", "lag"]);
        table.add_rows(cycle.vertices.iter().map(of_vertex));
        writeln!(out, "\n{table}\n")?;
    }
    for vertex in &cycle.vertices {
        if let Some(why) = &vertex.why {
            writeln!(out, "{}", one_line(&format!("{}: {why}", vertex.name)))?;
        }
    }
    // The explanation's first line is about the job; the others repeat the vertices.
    if let Some(explanation) = cycle.explanation.as_deref().and_then(|text| text.lines().next()) {
        writeln!(out, "{}", one_line(explanation))?;
    }
    if let Some(schedule) = &cycle.schedule {
        writeln!(out, "{}", one_line(&of_schedule(schedule)))?;
    }
    for failure in &cycle.failures {
        let step = failure.step.as_deref().unwrap_or("a step");
        writeln!(out, "{}", one_line(&format!("{step} failed: {}", failure.text)))?;
    }
    for warning in &cycle.warnings {
        writeln!(out, "{}", one_line(warning))?;
    }
    Ok(())
}

fn of_schedule(schedule: &Schedule) -> String {
    let all = |rules: &[String]| if rules.is_empty() { "no rule".to_owned() } else { rules.join(" and ") };
    let holds = all(&schedule.holds);
    match &schedule.changes_at {
        Some(at) => format!("schedule: {holds} holds, {} from {} on", all(&schedule.then), instant(Some(at))),
        None => format!("schedule: {holds} holds"),
    }
}

fn of_vertex(vertex: &Vertex) -> [String; 7] {
    let of = |name: &str, value: fn(&Metric) -> Option<f64>, digits: usize| {
        let value = vertex.metrics.get(name).and_then(value);
        value.map_or("-".to_owned(), |value| format!("{value:.digits$}"))
    };
    let busy = vertex.metrics.get("LOAD").and_then(|load| load.average);
    [
        one_line(&vertex.name),
        one_line(&vertex.id),
        change(Some(vertex.parallelism), vertex.recommended),
        busy.map_or("-".to_owned(), |busy| format!("{:.0} %", busy * 100.0)),
        of("TRUE_PROCESSING_RATE", |metric| metric.average, 1),
        of("TARGET_DATA_RATE", |metric| metric.average, 1),
        of("LAG", |metric| metric.current, 0),
    ]
}
