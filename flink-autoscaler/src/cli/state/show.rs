//! State as tables, for people.

use std::io::Write;

use anyhow::Result;
use autoscaler::autoscaler_core::decimal::fixed;
use autoscaler::autoscaler_core::metric::ScalingMetric;
use autoscaler::autoscaler_core::{AutoScalerStateStore, JobState, LoadedState};
use comfy_table::{Table, presets};

fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY).set_header(header);
    table
}

/// Which jobs there are, with what is stored of each.
pub(super) async fn jobs(store: &dyn AutoScalerStateStore, json: bool) -> Result<()> {
    let jobs = store.jobs().await?;
    let mut out = std::io::stdout();
    if json {
        let names: Vec<&str> = jobs.iter().map(|job| job.as_str()).collect();
        return Ok(writeln!(out, "{}", serde_json::to_string(&names)?)?);
    }
    if jobs.is_empty() {
        return Ok(writeln!(out, "nothing is stored of any job")?);
    }
    let mut table = table(&["job", "overrides", "scalings", "observations", "latest observation"]);
    for job in jobs {
        let LoadedState { state, unreadable, .. } = store.load(&job).await?;
        let window = state.collected_metrics.get();
        let latest = window.end().map_or("-".to_owned(), |at| at.format("%Y-%m-%d %H:%M:%S").to_string());
        let scalings = state.scaling_tracking.get().records.len();
        let damaged = if unreadable.is_empty() { "" } else { " (parts can't be read)" };
        table.add_row([
            format!("{job}{damaged}"),
            state.parallelism_overrides.get().len().to_string(),
            scalings.to_string(),
            window.len().to_string(),
            latest,
        ]);
    }
    Ok(writeln!(out, "{table}")?)
}

/// Everything stored of a job.
pub(super) fn job(loaded: &LoadedState) -> Result<()> {
    let state = &loaded.state;
    let mut out = std::io::stdout().lock();
    for row in &loaded.unreadable {
        writeln!(out, "{row}; it counts as absent until it is overwritten")?;
    }
    writeln!(out, "Parallelism that is asked for\n{}", overrides(state))?;
    writeln!(out, "\nPast scalings\n{}", history(state))?;
    writeln!(out, "\nRestarts\n{}", restarts(state))?;
    if !state.delayed_scale_down.get().vertices.is_empty() {
        writeln!(out, "\nScale-downs that wait\n{}", delayed(state))?;
    }
    let changes = state.config_overrides.get();
    if !changes.overrides.is_empty() || !changes.removals.is_empty() {
        let mut table = table(&["option", "value"]);
        table.add_rows(changes.overrides.iter().map(|(key, value)| [key.as_str(), value.as_str()]));
        table.add_rows(changes.removals.iter().map(|key| [key.as_str(), "(removed)"]));
        writeln!(out, "\nConfiguration changes\n{table}")?;
    }
    let window = state.collected_metrics.get();
    let span = window.start().zip(window.end());
    let span = span.map_or(String::new(), |(first, last)| format!(", {first} to {last}"));
    Ok(writeln!(out, "\nMetric window: {} observations of {} vertices{span}", window.len(), window.vertices().len())?)
}

fn overrides(state: &JobState) -> Table {
    let mut table = table(&["vertex", "subtasks"]);
    table.add_rows(
        state
            .parallelism_overrides
            .get()
            .iter()
            .map(|(vertex, parallelism)| [vertex.to_string(), parallelism.to_string()]),
    );
    table
}

fn history(state: &JobState) -> Table {
    let mut table = table(&["at", "vertex", "subtasks", "could do/s", "target/s"]);
    let mut entries: Vec<_> = state
        .scaling_history
        .get()
        .vertices
        .iter()
        .flat_map(|(vertex, entries)| entries.iter().map(move |(at, summary)| (at, vertex, summary)))
        .collect();
    entries.sort_by_key(|(at, vertex, _)| (**at, **vertex));
    for (at, vertex, summary) in entries {
        table.add_row([
            at.format("%Y-%m-%d %H:%M:%S").to_string(),
            vertex.to_string(),
            format!("{} -> {}", summary.current_parallelism, summary.new_parallelism),
            fixed(summary.metrics.average(ScalingMetric::TrueProcessingRate), 1),
            fixed(summary.metrics.average(ScalingMetric::TargetDataRate), 1),
        ]);
    }
    table
}

fn restarts(state: &JobState) -> Table {
    let mut table = table(&["scaled at", "ran again after"]);
    for (at, duration) in &state.scaling_tracking.get().records {
        let took = duration.map_or("not known yet".to_owned(), |duration| format!("{} s", duration.num_seconds()));
        table.add_row([at.format("%Y-%m-%d %H:%M:%S").to_string(), took]);
    }
    table
}

fn delayed(state: &JobState) -> Table {
    let mut table = table(&["vertex", "since", "largest wanted"]);
    for (vertex, delay) in &state.delayed_scale_down.get().vertices {
        let largest = delay.recommendations.front().map_or("-".to_owned(), |largest| largest.parallelism.to_string());
        table.add_row([vertex.to_string(), delay.first_trigger.format("%Y-%m-%d %H:%M:%S").to_string(), largest]);
    }
    table
}
