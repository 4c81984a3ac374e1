//! Names of recordings: of any cluster and job, and safe for any file system.

use autoscaler_core::time::Instant;
use autoscaler_core::{ClusterName, JobAutoScalerContext, JobKey};
use chrono::NaiveDateTime;

/// Characters of each part of a name, at most.
const LONGEST_PART: usize = 64;
/// How the instant at which a recording begins is written.
const STAMP: &str = "%Y%m%dT%H%M%SZ";

/// The name of a job's recording that begins at an instant, without its ending: `CLUSTER_NAME_KEY_20261126T101500Z`.
pub(super) fn file_name(job: &JobAutoScalerContext, at: Instant) -> String {
    let parts = [job.cluster.as_str(), &job.name, job.key.as_str()].map(part);
    format!("{}_{}", parts.join("_"), at.format(STAMP))
}

/// Whether a file of this name may be a recording of a job, whatever the job was called: other names may look the same here.
pub(super) fn may_be_of(name: &str, cluster: &ClusterName, key: &JobKey) -> bool {
    let mut parts = name.split('_');
    let [of_cluster, _, of_key] = [parts.next(), parts.next(), parts.next()];
    of_cluster == Some(&part(cluster.as_str())) && of_key == Some(&part(key.as_str()))
}

/// Letters, digits, dots and hyphens.
fn part(text: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' };
    let text: String = text.chars().take(LONGEST_PART).map(safe).collect();
    // Neither hidden nor a directory's own name.
    let text = text.trim_matches(['-', '.']);
    if text.is_empty() { "unnamed".to_owned() } else { text.to_owned() }
}

/// When the recording in a file of this name began, in an order of time; none where it is no recording of ours.
pub(super) fn began(name: &str) -> Option<&str> {
    let name = name.strip_suffix(".gz").unwrap_or(name).strip_suffix(".jsonl")?;
    let (job, stamp) = name.rsplit_once('_')?;
    let is_ours = instant(stamp).is_some() && job.matches('_').count() == 2;
    is_ours.then_some(stamp)
}

/// The instant at which a recording began, and its number among those that began with it.
pub(super) fn instant(stamp: &str) -> Option<(Instant, u32)> {
    let (time, number) = stamp.split_once('-').unwrap_or((stamp, "0"));
    let time = NaiveDateTime::parse_from_str(time, STAMP).ok()?;
    Some((time.and_utc(), number.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_safe_and_known_again() {
        for (text, expected) in [
            ("orders", "orders"),
            ("../../etc/passwd", "etc-passwd"),
            ("a b_c\u{0}\né", "a-b-c"),
            (".", "unnamed"),
            ("", "unnamed"),
            ("host:8081", "host-8081"),
        ] {
            assert_eq!(part(text), expected);
        }
        assert_eq!(part(&"x".repeat(500)).len(), LONGEST_PART);
        assert_eq!(began("c_n_k_20261126T101500Z.jsonl"), Some("20261126T101500Z"));
        assert_eq!(began("c_n_k_20261126T101500Z-2.jsonl.gz"), Some("20261126T101500Z-2"));
        for other in
            ["trace-001.jsonl.gz", "c_n_k_20261126.jsonl", "n_20261126T101500Z.jsonl", "c_n_k_20261126T101500Z.txt"]
        {
            assert_eq!(began(other), None, "{other}");
        }
    }
}
