//! `flink-autoscaler replay`: recorded traces through the decision core.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use autoscaler::autoscaler_core::Autoscaler;
use autoscaler::autoscaler_core::options::Configuration;
use replay::{Replay, ReplayedCycle, Summary, differences, expectation, trace_files};

use super::program::Program;
use super::say;
use crate::configuration::{self, Loaded};

/// Differences of one cycle that are shown.
const DIFFERENCES_SHOWN: usize = 6;
/// Differing cycles of one trace that are shown.
const CYCLES_SHOWN: usize = 3;

/// How to show what comes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum View {
    Json,
    Explain,
    Diff,
    Summary,
}

/// Runs the traces; whether everything is as recorded, where that was asked for.
pub(super) fn run(program: &Program, arguments: &[String]) -> Result<bool> {
    let (view, paths, options) = split(arguments)?;
    let Loaded { configuration: over, remarks } = configuration::load(None, &options, &program.table)?;
    remarks.iter().for_each(|remark| say::remark(remark));
    let mut files = Vec::new();
    for path in &paths {
        files.extend(trace_files(path)?);
    }
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut all_equal = true;
    for file in &files {
        // What was written before a broken line is shown, so the error comes behind it.
        let shown = show(file, &over, view, &mut out);
        out.flush().context("can't write the output")?;
        all_equal &= shown?;
    }
    Ok(all_equal)
}

/// Tells views, paths and options apart.
fn split(arguments: &[String]) -> Result<(View, Vec<PathBuf>, Vec<String>)> {
    let (mut view, mut paths, mut options) = (View::Json, Vec::new(), Vec::new());
    let mut rest = arguments.iter().peekable();
    while let Some(argument) = rest.next() {
        let chosen = match argument.as_str() {
            "--explain" => View::Explain,
            "--diff" => View::Diff,
            "--summary" => View::Summary,
            option if option.starts_with('-') => {
                options.push(option.to_owned());
                let takes_next = if option == "-D" { true } else { option.starts_with("--") && !option.contains('=') };
                options.extend(takes_next.then(|| rest.next().cloned()).flatten());
                continue;
            }
            path => {
                paths.push(PathBuf::from(path));
                continue;
            }
        };
        if view != View::Json && view != chosen {
            bail!("{argument} can't be combined with another of --explain, --diff and --summary");
        }
        view = chosen;
    }
    if paths.is_empty() {
        bail!("expected a trace: a file of JSON lines, plain or gzipped, or a directory of them");
    }
    Ok((view, paths, options))
}

/// Shows one trace; whether it is as recorded.
fn show(path: &Path, over: &Configuration, view: View, out: &mut impl Write) -> Result<bool> {
    let mut summary = Summary::default();
    let (mut cycles, mut differing) = (0, 0);
    Replay::each_cycle(path, over, &Autoscaler::new(), |trace, line, replayed, cycle| -> Result<()> {
        match view {
            View::Json => writeln!(out, "{}", expectation(replayed, &cycle.report))?,
            View::Explain => explain(cycles, &cycle, out)?,
            View::Summary => summary.add(line, &cycle),
            View::Diff => {
                let expect = line.expect.as_ref().ok_or_else(|| trace.broken("expected a cycle with an expect"))?;
                let found = differences(expect, &expectation(replayed, &cycle.report))
                    .map_err(|error| trace.broken(error.to_string()))?;
                if !found.is_empty() {
                    differing += 1;
                    show_differences(path, cycles, differing, &found, out)?;
                }
            }
        }
        cycles += 1;
        Ok(())
    })?;
    match view {
        View::Diff => writeln!(out, "{}: {} of {cycles} cycles equal", path.display(), cycles - differing)?,
        View::Summary => writeln!(out, "{}: {summary}", path.display())?,
        View::Json | View::Explain => {}
    }
    Ok(differing == 0)
}

fn explain(number: usize, cycle: &ReplayedCycle, out: &mut impl Write) -> Result<()> {
    writeln!(out, "cycle {number} at {}: {}", cycle.now.format("%Y-%m-%d %H:%M:%S%.3f"), cycle.report.explanation())?;
    for event in &cycle.report.events {
        writeln!(out, "  event {}: {}", event.reason, event.message.replace('\n', "\n    "))?;
    }
    Ok(())
}

fn show_differences(path: &Path, cycle: usize, differing: usize, found: &[String], out: &mut impl Write) -> Result<()> {
    if differing > CYCLES_SHOWN {
        return Ok(());
    }
    writeln!(out, "{}, cycle {cycle}:", path.display())?;
    for difference in found.iter().take(DIFFERENCES_SHOWN) {
        writeln!(out, "  {}", difference.chars().take(400).collect::<String>())?;
    }
    if found.len() > DIFFERENCES_SHOWN {
        writeln!(out, "  and {} more", found.len() - DIFFERENCES_SHOWN)?;
    }
    Ok(())
}
