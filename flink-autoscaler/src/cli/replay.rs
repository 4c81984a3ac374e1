//! `flink-autoscaler replay`: recorded traces through the decision core.

#[cfg(feature = "page")]
mod report;

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use autoscaler::autoscaler_core::Autoscaler;
use autoscaler::autoscaler_core::options::{Configuration, is_harmless};
#[cfg(feature = "page")]
use autoscaler::page;
use replay::{Replay, ReplayedCycle, Summary, differences, expectation, trace_files};

use super::program::Program;
use super::say;
use crate::configuration::{self, Loaded};

/// Differences of one cycle that are shown.
const DIFFERENCES_SHOWN: usize = 6;
/// Differing cycles of one trace that are shown.
const CYCLES_SHOWN: usize = 3;

/// How to show what comes out; as JSON where none is chosen.
#[derive(Clone, Debug, clap::Args)]
#[group(multiple = false)]
pub(super) struct View {
    /// As text, with the reasons of each decision.
    #[arg(long)]
    explain: bool,
    /// What differs from the traces' `expect`; exit code 1 if anything does.
    #[arg(long)]
    diff: bool,
    /// Scalings, subtask-hours, time with a backlog, decisions that differ.
    #[arg(long)]
    summary: bool,
    /// Charts of each vertex as it was recorded and as is decided, as an HTML file that needs no other.
    #[cfg(feature = "page")]
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// The same charts as one picture.
    #[cfg(feature = "page")]
    #[arg(long, value_name = "FILE.svg")]
    svg: Option<PathBuf>,
}

/// Runs the traces; whether everything is as recorded, where that was asked for.
pub(super) fn run(program: &Program, view: &View, arguments: &[String]) -> Result<bool> {
    let (paths, options) = split(arguments)?;
    let Loaded { configuration: over, remarks } = configuration::load(None, &options, &program.table)?;
    remarks.iter().for_each(|remark| say::remark(remark));
    let mut files = Vec::new();
    for path in &paths {
        if !path.exists() && !looks_like_a_trace(path) {
            bail!(
                "an argument is neither an option nor a file or directory that is there, and is not shown as it may be a \
                 part of a value: expected a file of JSON lines, plain or gzipped, or a directory of them; a value with spaces goes into quotes"
            );
        }
        files.extend(trace_files(path)?);
    }
    #[cfg(feature = "page")]
    if let Some(out) = &view.report {
        report::write(out, page::report, &files, &over).context("--report")?;
        return Ok(true);
    }
    #[cfg(feature = "page")]
    if let Some(out) = &view.svg {
        report::write(out, page::drawing, &files, &over).context("--svg")?;
        return Ok(true);
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

/// Whether a path that is not there is one that was meant: named like a trace, or in a directory that is there.
fn looks_like_a_trace(path: &Path) -> bool {
    let is_named =
        path.extension().is_some_and(|extension| ["jsonl", "json", "gz"].iter().any(|known| extension == *known));
    let directory = path.parent().filter(|directory| !directory.as_os_str().is_empty());
    is_named || directory.is_some_and(Path::is_dir) || path.to_str().is_some_and(|text| is_harmless(text, ""))
}

/// Tells paths and options apart.
fn split(arguments: &[String]) -> Result<(Vec<PathBuf>, Vec<String>)> {
    let (mut paths, mut options) = (Vec::new(), Vec::new());
    let mut rest = arguments.iter().peekable();
    while let Some(argument) = rest.next() {
        if argument.starts_with('-') {
            options.push(argument.to_owned());
            let takes_next = argument == "-D" || argument.starts_with("--") && !argument.contains('=');
            options.extend(takes_next.then(|| rest.next().cloned()).flatten());
        } else {
            paths.push(PathBuf::from(argument));
        }
    }
    if paths.is_empty() {
        bail!("expected a trace: a file of JSON lines, plain or gzipped, or a directory of them");
    }
    Ok((paths, options))
}

/// Shows one trace; whether it is as recorded.
fn show(path: &Path, over: &Configuration, view: &View, out: &mut impl Write) -> Result<bool> {
    let mut summary = Summary::default();
    let (mut cycles, mut differing) = (0, 0);
    let is_whole = Replay::each_cycle(path, over, &Autoscaler::new(), |trace, line, replayed, cycle| -> Result<()> {
        if view.explain {
            explain(cycles, &cycle, out)?;
        } else if view.summary {
            summary.add(line, &cycle);
        } else if view.diff {
            let expect = line.expect.as_ref().ok_or_else(|| trace.broken("expected a cycle with an expect"))?;
            let found = differences(expect, &expectation(replayed, &cycle.report))
                .map_err(|error| trace.broken(error.to_string()))?;
            if !found.is_empty() {
                differing += 1;
                show_differences(path, cycles, differing, &found, out)?;
            }
        } else {
            writeln!(out, "{}", expectation(replayed, &cycle.report))?;
        }
        cycles += 1;
        Ok(())
    })?;
    if !is_whole {
        say_cut_off(path);
    }
    if view.diff {
        writeln!(out, "{}: {} of {cycles} cycles equal", path.display(), cycles - differing)?;
    } else if view.summary {
        writeln!(out, "{}: {summary}", path.display())?;
    }
    Ok(differing == 0)
}

fn say_cut_off(path: &Path) {
    say::remark(&format!(
        "{}: it ends in the middle of a line, as where a recording was killed; that cycle is left out",
        path.display()
    ));
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
