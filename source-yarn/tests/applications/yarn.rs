//! A stand-in for a ResourceManager with its web proxy, and for the JobManagers of its applications.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::server::{Answer, Asked, Server};

/// What is there.
#[derive(Clone, Default)]
pub(crate) struct World(Arc<Mutex<BTreeMap<u32, Pretended>>>);

/// An application.
#[derive(Clone)]
pub(crate) struct Pretended {
    pub(crate) state: &'static str,
    pub(crate) attempt: u32,
    /// Where its JobManager is for the proxy, and what is told of that.
    pub(crate) flink: String,
    pub(crate) address: Option<String>,
    pub(crate) tags: &'static str,
    pub(crate) kind: &'static str,
    /// Containers that it has asked for and not got.
    pub(crate) pending: u32,
}

pub(crate) fn id(number: u32) -> String {
    format!("application_1764000000000_{number:04}")
}

impl World {
    pub(crate) fn set(&self, number: u32, flink: &Server) {
        let address = flink.address.to_string();
        let pretended = Pretended {
            state: "RUNNING",
            attempt: 1,
            flink: address.clone(),
            address: Some(address),
            tags: "",
            kind: "Apache Flink",
            pending: 0,
        };
        self.0.lock().unwrap().insert(number, pretended);
    }

    pub(crate) fn change(&self, number: u32, change: impl FnOnce(&mut Pretended)) {
        change(self.0.lock().unwrap().get_mut(&number).unwrap());
    }

    pub(crate) fn lose(&self, number: u32) {
        self.0.lock().unwrap().remove(&number);
    }

    fn entry(number: u32, of: &Pretended, manager: &str) -> Value {
        let attempt = of.attempt;
        let mut entry = json!({"id": id(number), "user": "etl", "name": "orders", "queue": "root.stream", "state": of.state,
            "finalStatus": "UNDEFINED", "applicationType": of.kind, "applicationTags": of.tags,
            "amContainerLogs": format!("http://n:8042/node/containerlogs/container_e01_1764000000000_{number:04}_{attempt:02}_000001/etl")});
        if of.state == "RUNNING" {
            entry["trackingUrl"] = json!(format!("http://{manager}/proxy/{}/", id(number)));
            if let Some(address) = &of.address {
                entry["amRPCAddress"] = json!(address);
            }
        }
        entry
    }

    /// What an active ResourceManager answers.
    pub(crate) fn answer(&self, asked: &Asked) -> Answer {
        let (path, query) = asked.path.split_once('?').unwrap_or((&asked.path, ""));
        let manager = asked.header("Host").unwrap_or_default();
        let world = self.0.lock().unwrap().clone();
        let found = |path: &str| {
            let number = path.split('/').next()?.rsplit('_').next()?.parse::<u32>().ok()?;
            Some((number, world.get(&number)?.clone()))
        };
        let parts = path.strip_prefix("/ws/v1/cluster/").unwrap_or_default();
        if parts == "info" {
            return (200, "", json!({"clusterInfo": {"haState": "ACTIVE"}}).to_string());
        }
        if parts == "metrics" {
            return (200, "", json!({"clusterMetrics": {"availableMB": 9000, "availableVirtualCores": 9}}).to_string());
        }
        if parts == "scheduler" {
            let pending: u32 = world.values().map(|of| of.pending).sum();
            return (200, "", json!({"scheduler": {"schedulerInfo": scheduler(pending)}}).to_string());
        }
        if parts == "apps" {
            assert!(query.starts_with("applicationTypes=Apache+Flink&states=NEW%2C"), "{query}");
            let is_there = |state: &str| !["FINISHED", "FAILED", "KILLED"].contains(&state);
            let there = world.iter().filter(|(_, of)| is_there(of.state));
            let apps: Vec<_> = there.map(|(number, of)| Self::entry(*number, of, manager)).collect();
            return (200, "", json!({"apps": {"app": apps}}).to_string());
        }
        if let Some(path) = parts.strip_prefix("apps/") {
            let Some((number, of)) = found(path) else { return (404, "", "{}".to_owned()) };
            if path.contains("/appattempts/") {
                let url = of.address.map(|address| format!("http://{address}"));
                return (200, "", json!({"originalTrackingUrl": url, "appAttemptState": "RUNNING"}).to_string());
            }
            let mut app = Self::entry(number, &of, manager);
            app["resourceRequests"] = json!([
                {"numContainers": of.pending, "resourceName": "*", "capability": {"memory": 768, "vCores": 1}},
                {"numContainers": of.pending, "resourceName": "/default-rack"},
            ]);
            return (200, "", json!({"app": app}).to_string());
        }
        match path.strip_prefix("/proxy/").and_then(found) {
            Some((_, of)) => proxied(asked, &of),
            None => (404, "", "<html>".to_owned()),
        }
    }
}

/// A CapacityScheduler whose queue `root.stream` has 2,000 MB and 3 virtual cores left.
fn scheduler(pending: u32) -> Value {
    let most = json!({"queueCapacitiesByPartition": [{"partitionName": "", "effectiveMaxResource": {"memory": 8000, "vCores": 8}}]});
    let used = json!({"memory": 6000, "vCores": 5});
    json!({"type": "capacityScheduler", "queueName": "root", "queues": {"queue": [
        {"queueName": "stream", "capacities": most, "resourcesUsed": used, "pendingContainers": pending}]}})
}

/// What the web proxy makes of a request: what it does not know, it does not pass on.
fn proxied(asked: &Asked, of: &Pretended) -> Answer {
    let is_passed =
        asked.header("Accept").is_some() && asked.headers.iter().all(|(name, _)| !name.starts_with(char::is_lowercase));
    if !["GET", "PUT"].contains(&asked.method.as_str())
        || !is_passed
        || asked.body.contains(['\r', '\n'])
        || !asked.body.is_ascii()
    {
        return (405, "", "<html>".to_owned());
    }
    if of.flink.is_empty() {
        return (500, "", "<html>Connection refused".to_owned());
    }
    // Its one job has its port for an id.
    let port: u64 = of.flink.rsplit(':').next().unwrap().parse().unwrap();
    let is_overview = asked.path.split('?').next().unwrap().ends_with("/jobs/overview");
    (200, "", if is_overview { overview(&[port]) } else { "{}".to_owned() })
}

/// `/jobs/overview` with these jobs.
pub(crate) fn overview(jobs: &[u64]) -> String {
    let job = |number: &u64| {
        json!({"jid": format!("{number:032x}"), "name": "orders", "state": "RUNNING", "start-time": 1,
            "tasks": {"total": 1, "running": 1}})
    };
    json!({"jobs": jobs.iter().map(job).collect::<Vec<_>>()}).to_string()
}

/// A JobManager with these jobs.
pub(crate) async fn job_manager(jobs: &'static [u64]) -> Server {
    Server::start(move |asked| match asked.path.split('?').next().unwrap() {
        "/jobs/overview" => (200, "", overview(jobs)),
        path if path.ends_with("/jobmanager/config") => (200, "", r#"[{"key": "a", "value": "b"}]"#.to_owned()),
        _ => (200, "", "{}".to_owned()),
    })
    .await
}
