//! What the operator's own configuration sets for resources that don't say otherwise.

use std::collections::BTreeMap;
use std::fmt;

use crate::key::Kind;
use crate::resource::{FlinkResource, FlinkSpec};

const SCOPED: &str = "kubernetes.operator.default-configuration.";
const OF_NAMESPACE: &str = "kubernetes.operator.default-configuration.namespace.";
const OF_VERSION: &str = "kubernetes.operator.default-configuration.flink-version.";

/// The operator's configuration, of which plain keys hold for all resources, and those that begin with
/// `kubernetes.operator.default-configuration.` for a namespace or for versions of Flink. Empty where it is not read.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct OperatorDefaults {
    plain: BTreeMap<String, String>,
    scoped: BTreeMap<String, String>,
}

/// Without keys and values, which may be secrets.
impl fmt::Debug for OperatorDefaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (plain, scoped) = (self.plain.len(), self.scoped.len());
        f.debug_struct("OperatorDefaults").field("plain", &plain).field("scoped", &scoped).finish_non_exhaustive()
    }
}

impl OperatorDefaults {
    /// Those of these entries, flat keys and texts.
    pub fn new(entries: impl IntoIterator<Item = (String, String)>) -> Self {
        let (scoped, plain) = entries.into_iter().partition(|(key, _)| key.starts_with(SCOPED));
        Self { plain, scoped }
    }

    /// What holds in a namespace for a version of Flink: the plain keys, above them the namespace's, above those the version's,
    /// the earliest version first and what is for that version alone last.
    fn within(&self, namespace: &str, version: Option<(u32, u32)>) -> BTreeMap<String, String> {
        let mut entries = self.plain.clone();
        let of_namespace = self.scoped.iter().filter_map(|(key, value)| {
            let key = key.strip_prefix(OF_NAMESPACE)?.strip_prefix(namespace)?.strip_prefix('.')?;
            Some((key.to_owned(), value.clone()))
        });
        entries.extend(of_namespace);
        let Some(version) = version else { return entries };
        let mut of_versions: Vec<_> = self
            .scoped
            .iter()
            .filter_map(|(key, value)| {
                let (from, key) = key.strip_prefix(OF_VERSION)?.split_once('.')?;
                let (from, is_only) = match from.strip_suffix('+') {
                    Some(from) => (FlinkSpec::read_version(from)?, false),
                    None => (FlinkSpec::read_version(from)?, true),
                };
                let holds = if is_only { from == version } else { from <= version };
                holds.then(|| ((is_only, from), key.to_owned(), value.clone()))
            })
            .collect();
        of_versions.sort_by_key(|(rank, ..)| *rank);
        entries.extend(of_versions.into_iter().map(|(_, key, value)| (key, value)));
        entries
    }

    /// What the operator goes by for a job: these, the `flinkConfiguration` of its cluster, and above it that of a session job.
    /// `cluster` is the FlinkDeployment of the job's cluster, the resource itself or another.
    pub fn merged(&self, resource: &FlinkResource, cluster: Option<&FlinkResource>) -> BTreeMap<String, String> {
        let cluster = match resource.reference.kind {
            Kind::FlinkDeployment => Some(resource),
            Kind::FlinkSessionJob => cluster,
        };
        let version = cluster.and_then(|cluster| cluster.spec.version());
        let mut entries = self.within(&resource.reference.namespace, version);
        entries.extend(written(resource, cluster));
        entries
    }
}

/// What is written in a job's resource and in its cluster's, without any defaults.
pub(crate) fn written(resource: &FlinkResource, cluster: Option<&FlinkResource>) -> BTreeMap<String, String> {
    let mut entries = match resource.reference.kind {
        Kind::FlinkDeployment => BTreeMap::new(),
        Kind::FlinkSessionJob => cluster.map(|cluster| cluster.spec.entries()).unwrap_or_default(),
    };
    entries.extend(resource.spec.entries());
    entries
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(kind: Kind, spec: Value) -> FlinkResource {
        let object = json!({"metadata": {"namespace": "orders", "name": "c", "uid": "u"}, "spec": spec});
        FlinkResource::read(kind, serde_json::from_value(object).unwrap()).unwrap()
    }

    fn defaults(entries: &[(&str, &str)]) -> OperatorDefaults {
        OperatorDefaults::new(entries.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())))
    }

    /// Each layer sets `k`; the strongest that holds is what counts.
    #[rstest::rstest]
    #[case::plain(&["plain"], "v1_20", "plain")]
    #[case::namespace_over_plain(&["plain", "namespace.orders"], "v1_20", "namespace.orders")]
    #[case::other_namespaces(&["plain", "namespace.order", "namespace.orders-2"], "v1_20", "plain")]
    #[case::version_over_namespace(&["namespace.orders", "flink-version.v1_18+"], "v1_20", "flink-version.v1_18+")]
    #[case::later_versions(&["plain", "flink-version.v2_0+"], "v1_20", "plain")]
    #[case::latest_first(&["flink-version.v1_9+", "flink-version.v1_18+"], "v1_20", "flink-version.v1_18+")]
    #[case::in_order_of_version(&["flink-version.v2_0+", "flink-version.v1_18+"], "v2_1", "flink-version.v2_0+")]
    #[case::alone_over_all(&["flink-version.v1_20+", "flink-version.v1_20"], "v1_20", "flink-version.v1_20")]
    #[case::alone_is_not_later(&["plain", "flink-version.v1_20"], "v2_0", "plain")]
    #[case::no_version(&["plain", "flink-version.v1_18+"], "", "plain")]
    fn the_strongest_layer_counts(#[case] layers: &[&str], #[case] version: &str, #[case] expected: &str) {
        let key = |layer: &str| if layer == "plain" { "k".to_owned() } else { format!("{SCOPED}{layer}.k") };
        let all = OperatorDefaults::new(layers.iter().map(|layer| (key(layer), (*layer).to_owned())));
        let cluster = read(Kind::FlinkDeployment, json!({"flinkVersion": version}));
        let of = all.merged(&cluster, None);
        assert_eq!(of.into_iter().collect::<Vec<_>>(), [("k".to_owned(), expected.to_owned())]);
    }

    #[test]
    fn resources_are_laid_over_the_defaults() {
        let all = defaults(&[
            ("a", "0"),
            ("b", "0"),
            ("c", "0"),
            ("kubernetes.operator.default-configuration.flink-version.v1_20+.d", "0"),
        ]);
        let cluster =
            read(Kind::FlinkDeployment, json!({"flinkVersion": "v1_20", "flinkConfiguration": {"b": 1, "c": 1}}));
        let job = read(Kind::FlinkSessionJob, json!({"flinkConfiguration": {"c": 2}}));
        let texts = |merged: BTreeMap<String, String>| merged.into_values().collect::<Vec<_>>().join("");
        assert_eq!(texts(all.merged(&cluster, Some(&cluster))), "0110");
        assert_eq!(texts(all.merged(&job, Some(&cluster))), "0120");
        // Without its cluster its version is not known.
        assert_eq!(texts(all.merged(&job, None)), "002");
        assert!(!format!("{:?}", defaults(&[("secret", "secret")])).contains("secret"));
    }
}
