//! What to do about a refusal that another try won't change.

use autoscaler_core::options::Configuration;
use flink_rest::RestProblem;

/// A refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// What is refused, and what to do about it.
    pub(crate) text: &'static str,
    /// Whether any parallelism would be refused.
    pub(crate) is_of_any: bool,
}

const NOT_ADAPTIVE: Refusal = Refusal {
    text: "the job does not run on the adaptive scheduler: set jobmanager.scheduler: adaptive and restart the job",
    is_of_any: true,
};

const PER_JOB: Refusal = Refusal {
    text: "the job runs in YARN's per-job mode, whose JobManager can't store resource requirements and so takes none: submit it in \
           application mode",
    is_of_any: true,
};

/// What a job's own configuration says about rescaling it: nothing but the adaptive scheduler can, and no cluster of YARN's per-job mode,
/// whose dispatcher refuses to store anything (`ThrowingJobGraphWriter` of Flink 1).
pub(crate) fn configured(configuration: &Configuration) -> Option<Refusal> {
    let is = |key, value: &str| configuration.get(key).is_some_and(|set: &str| set.trim().eq_ignore_ascii_case(value));
    if is("execution.target", "yarn-per-job") {
        return Some(PER_JOB);
    }
    let is_other = configuration.get("jobmanager.scheduler").is_some() && !is("jobmanager.scheduler", "adaptive");
    // Reactive mode brings the adaptive scheduler with it.
    (is_other && !is("scheduler-mode", "reactive")).then_some(NOT_ADAPTIVE)
}

/// What is refused for good, and what to do about it; none where it may pass.
pub(crate) fn refusal(problem: &RestProblem) -> Option<Refusal> {
    let RestProblem::Status { status, message } = problem else { return None };
    if message.contains("AdaptiveScheduler") || message.contains("without a job restart") {
        return Some(NOT_ADAPTIVE);
    }
    // Flink's router, or what it has for its pages; other words are those of a proxy, or of a job that is not there.
    let is_endpoint_unknown = ["Not found", "File not found"].iter().any(|words| message.starts_with(words));
    if *status == 404 && is_endpoint_unknown {
        let text = "the cluster has no such endpoint: rescaling in place needs Flink 1.18 or later";
        return Some(Refusal { text, is_of_any: true });
    }
    (*status == 400).then_some(Refusal { text: "Flink refused the parallelism", is_of_any: false })
}

#[cfg(test)]
mod tests {
    use super::*;
    use autoscaler_core::options::Origin;
    use flink_rest::wire::error_message;

    fn check(status: u16, body: &str, expected: Option<&str>) {
        let found = refusal(&RestProblem::Status { status, message: error_message(body.as_bytes()) });
        assert_eq!(found.map(|refusal| refusal.text.split(':').next().unwrap()), expected, "{body}");
    }

    #[test]
    fn only_the_adaptive_scheduler_rescales() {
        let refused = |entries: &[(&str, &str)]| {
            let mut configuration = Configuration::new();
            entries.iter().for_each(|(key, value)| configuration.set(*key, *value, Origin::Job));
            configured(&configuration).is_some()
        };
        assert!(!refused(&[]), "not known");
        assert!(!refused(&[("jobmanager.scheduler", "Adaptive")]));
        assert!(refused(&[("jobmanager.scheduler", "Default")]));
        assert!(refused(&[("jobmanager.scheduler", "AdaptiveBatch")]));
        assert!(!refused(&[("jobmanager.scheduler", "Default"), ("scheduler-mode", "reactive")]));
        assert!(refused(&[("jobmanager.scheduler", "Adaptive"), ("execution.target", "yarn-per-job")]));
        assert!(!refused(&[("jobmanager.scheduler", "Adaptive"), ("execution.target", "embedded")]));
    }

    #[test]
    fn a_refusal_says_what_to_do() {
        let recorded = include_str!("../../flink-rest/tests/data/put_above_max.json");
        check(400, recorded, Some("Flink refused the parallelism"));
        check(
            500,
            r#"{"errors":["java.lang.UnsupportedOperationException: The DefaultScheduler does not support changing the parallelism without a job restart. This feature is currently only expected to work with the AdaptiveScheduler."]}"#,
            Some("the job does not run on the adaptive scheduler"),
        );
        check(
            404,
            r#"{"errors":["Not found: /jobs/1/resource-requirements"]}"#,
            Some("the cluster has no such endpoint"),
        );
        check(404, r#"{"errors":["File not found."]}"#, Some("the cluster has no such endpoint"));
        check(404, include_str!("../../flink-rest/tests/data/unknown_job.json"), None);
        check(404, "<html><head><title>404 Not Found</title></head></html>", None);
        check(404, "default backend - 404", None);
        check(503, "", None);
        assert_eq!(refusal(&RestProblem::ConnectionRefused), None);
    }
}
