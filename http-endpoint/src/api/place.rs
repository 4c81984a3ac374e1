//! A place in the order of all jobs, as a text.

use std::fmt;

use autoscaler_core::{ClusterName, JobKey};
use serde::Deserialize;

/// The place behind a job: its key, a slash and its cluster. A slash within them is written %2F, and a percent sign %25.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Place {
    pub(super) cluster: ClusterName,
    pub(super) job: JobKey,
}

/// A text that is no place.
#[derive(Debug)]
pub(super) struct NoPlace;

impl fmt::Display for NoPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected the text of next in the page before")
    }
}

impl TryFrom<String> for Place {
    type Error = NoPlace;

    fn try_from(text: String) -> Result<Self, NoPlace> {
        let (job, cluster) = text.split_once('/').filter(|(_, cluster)| !cluster.contains('/')).ok_or(NoPlace)?;
        let plain = |text: &str| text.replace("%2F", "/").replace("%25", "%");
        Ok(Self { cluster: ClusterName::new(plain(cluster)), job: JobKey::new(plain(job)) })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let written = |text: &str| text.replace('%', "%25").replace('/', "%2F");
        write!(f, "{}/{}", written(self.job.as_str()), written(self.cluster.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_place_survives_and_other_texts_are_none() {
        for (cluster, job) in [("host:8081/flink", "orders/a1"), ("", ""), ("%2F", "%25/%"), ("a", "b")] {
            let place = Place { cluster: ClusterName::new(cluster), job: JobKey::new(job) };
            assert_eq!(Place::try_from(place.to_string()).unwrap(), place);
        }
        for text in ["", "a", "a/b/c", "//"] {
            assert!(Place::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
