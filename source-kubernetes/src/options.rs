//! Which resources are looked at, and where their clusters' REST APIs are.

use std::time::Duration;

use autoscaler_core::options::InvalidOption;
use flink_rest::{ClusterAccess, ProxyChoice};

use crate::config_map::ConfigMapName;

autoscaler_core::options! {
    /// What the source `KUBERNETES` looks at.
    KubernetesSourceOptions, prefix "autoscaler.standalone.fetcher.kubernetes." {
        #[doc = "What the cluster is called in logs, events and views."]
        cluster_name: String = "cluster-name", "kubernetes", &[];
        #[doc = "Namespaces whose FlinkDeployments and FlinkSessionJobs are looked at; none: all."]
        namespaces: Vec<String> = "namespaces", none, &[];
        #[doc = "Label selector of the resources that are looked at, sessions' clusters among them: team=orders."]
        label_selector: String = "label-selector", none, &[];
        #[doc = "How Flink clusters' REST APIs are reached: SERVICE asks their services at rest-address, PROXY asks the API server to pass requests on, with the right to get and update services/proxy; AUTO is SERVICE in a pod and where rest-address is set, else PROXY."]
        access: Road = "access", "AUTO", &[];
        #[doc = "URL of a Flink cluster's REST API; {namespace}, {cluster} (the FlinkDeployment's name) and {port} stand for its own."]
        rest_address: String = "rest-address", "http://{cluster}-rest.{namespace}:{port}", &[];
        #[doc = "The ConfigMap of the operator's own configuration, usually flink-operator-config in the namespace it runs in: NAMESPACE/NAME. What it sets for all resources, for a namespace or for versions of Flink then holds for jobs whose resources don't say otherwise, before what is set here. It takes the right to get it: kubernetes rbac --operator-configuration."]
        operator_configuration: ConfigMapName = "operator-configuration", none, &[];
        #[doc = "How long resources may go unheard of, or the operator's configuration unread, the API server being away, before nothing is concluded from them."]
        stale_after: Duration = "stale-after", "5 min", &[] => at_least(30.0);
    }
}

/// How Flink clusters are reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Road {
    /// As it is possible.
    Auto,
    /// By their services.
    Service,
    /// Through the API server.
    Proxy,
}

autoscaler_core::named_values!(
    Road,
    "AUTO, SERVICE or PROXY",
    "AUTO" => Self::Auto,
    "SERVICE" => Self::Service,
    "PROXY" => Self::Proxy
);

impl KubernetesSourceOptions {
    /// Whether the API server passes requests on, where `is_set` says which options are, and `is_pod` whether this runs in
    /// a pod.
    ///
    /// # Errors
    /// Options contradict each other.
    pub(crate) fn is_proxied(
        &self,
        is_set: impl Fn(&str) -> bool,
        is_pod: bool,
        access: &ClusterAccess,
    ) -> Result<bool, InvalidOption> {
        let has_address = is_set("autoscaler.standalone.fetcher.kubernetes.rest-address");
        let is_proxied = match self.access {
            Road::Auto => !is_pod && !has_address,
            Road::Service => false,
            Road::Proxy => true,
        };
        if is_proxied && has_address {
            return Err(contradiction("and rest-address say two things: leave one of them out"));
        }
        let is_shown = access.ca_file.is_some() || access.client_certificate.is_some() || access.credentials.is_some();
        if is_proxied && (is_shown || access.proxy != ProxyChoice::None) {
            return Err(contradiction(
                "leads through the API server, which shows Flink neither certificates nor credentials: leave out \
                 autoscaler.standalone.fetcher.flink-cluster.tls.*, .auth.* and .proxy, or set it to SERVICE",
            ));
        }
        Ok(is_proxied)
    }
}

fn contradiction(problem: &str) -> InvalidOption {
    InvalidOption::new("autoscaler.standalone.fetcher.kubernetes.access", problem)
}

#[cfg(test)]
mod tests {
    use autoscaler_core::options::{Configuration, Origin};
    use flink_rest::ClusterAccessOptions;

    use super::*;

    const ADDRESS: &str = "autoscaler.standalone.fetcher.kubernetes.rest-address";
    const ACCESS: &str = "autoscaler.standalone.fetcher.kubernetes.access";
    const CA: &str = "autoscaler.standalone.fetcher.flink-cluster.tls.ca-file";

    #[rstest::rstest]
    #[case(&[], true, Ok(false))]
    #[case(&[], false, Ok(true))]
    #[case(&[(ADDRESS, "http://a")], false, Ok(false))]
    #[case(&[(ACCESS, "service")], false, Ok(false))]
    #[case(&[(ACCESS, "proxy")], true, Ok(true))]
    #[case(&[(ACCESS, "proxy"), (ADDRESS, "http://a")], true, Err("rest-address"))]
    #[case(&[(CA, "/a")], false, Err(".tls.*"))]
    #[case(&[(CA, "/a")], true, Ok(false))]
    fn the_road_goes_by_where_it_runs(
        #[case] set: &[(&str, &str)],
        #[case] is_pod: bool,
        #[case] expected: Result<bool, &str>,
    ) {
        let mut configuration = Configuration::new();
        set.iter().for_each(|(key, value)| configuration.set(*key, *value, Origin::Flag));
        let options = KubernetesSourceOptions::checked(&configuration).unwrap();
        let access = ClusterAccessOptions::common(&configuration).unwrap().0;
        match (options.is_proxied(|key| configuration.get(key).is_some(), is_pod, &access), expected) {
            (found, Ok(expected)) => assert_eq!(found.unwrap(), expected),
            (found, Err(expected)) => assert!(found.unwrap_err().to_string().contains(expected)),
        }
    }
}
