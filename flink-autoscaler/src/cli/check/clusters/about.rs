//! What a cluster says of itself: version, scheduler, slots.

use autoscaler::autoscaler_core::Cluster;
use autoscaler::flink_rest::FlinkClient;
use serde::Deserialize;
use tokio::time::{Instant, timeout_at};

use crate::cli::check::report::{Finding, counted};

/// The oldest Flink that rescales in place.
const OLDEST: (u32, u32) = (1, 18);

/// `GET /overview`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
struct Overview {
    taskmanagers: Option<u64>,
    slots_total: Option<u64>,
    slots_available: Option<u64>,
    flink_version: Option<String>,
}

/// An entry of `GET /jobmanager/config`.
#[derive(Debug, Deserialize)]
struct Entry {
    key: String,
    #[serde(default)]
    value: Option<String>,
}

/// Asks a cluster that is reached over Flink's REST API; of others nothing is known here.
pub(super) async fn check(cluster: &Cluster, deadline: Instant) -> Vec<Finding> {
    let Some(client) = cluster.access.downcast_ref::<FlinkClient>() else { return Vec::new() };
    let asked = async {
        let mut found = match client.get::<Overview>("/overview").await {
            Ok(overview) => overview.findings(),
            Err(error) => vec![Finding::warning(
                format!("what Flink it is can't be told: {error}"),
                "whatever stands before the cluster should let /overview through",
            )],
        };
        found.push(match client.get::<Vec<Entry>>("/jobmanager/config").await {
            Ok(entries) => scheduler(&entries),
            Err(error) => Finding::warning(
                format!("its scheduler can't be told: {error}"),
                "whatever stands before the cluster should let /jobmanager/config through; what is said of each job counts",
            ),
        });
        found
    };
    let late = |_| vec![super::late("version and scheduler of the cluster")];
    timeout_at(deadline, asked).await.unwrap_or_else(late)
}

impl Overview {
    fn findings(&self) -> Vec<Finding> {
        let number = |number: Option<u64>| number.map_or("?".to_owned(), |number| number.to_string());
        let version = self.flink_version.as_deref().unwrap_or("of an unknown version");
        let text = format!(
            "Flink {version}: {}, {}, {} of them free",
            counted(&number(self.taskmanagers), "TaskManager"),
            counted(&number(self.slots_total), "slot"),
            number(self.slots_available)
        );
        let mut found = Vec::new();
        match self.flink_version.as_deref().and_then(release) {
            Some(release) if release < OLDEST => {
                found.push(Finding::error(text, "rescaling in place needs Flink 1.18 or later: upgrade the cluster"));
            }
            Some(_) => found.push(Finding::ok(text)),
            None => found.push(Finding::warning(text, "rescaling in place needs Flink 1.18 or later")),
        }
        if self.slots_total.is_some_and(|total| total > 0) && self.slots_available == Some(0) {
            found.push(Finding::warning(
                "no slot is free: a job that is scaled up runs with what there is until slots are added",
                "add TaskManagers, or let a resource manager (Kubernetes, YARN) start them as they are needed",
            ));
        }
        found
    }
}

/// Major and minor version.
fn release(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split(['.', '-']).map(str::parse::<u32>);
    Some((parts.next()?.ok()?, parts.next()?.ok()?))
}

fn scheduler(entries: &[Entry]) -> Finding {
    let of = |key: &str| entries.iter().rfind(|entry| entry.key == key).and_then(|entry| entry.value.as_deref());
    let is = |key: &str, value: &str| of(key).is_some_and(|set| set.trim().eq_ignore_ascii_case(value));
    const SET: &str = "set jobmanager.scheduler: adaptive in the cluster's configuration, and restart it";
    if is("jobmanager.scheduler", "adaptive") {
        return Finding::ok("jobmanager.scheduler: adaptive, which rescales in place");
    }
    if is("scheduler-mode", "reactive") {
        return Finding::warning(
            "scheduler-mode: reactive, which gives a job every slot there is",
            "set jobmanager.scheduler: adaptive instead, so that the autoscaler decides",
        );
    }
    match of("jobmanager.scheduler") {
        // Of an unknown server's text only what names schedulers.
        Some(other) => {
            let name: String = other.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
            Finding::error(format!("jobmanager.scheduler: {name}, which can't rescale in place"), SET)
        }
        None => Finding::error("jobmanager.scheduler is not set, and Flink's default can't rescale in place", SET),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::check::report::Level;

    #[test]
    fn versions_are_read() {
        for (text, expected) in [("1.20.1", (1, 20)), ("2.0.0", (2, 0)), ("1.18-SNAPSHOT", (1, 18)), ("2.2", (2, 2))] {
            assert_eq!(release(text), Some(expected), "{text}");
        }
        assert_eq!((release(""), release("<unknown>"), release("99999999999.1")), (None, None, None));
    }

    #[test]
    fn only_the_adaptive_scheduler_will_do() {
        let level = |entries: &[(&str, &str)]| {
            let entry =
                |(key, value): &(&str, &str)| Entry { key: (*key).to_owned(), value: Some((*value).to_owned()) };
            scheduler(&entries.iter().map(entry).collect::<Vec<_>>()).level
        };
        assert_eq!(level(&[("jobmanager.scheduler", "Adaptive")]), Level::Ok);
        assert_eq!(level(&[("jobmanager.scheduler", "default")]), Level::Error);
        assert_eq!(level(&[("scheduler-mode", "REACTIVE")]), Level::Warning);
        assert_eq!(level(&[]), Level::Error);
    }
}
