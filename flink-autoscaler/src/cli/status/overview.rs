//! All clusters and jobs, in tables.

use std::io::Write;

use anyhow::Result;

use super::instant;
use crate::cli::asked::answers::{Cluster, Job, Readiness};
use crate::cli::asked::table;
use crate::cli::say::one_line;

pub(super) fn write(
    url: &str,
    readiness: &Readiness,
    clusters: &[Cluster],
    jobs: &[Job],
    out: &mut impl Write,
) -> Result<()> {
    let is_ready = match readiness.ready {
        true => "ready".to_owned(),
        false => format!("not ready: {}", readiness.missing.join("; ")),
    };
    writeln!(out, "{}", one_line(&format!("{url} is {is_ready} ({})", readiness.role)))?;
    if clusters.is_empty() {
        writeln!(out, "\nno cluster yet")?;
    } else {
        let mut table = table(&["cluster", "jobs", "listed at (UTC)", "late", "problem"]);
        table.add_rows(clusters.iter().map(of_cluster));
        writeln!(out, "\n{table}")?;
    }
    if jobs.is_empty() {
        writeln!(out, "\nno jobs")?;
    } else {
        let mut table = table(&["job", "id", "cluster", "status", "outcome", "subtasks", "scaled last (UTC)", "why"]);
        table.add_rows(jobs.iter().map(of_job));
        writeln!(out, "\n{table}")?;
    }
    Ok(())
}

fn of_cluster(cluster: &Cluster) -> [String; 5] {
    let round = cluster.round.as_ref();
    let unreadable = round.map_or(0, |round| round.unknown.len());
    let problem = match round.and_then(|round| round.failure.as_ref()) {
        Some(failure) => one_line(&failure.text),
        None if unreadable > 0 => format!("{unreadable} entries of its list can't be read"),
        None => "-".to_owned(),
    };
    [
        one_line(&cluster.name),
        cluster.jobs.to_string(),
        instant(round.map(|round| round.at.as_str())),
        round.map_or("-".to_owned(), |round| format!("{:.1} s", round.lag_seconds)),
        problem,
    ]
}

fn of_job(job: &Job) -> [String; 8] {
    let outcome = match (job.enabled, &job.outcome) {
        (Some(false), _) => "off".to_owned(),
        (_, Some(outcome)) => one_line(outcome),
        (_, None) => "-".to_owned(),
    };
    let why = job.skipped.as_ref().or(job.failure.as_ref()).or(job.why.as_ref());
    [
        one_line(&job.name),
        one_line(&job.key),
        one_line(&job.cluster),
        one_line(&job.status),
        outcome,
        change(job.subtasks, job.recommended_subtasks),
        instant(job.scaled_at.as_deref()),
        why.map_or("-".to_owned(), |why| one_line(why)),
    ]
}

/// Subtasks now, and those there should be where that is something else.
pub(super) fn change(now: Option<i64>, recommended: Option<i64>) -> String {
    match (now, recommended) {
        (Some(now), Some(recommended)) if now != recommended => format!("{now} -> {recommended}"),
        (Some(now), _) => now.to_string(),
        (None, _) => "-".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_move_no_cursor() {
        let job = Job {
            name: "a\u{1b}[2Jb".to_owned(),
            why: Some("line\nbreak".to_owned()),
            subtasks: Some(3),
            recommended_subtasks: Some(7),
            ..Job::default()
        };
        let mut out = Vec::new();
        write("http://a:1", &Readiness::default(), &[], &[job], &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("a\\u{1b}[2Jb") && text.contains("line\\nbreak") && text.contains("3 -> 7"), "{text}");
        assert!(!text.contains('\u{1b}'), "{text}");
    }
}
