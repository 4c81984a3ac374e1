//! A FlinkDeployment of a job that runs already.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use flink_rest::FlinkClient;
use serde_json::{Value, json};

use crate::flink;

/// What the resource is called.
const NAME: &str = "orders";

/// Prints it, and the service account that the operator gives to clusters.
pub(super) fn print() -> Result<()> {
    let Some(cluster) = flink::record()? else {
        bail!("no Flink was brought up: cargo xtask flink up --job 80 does");
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let jobs: Value = runtime
        .block_on(async { FlinkClient::new(&cluster.url, Duration::from_secs(10))?.get("/jobs/overview").await })
        .with_context(|| format!("the Flink at {} does not say what runs on it", cluster.url))?;
    let running = jobs["jobs"].as_array().into_iter().flatten().find(|job| job["state"] == "RUNNING");
    let Some(job) = running.and_then(|job| job["jid"].as_str()) else {
        bail!("no job runs on the Flink at {}: cargo xtask flink down, then up --job 80", cluster.url);
    };
    let port = cluster.url.rsplit(':').next().unwrap_or_default();
    let account = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "flink"}});
    let all = json!({"apiVersion": "v1", "kind": "List", "items": [account, deployment(job, port)]});
    println!("{all:#}");
    Ok(())
}

fn deployment(job: &str, port: &str) -> Value {
    let resources = json!({"resource": {"memory": "1024m", "cpu": 1}});
    json!({
        "apiVersion": "flink.apache.org/v1beta1", "kind": "FlinkDeployment", "metadata": {"name": NAME},
        "spec": {
            // The latest that the operator knows; for it, the REST API of a later one is the same.
            "image": "flink:1.18", "flinkVersion": "v1_18", "serviceAccount": "flink",
            "flinkConfiguration": {
                // Outside of Kubernetes the operator asks this machine; the job is taken for the one that it has submitted.
                "rest.port": port, "$internal.pipeline.job-id": job,
                "jobmanager.scheduler": "adaptive", "job.autoscaler.external.enabled": "true",
            },
            "jobManager": resources, "taskManager": resources,
            "job": {"jarURI": "local:///opt/job.jar", "parallelism": 1, "upgradeMode": "stateless"},
        },
    })
}
