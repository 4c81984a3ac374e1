//! What counts as failing.

use crate::cli::asked::answers::{Clusters, Job, Readiness};

/// All that is failing, a sentence each.
pub(super) fn of_all(readiness: &Readiness, clusters: &Clusters, jobs: &[Job]) -> Vec<String> {
    let mut failing: Vec<String> = Vec::new();
    if !readiness.ready {
        failing.push(format!("the process is not ready: {}", readiness.missing.join("; ")));
    }
    for cluster in &clusters.clusters {
        if let Some(failure) = cluster.round.as_ref().and_then(|round| round.failure.as_ref()) {
            failing.push(format!("cluster {}: its jobs can't be listed: {}", cluster.name, failure.text));
        }
    }
    failing.extend(jobs.iter().filter_map(of_job));
    failing
}

/// What is failing of a job.
pub(super) fn of_job(job: &Job) -> Option<String> {
    let why = || job.why.clone().unwrap_or_default();
    let problem = match job.outcome.as_deref() {
        _ if job.skipped.is_some() => job.skipped.clone()?,
        Some("error") => format!("its cycle ended in an error: {}", job.failure.clone().unwrap_or_else(why)),
        Some("invalid") => format!("its options can't be used: {}", why()),
        _ => job.failure.clone()?,
    };
    Some(format!("job {} ({}) on {}: {problem}", job.name, job.key, job.cluster))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_fails_counts() {
        let job = |outcome: &str, failure: Option<&str>, skipped: Option<&str>| Job {
            name: "a".to_owned(),
            outcome: Some(outcome.to_owned()),
            why: Some("because".to_owned()),
            failure: failure.map(str::to_owned),
            skipped: skipped.map(str::to_owned),
            ..Job::default()
        };
        for fine in ["scaled", "balanced", "none"] {
            assert_eq!(of_job(&job(fine, None, None)), None);
        }
        for (job, expected) in [
            (job("error", None, None), "because"),
            (job("error", Some("no metrics"), None), "no metrics"),
            (job("invalid", None, None), "options can't be used"),
            (job("balanced", Some("the store is away"), None), "the store is away"),
            (job("scaled", None, Some("still runs")), "still runs"),
        ] {
            assert!(of_job(&job).unwrap().contains(expected));
        }
        let ready = Readiness { ready: true, ..Readiness::default() };
        assert!(of_all(&ready, &Clusters::default(), &[]).is_empty());
        assert_eq!(of_all(&Readiness::default(), &Clusters::default(), &[]).len(), 1);
    }
}
