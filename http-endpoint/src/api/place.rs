//! A place in the order of all jobs, as a text.

use std::fmt;

use autoscaler_core::{ClusterName, JobKey};
use serde::Deserialize;

/// The place behind a job: the length of its key in bytes, a colon, the key, a slash and its cluster. Both may have any
/// characters.
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
        let read = || {
            let (length, both) = text.split_once(':')?;
            let (job, cluster) = both.split_at_checked(length.parse().ok()?)?;
            Some(Self { cluster: ClusterName::new(cluster.strip_prefix('/')?), job: JobKey::new(job) })
        };
        read().ok_or(NoPlace)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let job = self.job.as_str();
        write!(f, "{}:{job}/{}", job.len(), self.cluster)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_place_survives_and_other_texts_are_none() {
        for (cluster, job) in [("host:8081/flink", "orders/a1"), ("", ""), ("é/:", "𝄞/3:"), ("a", "b")] {
            let place = Place { cluster: ClusterName::new(cluster), job: JobKey::new(job) };
            assert_eq!(Place::try_from(place.to_string()).unwrap(), place);
        }
        for text in ["", "a/b", "9:a/b", "1:é/b", "-1:a/b", "1:ab", ":a/b", "99999999999999999999:a/b"] {
            assert!(Place::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
