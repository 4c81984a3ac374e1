//! Which resources are looked at, and where their clusters' REST APIs are.

use std::time::Duration;

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
        #[doc = "URL of a Flink cluster's REST API; {namespace}, {cluster} (the FlinkDeployment's name) and {port} stand for its own. From outside, through kubectl proxy: http://localhost:8001/api/v1/namespaces/{namespace}/services/{cluster}-rest:rest/proxy."]
        rest_address: String = "rest-address", "http://{cluster}-rest.{namespace}:{port}", &[];
        #[doc = "The ConfigMap of the operator's own configuration, usually flink-operator-config in the namespace it runs in: NAMESPACE/NAME. What it sets for all resources, for a namespace or for versions of Flink then holds for jobs whose resources don't say otherwise, before what is set here. It takes the right to get it: kubernetes rbac --operator-configuration."]
        operator_configuration: ConfigMapName = "operator-configuration", none, &[];
        #[doc = "How long resources may go unheard of, or the operator's configuration unread, the API server being away, before nothing is concluded from them."]
        stale_after: Duration = "stale-after", "5 min", &[] => at_least(30.0);
    }
}
