//! The jobs of a fleet as the applications of a YARN cluster, one each, behind the web proxy of its ResourceManager.

use std::net::SocketAddr;

use bytes::Bytes;
use serde_json::{Value, json};

/// When the ResourceManager pretends to have started, in milliseconds after the epoch.
const STARTED: u64 = 1_764_000_000_000;

/// The answers of the ResourceManager, made up front.
#[derive(Debug)]
pub(super) struct Applications(Bytes);

impl Applications {
    /// One for each of so many jobs; all is at `address`.
    pub(super) fn new(jobs: u32, address: SocketAddr) -> Self {
        let application = |number: u32| {
            let id = format!("application_{STARTED}_{number:04}");
            let logs = format!("http://node:8042/node/containerlogs/container_{STARTED}_{number:04}_01_000001/etl");
            json!({
                "id": id, "user": "etl", "name": format!("orders-{number}"), "queue": "root.stream", "state": "RUNNING",
                "finalStatus": "UNDEFINED", "progress": 100.0, "trackingUI": "ApplicationMaster",
                "trackingUrl": format!("http://{address}/proxy/{id}/"), "diagnostics": "", "clusterId": STARTED,
                "applicationType": "Apache Flink", "applicationTags": "", "priority": 0, "startedTime": STARTED,
                "launchTime": STARTED, "finishedTime": 0, "elapsedTime": 60000, "amContainerLogs": logs,
                "amHostHttpAddress": "node:8042", "amRPCAddress": "127.0.0.1:1", "masterNodeId": "node:45454",
                "allocatedMB": 3072, "allocatedVCores": 3, "reservedMB": 0, "reservedVCores": 0, "runningContainers": 3,
                "memorySeconds": 763_803, "vcoreSeconds": 1164, "queueUsagePercentage": 12.5,
                "clusterUsagePercentage": 6.25, "unmanagedApplication": false,
            })
        };
        Self(json!({"apps": {"app": (1..=jobs).map(application).collect::<Value>()}}).to_string().into())
    }

    /// The body for a path below `/ws/v1/cluster/`, if it is one that is asked for.
    pub(super) fn answer(&self, path: &[&str]) -> Option<Bytes> {
        let told = match path {
            ["apps"] => return Some(self.0.clone()),
            ["info"] => json!({"clusterInfo": {"haState": "ACTIVE"}}),
            ["apps", _, "appattempts", _] => json!({"appAttempt": {"originalTrackingUrl": "http://127.0.0.1:1"}}),
            ["metrics"] => json!({"clusterMetrics": {"availableMB": 100_000, "availableVirtualCores": 1000}}),
            ["scheduler"] => {
                json!({"scheduler": {"schedulerInfo": {"type": "capacityScheduler", "queueName": "root"}}})
            }
            _ => return None,
        };
        Some(told.to_string().into())
    }

    /// The number of an application, and so of its job.
    pub(super) fn number(id: &str) -> Option<u32> {
        id.rsplit('_').next()?.parse().ok()
    }
}
