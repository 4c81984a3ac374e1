//! Advice, for people and for programs.

use std::io::Write;
use std::time::Duration;

use anyhow::Result;
use autoscaler::autoscaler_core::decimal::fixed;
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use serde_json::json;

use super::advice::{Advice, JobAdvice, VertexAdvice};
use crate::cli::say::one_line;

/// A job that has not been running for so long is not what it will be: the default of `stabilization.interval`.
const YOUNG: Duration = Duration::from_secs(300);
/// Characters of a line where no terminal says how many.
const WIDTH: u16 = 130;

pub(super) fn table(advice: &Advice) -> Result<()> {
    let mut out = std::io::stdout().lock();
    if advice.jobs.is_empty() {
        return Ok(writeln!(out, "there is no job that has not ended")?);
    }
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    if !table.is_tty() {
        table.set_width(WIDTH);
    }
    table.set_header(["job", "vertex", "now", "recommended", "busy", "lag", "why"]);
    for column in 2..6 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let judged = advice.jobs.iter().filter_map(|job| Some((job, job.vertices.as_ref().ok()?)));
    for (job, vertices) in judged {
        for (number, vertex) in vertices.iter().enumerate() {
            let name = if number == 0 { one_line(&job.name) } else { String::new() };
            table.add_row([[name].as_slice(), &row(vertex)].concat());
        }
    }
    if table.row_count() > 0 {
        writeln!(out, "{table}")?;
    }
    for job in &advice.jobs {
        if let Err(why) = &job.vertices {
            writeln!(out, "{} ({}, {}): can't be judged: {}", one_line(&job.name), job.id, job.status, one_line(why))?;
        }
    }
    for job in advice.jobs.iter().filter(|job| job.is_judged()) {
        if let Some(running) = job.running.filter(|running| *running < YOUNG) {
            let (name, seconds) = (one_line(&job.name), running.as_secs());
            writeln!(
                out,
                "{name} has been running for {seconds} s only: how it started is in its figures, which may be far off"
            )?;
        }
    }
    Ok(writeln!(out, "{}", rests_on(advice))?)
}

fn row(vertex: &VertexAdvice) -> [String; 6] {
    let unknown = || "-".to_owned();
    [
        one_line(&vertex.name),
        vertex.parallelism.to_string(),
        vertex.recommended.map_or_else(unknown, |recommended| recommended.to_string()),
        vertex.utilization.map_or_else(unknown, |busy| format!("{} %", fixed(busy * 100.0, 0))),
        vertex.lag.map_or_else(unknown, |lag| fixed(lag, 0)),
        one_line(&vertex.why),
    ]
}

/// What the advice rests on.
fn rests_on(advice: &Advice) -> String {
    if !advice.jobs.iter().any(JobAdvice::is_judged) {
        return "nothing was scaled, and nothing is stored".to_owned();
    }
    let longest = advice.jobs.iter().map(|job| job.observed).max().unwrap_or_default();
    let [observed, watched] = [longest, advice.watched].map(|span| fixed(span.as_secs_f64(), 0));
    format!(
        "rests on the metrics of {observed} s, out of {watched} s watched; a load that comes and goes needs longer, such as \
         --for '15 min'\nnothing was scaled, and nothing is stored"
    )
}

pub(super) fn json(advice: &Advice) -> Result<()> {
    let jobs: Vec<_> = advice.jobs.iter().map(job_json).collect();
    let object = json!({
        "watchedSeconds": advice.watched.as_secs_f64(), "longestWindowSeconds": advice.window.as_secs_f64(), "jobs": jobs,
    });
    Ok(writeln!(std::io::stdout(), "{}", serde_json::to_string_pretty(&object)?)?)
}

fn job_json(job: &JobAdvice) -> serde_json::Value {
    let vertex = |vertex: &VertexAdvice| {
        json!({
            "id": vertex.id, "name": vertex.name, "parallelism": vertex.parallelism, "recommended": vertex.recommended,
            "why": vertex.why, "utilization": vertex.utilization, "lag": vertex.lag,
        })
    };
    let vertices = job.vertices.as_ref().map(|vertices| vertices.iter().map(vertex).collect::<Vec<_>>());
    json!({
        "cluster": job.cluster, "id": job.id, "name": job.name, "status": job.status, "isJudged": vertices.is_ok(),
        "whyNot": vertices.as_ref().err(), "observedSeconds": job.observed.as_secs_f64(), "runningSeconds": job.running.map(|running| running.as_secs_f64()), "vertices": vertices.unwrap_or_default(),
    })
}
