//! What a job is configured with: the layers of the operator, the weakest first.

use std::collections::BTreeMap;

use autoscaler_core::JobConfiguration;
use autoscaler_core::options::value::{MemorySize, OptionValue};
use kubernetes_api::{FlinkResource, Kind, OPERATORS_OLD_SWITCH, OPERATORS_SWITCH, OperatorDefaults, SWITCH, conflict};

/// The configuration of a job that is switched on: the operator's defaults, its cluster's, then its own.
pub(crate) fn configuration(
    resource: &FlinkResource,
    cluster: Option<&FlinkResource>,
    defaults: &OperatorDefaults,
) -> JobConfiguration {
    let mut entries = cluster.map(|cluster| of_cluster(cluster, defaults)).unwrap_or_default();
    if resource.reference.kind == Kind::FlinkSessionJob {
        entries.extend(resource.spec.entries());
    }
    if let Some(parallelism) = resource.spec.job.as_ref().and_then(|job| job.parallelism) {
        entries.insert("parallelism.default".to_owned(), parallelism.to_string());
    }
    entries.entry("pipeline.name".to_owned()).or_insert_with(|| resource.reference.name.clone());
    // The operator's own autoscaler is meant by its switch; that ours is on for the job is known.
    entries.remove(OPERATORS_OLD_SWITCH);
    entries.remove(SWITCH);
    entries.insert(OPERATORS_SWITCH.to_owned(), "true".to_owned());
    let cpu = entries.get("kubernetes.taskmanager.cpu.amount").and_then(|text| quantity(text));
    let memory = entries.get("taskmanager.memory.process.size").and_then(|text| memory_bytes(text));
    JobConfiguration::new(entries).with_task_manager(cpu, memory).with_conflict(conflict(resource, cluster, defaults))
}

fn of_cluster(cluster: &FlinkResource, defaults: &OperatorDefaults) -> BTreeMap<String, String> {
    let mut entries = defaults.merged(cluster, None);
    if let Some(cpu) = cluster.spec.task_manager("cpu").and_then(|text| quantity(&text)) {
        entries.insert("kubernetes.taskmanager.cpu.amount".to_owned(), cpu.to_string());
    }
    if let Some(bytes) = cluster.spec.task_manager("memory").and_then(|text| memory_bytes(&text)) {
        entries.insert("taskmanager.memory.process.size".to_owned(), format!("{bytes} b"));
    }
    entries
}

/// A memory text of Flink (`2g` is 2 GiB), else a quantity of Kubernetes, in bytes.
fn memory_bytes(text: &str) -> Option<u64> {
    if let Some(size) = MemorySize::read(text) {
        return Some(size.0);
    }
    let bytes = quantity(text)?.ceil();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be within what is exact")]
    (0.0..9e15).contains(&bytes).then_some(bytes as u64)
}

/// A quantity of Kubernetes: `500m`, `1.5`, `2Gi`, `1e3`.
fn quantity(text: &str) -> Option<f64> {
    const UNITS: [(&str, f64); 13] = [
        ("Ki", 1024.0),
        ("Mi", 1_048_576.0),
        ("Gi", 1_073_741_824.0),
        ("Ti", 1_099_511_627_776.0),
        ("n", 1e-9),
        ("u", 1e-6),
        ("m", 1e-3),
        ("k", 1e3),
        ("M", 1e6),
        ("G", 1e9),
        ("T", 1e12),
        ("P", 1e15),
        ("", 1.0),
    ];
    let text = text.trim();
    let (number, factor) = UNITS.iter().find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, *factor)))?;
    let is_decimal = number.bytes().all(|byte| byte.is_ascii_digit() || b".eE+-".contains(&byte));
    let value = number.parse::<f64>().ok().filter(|value| is_decimal && value.is_finite() && *value >= 0.0)?;
    Some(value * factor)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::tests::resource;

    #[rstest::rstest]
    #[case("500m", Some(0.5))]
    #[case("1.5", Some(1.5))]
    #[case("2Gi", Some(2_147_483_648.0))]
    #[case("1e3", Some(1000.0))]
    #[case("inf", None)]
    #[case("-1", None)]
    #[case("", None)]
    fn quantities_are_read(#[case] text: &str, #[case] expected: Option<f64>) {
        assert_eq!(quantity(text), expected);
    }

    #[test]
    fn a_session_job_is_laid_over_its_cluster() {
        let cluster = resource(
            "fd",
            "c",
            json!({"spec": {
                "flinkConfiguration": {"a": 1, "b": 1},
                "taskManager": {"resource": {"cpu": 1.5, "memory": "2g"}},
            }}),
        );
        let job = resource(
            "sj",
            "j",
            json!({"spec": {
                "deploymentName": "c", "job": {"parallelism": 3}, "flinkConfiguration": {"b": 2},
            }}),
        );
        let read = configuration(&job, Some(&cluster), &OperatorDefaults::default());
        let get = |key: &str| read.entries().iter().find(|entry| entry.0 == key).map(|entry| entry.1.as_str());
        assert_eq!((get("a"), get("b"), get("parallelism.default")), (Some("1"), Some("2"), Some("3")));
        assert_eq!(get("pipeline.name"), Some("j"));
        assert_eq!((read.task_manager_cpu(), read.task_manager_memory_bytes()), (Some(1.5), Some(2 << 30)));
        assert_eq!(memory_bytes("1Gi"), Some(1 << 30));
    }

    #[test]
    fn the_operators_defaults_are_below_both() {
        let defaults = [
            ("a", "0"),
            ("kubernetes.operator.default-configuration.namespace.orders.a", "1"),
            ("kubernetes.operator.default-configuration.flink-version.v1_18+.b", "0"),
            ("c", "0"),
            ("parallelism.default", "7"),
            ("taskmanager.memory.process.size", "4g"),
            ("kubernetes.taskmanager.cpu.amount", "4"),
        ];
        let defaults = OperatorDefaults::new(defaults.map(|(key, value)| (key.to_owned(), value.to_owned())));
        let task_manager = json!({"resource": {"cpu": 2}});
        let cluster = json!({"spec": {
            "flinkVersion": "v1_20", "flinkConfiguration": {"b": 1, "c": 1}, "taskManager": task_manager,
        }});
        let cluster = resource("fd", "c", cluster);
        let own = json!({"spec": {"deploymentName": "c", "job": {}, "flinkConfiguration": {"c": 2}}});
        let read = configuration(&resource("sj", "j", own), Some(&cluster), &defaults);
        let get = |key: &str| read.entries().iter().find(|entry| entry.0 == key).map(|entry| entry.1.as_str());
        assert_eq!(
            (get("a"), get("b"), get("c"), get("parallelism.default")),
            (Some("1"), Some("1"), Some("2"), Some("7"))
        );
        assert_eq!((read.task_manager_cpu(), read.task_manager_memory_bytes()), (Some(2.0), Some(4 << 30)));
        assert!(read.entries().iter().all(|(key, _)| !key.contains("default-configuration")));
    }

    #[test]
    fn the_operators_switch_is_not_ours() {
        let read = |on: bool| {
            let entries = json!({
                "job.autoscaler.enabled": on, "kubernetes.operator.job.autoscaler.enabled": "false", SWITCH: "true",
            });
            let job = resource("fd", "c", json!({"spec": {"flinkConfiguration": entries, "job": {}}}));
            configuration(&job, Some(&job), &OperatorDefaults::default())
        };
        let off = read(false);
        let of_ours: Vec<_> = off.entries().iter().filter(|entry| entry.0.contains("autoscaler")).collect();
        assert_eq!(of_ours, [&("job.autoscaler.enabled".to_owned(), "true".to_owned())]);
        assert_eq!(off.conflict(), None);
        assert!(read(true).conflict().is_some_and(|why| why.contains("operator's own autoscaler is on")));
    }
}
