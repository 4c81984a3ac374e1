//! What is read of an application, and in which forms.

use autoscaler_core::Labels;
use serde::Deserialize;

use crate::lenient::Lenient;

/// Which application: `application_<start of the ResourceManager, ms>_<number>`, in order of submission.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct ApplicationId {
    cluster: u64,
    number: u64,
    text: String,
}

impl TryFrom<String> for ApplicationId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let numbers = text.strip_prefix("application_").and_then(|rest| rest.split_once('_'));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten();
        match numbers.map(|(cluster, number)| (digits(cluster), digits(number))) {
            Some((Some(cluster), Some(number))) => Ok(Self { cluster, number, text }),
            _ => Err("an application's id is not application_<digits>_<digits>".to_owned()),
        }
    }
}

impl ApplicationId {
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The id of one of its attempts, which begin with 1.
    pub(crate) fn attempt(&self, attempt: u32) -> String {
        let (_, own) = self.text.split_once('_').unwrap_or_default();
        format!("appattempt_{own}_{attempt:06}")
    }
}

/// An application as the ResourceManager tells of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Application {
    pub(crate) id: ApplicationId,
    pub(crate) state: String,
    #[serde(default)]
    pub(crate) user: Option<String>,
    #[serde(default)]
    pub(crate) name: Option<String>,
    #[serde(default)]
    pub(crate) queue: Option<String>,
    #[serde(default)]
    pub(crate) application_type: Option<String>,
    /// With commas between.
    #[serde(default)]
    pub(crate) application_tags: Option<String>,
    #[serde(default)]
    pub(crate) tracking_url: Option<String>,
    /// Host and port of the JobManager's REST API; not there between attempts, and for whoever may not see it.
    #[serde(default, rename = "amRPCAddress")]
    pub(crate) address: Option<String>,
    #[serde(default)]
    am_container_logs: Option<String>,
    /// Left out of lists.
    #[serde(default)]
    resource_requests: Lenient<Request>,
}

/// Containers that are asked for.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    #[serde(default)]
    num_containers: i64,
    #[serde(default)]
    resource_name: String,
}

impl Application {
    pub(crate) fn is_running(&self) -> bool {
        self.state.eq_ignore_ascii_case("RUNNING")
    }

    /// Whether it will not run again.
    pub(crate) fn has_ended(&self) -> bool {
        ["FINISHED", "FAILED", "KILLED"].iter().any(|state| self.state.eq_ignore_ascii_case(state))
    }

    /// Containers that it has asked for and not got. What is asked for on certain nodes is asked for on any, too.
    pub(crate) fn pending(&self) -> i64 {
        let on_any = self.resource_requests.0.iter().filter(|request| request.resource_name == "*");
        on_any.map(|request| request.num_containers.max(0)).sum()
    }

    /// Whose it is and where it runs, for people; its id is the cluster's name.
    pub(crate) fn labels(&self) -> Labels {
        let texts = [("application_name", &self.name), ("user", &self.user), ("queue", &self.queue)];
        let attempt = self.attempt().map(|attempt| ("attempt", attempt.to_string()));
        Labels::new(texts.into_iter().filter_map(|(name, text)| Some((name, text.clone()?))).chain(attempt))
    }

    /// The number of its attempt, by the id of the attempt's container: `container_[e<epoch>_]<start>_<number>_<attempt>_<container>`.
    pub(crate) fn attempt(&self) -> Option<u32> {
        let logs = self.am_container_logs.as_deref()?;
        let container = logs.split('/').find(|part| part.starts_with("container_"))?;
        container.rsplit('_').nth(1)?.parse().ok()
    }
}

/// `/ws/v1/cluster/apps`.
#[derive(Debug, Deserialize)]
pub(crate) struct Applications {
    #[serde(default)]
    apps: Lenient<Apps>,
}

#[derive(Debug, Deserialize)]
struct Apps {
    #[serde(default)]
    app: Lenient<Application>,
}

impl Applications {
    pub(crate) fn all(self) -> Vec<Application> {
        self.apps.0.into_iter().flat_map(|apps| apps.app.0).collect()
    }
}

/// `/ws/v1/cluster/apps/<id>`.
#[derive(Debug, Deserialize)]
pub(crate) struct OneApplication {
    pub(crate) app: Application,
}

/// `/ws/v1/cluster/apps/<id>/appattempts/<attempt>`: in an object of its own by Hadoop's documentation, without one by
/// Hadoop 3.4.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum OneAttempt {
    Wrapped {
        #[serde(rename = "appAttempt")]
        attempt: Attempt,
    },
    Bare(Attempt),
}

impl OneAttempt {
    pub(crate) fn attempt(self) -> Attempt {
        match self {
            Self::Wrapped { attempt } | Self::Bare(attempt) => attempt,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Attempt {
    /// Where the JobManager itself says that it is.
    #[serde(default)]
    pub(crate) original_tracking_url: Option<String>,
}

/// `/ws/v1/cluster/info`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Info {
    pub(crate) cluster_info: ClusterInfo,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ClusterInfo {
    pub(crate) ha_state: String,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[rstest::rstest]
    #[case(json!({}), 0)]
    #[case(json!({"apps": null}), 0)]
    #[case(json!({"apps": {}}), 0)]
    #[case(json!({"apps": ""}), 0)]
    #[case(json!({"apps": {"app": null}}), 0)]
    #[case(json!({"apps": {"app": []}}), 0)]
    #[case(json!({"apps": {"app": {"id": "application_1_0001", "state": "RUNNING"}}}), 1)]
    #[case(json!({"apps": {"app": [{"id": "application_1_0001", "state": "RUNNING"}, {"id": "application_1_10000", "state": "ACCEPTED"}]}}), 2)]
    fn every_form_of_a_list_is_read(#[case] answer: Value, #[case] expected: usize) {
        assert_eq!(serde_json::from_value::<Applications>(answer).unwrap().all().len(), expected);
    }

    #[rstest::rstest]
    #[case(json!({"apps": "none"}))]
    #[case(json!({"apps": {"app": [{"id": "application_1_0001", "state": "RUNNING"}, {"state": "RUNNING"}]}}))]
    #[case(json!({"apps": {"app": [{"id": "application_1_../x", "state": "RUNNING"}]}}))]
    fn what_cannot_be_read_whole_is_no_list(#[case] answer: Value) {
        serde_json::from_value::<Applications>(answer).unwrap_err();
    }

    #[test]
    fn what_a_real_application_waits_for_is_read() {
        let answer = include_str!("../tests/data/waiting_application_3_4_2.json");
        let app = serde_json::from_str::<OneApplication>(answer).unwrap().app;
        assert_eq!((app.pending(), app.attempt(), app.queue.as_deref()), (4, Some(1), Some("root.stream")));
    }

    #[rstest::rstest]
    #[case("http://n:8042/node/containerlogs/container_e17_1764000000000_0007_02_000001/etl", Some(2))]
    #[case("http://n:8042/node/containerlogs/container_1764000000000_10007_11_000001/etl", Some(11))]
    #[case("http://n:8042/", None)]
    fn an_attempt_is_told_by_its_container(#[case] logs: &str, #[case] expected: Option<u32>) {
        let app = json!({"app": {"id": "application_1764000000000_0007", "state": "RUNNING", "amContainerLogs": logs}});
        let app = serde_json::from_value::<OneApplication>(app).unwrap().app;
        assert_eq!(app.attempt(), expected);
        assert_eq!(app.id.attempt(2), "appattempt_1764000000000_0007_000002");
    }
}
