//! Resources as a user and the operator leave them, and the program as a process.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use kube::Api;
use kube::api::{Patch, PatchParams, PostParams};
use kube::core::{ApiResource, DynamicObject, GroupVersionKind, TypeMeta};
use serde_json::{Value, json};
use servers::kubernetes::{NOBODY, TestNamespace};
use tempfile::NamedTempFile;

pub(crate) const OVERRIDES: &str = "pipeline.jobvertex-parallelism-overrides";

/// Options under which a job is scaled within a few seconds.
pub(crate) const SHORT_WINDOWS: &[(&str, &str)] = &[
    ("job.autoscaler.stabilization.interval", "0 s"),
    ("job.autoscaler.metrics.window", "2 s"),
    ("job.autoscaler.utilization.max", "0.8"),
    ("job.autoscaler.flink.rest-client.timeout", "5 s"),
];

/// What a command prints.
pub(crate) fn printed(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_flink-autoscaler")).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Makes an object of the core group; all that can be done with those of its kind.
pub(crate) async fn create(namespace: &TestNamespace, kind: &str, name: &str, mut object: Value) -> Api<DynamicObject> {
    let mut resource = ApiResource::from_gvk(&GroupVersionKind::gvk("", "v1", kind));
    if kind == "Endpoints" {
        "endpoints".clone_into(&mut resource.plural);
    }
    object["metadata"] = json!({"name": name});
    let api = Api::<DynamicObject>::namespaced_with(namespace.client().await, &namespace.name, &resource);
    let mut object = serde_json::from_value::<DynamicObject>(object).unwrap();
    object.types = Some(TypeMeta { api_version: "v1".to_owned(), kind: kind.to_owned() });
    api.create(&PostParams::default(), &object).await.unwrap();
    api
}

/// A FlinkDeployment of the `job`th job of the stand-in, switched on.
pub(crate) struct Deployment {
    api: Api<DynamicObject>,
    name: String,
}

impl Deployment {
    /// It runs.
    pub(crate) async fn create(namespace: &TestNamespace, name: &str, job: u32, mut configuration: Value) -> Self {
        let kind = GroupVersionKind::gvk("flink.apache.org", "v1beta1", "FlinkDeployment");
        let kind = ApiResource::from_gvk_with_plural(&kind, "flinkdeployments");
        let api = Api::<DynamicObject>::namespaced_with(namespace.client().await, &namespace.name, &kind);
        configuration["jobmanager.scheduler"] = "adaptive".into();
        configuration["job.autoscaler.external.enabled"] = "true".into();
        let object = json!({
            "apiVersion": "flink.apache.org/v1beta1", "kind": "FlinkDeployment", "metadata": {"name": name},
            "spec": {"flinkVersion": "v1_20", "job": {"parallelism": 1}, "flinkConfiguration": configuration},
        });
        api.create(&PostParams::default(), &serde_json::from_value(object).unwrap()).await.unwrap();
        let deployment = Self { api, name: name.to_owned() };
        deployment.reconcile(job).await;
        deployment
    }

    /// As it is now.
    pub(crate) async fn get(&self) -> Result<DynamicObject, kube::Error> {
        self.api.get(&self.name).await
    }

    /// What the operator does once a spec is deployed.
    pub(crate) async fn reconcile(&self, job: u32) {
        let object = self.get().await.unwrap();
        self.try_reconcile(job, &object).await.unwrap();
    }

    /// The same once it is deployed as `object` has it.
    pub(crate) async fn try_reconcile(&self, job: u32, object: &DynamicObject) -> Result<(), kube::Error> {
        let status = json!({"status": {
            "observedGeneration": object.metadata.generation, "jobManagerDeploymentStatus": "READY",
            "jobStatus": {"state": "RUNNING", "jobId": testkit::job::id(job), "startTime": "7"},
            "reconciliationStatus": {
                "state": "DEPLOYED", "lastReconciledSpec": json!({"spec": object.data["spec"]}).to_string(),
            },
        }});
        self.api.patch_status(&self.name, &PatchParams::default(), &Patch::Merge(status)).await.map(drop)
    }

    pub(crate) async fn configuration(&self) -> Value {
        self.api.get(&self.name).await.unwrap().data["spec"]["flinkConfiguration"].clone()
    }

    /// The override of a vertex in the spec.
    pub(crate) async fn override_of(&self, vertex: u32) -> Option<i32> {
        overrides_of(&self.get().await.unwrap()).get(&testkit::job::id(vertex)).copied()
    }
}

/// The overrides in a resource's spec.
pub(crate) fn overrides_of(object: &DynamicObject) -> BTreeMap<String, i32> {
    let text = object.data["spec"]["flinkConfiguration"][OVERRIDES].as_str().unwrap_or_default();
    let entries = text.split(',').filter_map(|entry| entry.split_once(':'));
    entries.map(|(vertex, parallelism)| (vertex.to_owned(), parallelism.parse().unwrap())).collect()
}

/// Gives the rights of `text` to a user who has none; a kubeconfig of that user.
pub(crate) async fn with_rights(namespace: &TestNamespace, text: &str) -> NamedTempFile {
    for mut object in serde_saphyr::from_multiple::<Value>(text).unwrap() {
        let kind = object["kind"].as_str().unwrap().to_owned();
        if kind == "ServiceAccount" {
            continue;
        }
        if kind.ends_with("Binding") {
            object["subjects"] = json!([{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": NOBODY}]);
        }
        let kind = ApiResource::from_gvk(&GroupVersionKind::gvk("rbac.authorization.k8s.io", "v1", &kind));
        let place = object["metadata"]["namespace"].as_str().unwrap_or(&namespace.name);
        let api = Api::<DynamicObject>::namespaced_with(namespace.client().await, place, &kind);
        api.create(&PostParams::default(), &serde_json::from_value(object).unwrap()).await.unwrap();
    }
    let text = std::fs::read_to_string(&namespace.server.kubeconfig).unwrap();
    let mut kubeconfig: Value = serde_saphyr::from_str(&text).unwrap();
    kubeconfig["current-context"] = NOBODY.into();
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), kubeconfig.to_string()).unwrap();
    file
}

/// The program, running; killed when dropped.
pub(crate) struct Started {
    program: Child,
    log: NamedTempFile,
}

impl Started {
    pub(crate) fn new(kubeconfig: &Path, options: &[(&str, &str)]) -> Self {
        let log = NamedTempFile::new().unwrap();
        let mut program = Command::new(env!("CARGO_BIN_EXE_flink-autoscaler"));
        program.arg("run").args(options.iter().map(|(key, value)| format!("--{key}={value}")));
        program.env("KUBECONFIG", kubeconfig).env_remove("FLINK_CONF_DIR").env_remove("RUST_LOG");
        program.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log.reopen().unwrap());
        Self { program: program.spawn().unwrap(), log }
    }

    pub(crate) fn said(&self) -> String {
        std::fs::read_to_string(self.log.path()).unwrap()
    }

    /// Waits until something is there, as long as it runs.
    pub(crate) async fn found<T>(&mut self, what: &str, mut look: impl AsyncFnMut(&str) -> Option<T>) -> T {
        let deadline = Instant::now() + Duration::from_secs(300);
        loop {
            let said = std::fs::read_to_string(self.log.path()).unwrap();
            if let Some(found) = look(&said).await {
                return found;
            }
            let has_ended = self.program.try_wait().unwrap().is_some();
            assert!(!has_ended && Instant::now() < deadline, "ended, or not within five minutes: {what}\n{said}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Started {
    /// Sends it a signal, such as STOP.
    pub(crate) fn signal(&self, signal: &str) {
        servers::process::signal(self.program.id(), signal);
    }

    /// Waits until it has ended; what it said.
    pub(crate) async fn ended(mut self) -> String {
        let deadline = Instant::now() + Duration::from_secs(300);
        while self.program.try_wait().unwrap().is_none() {
            assert!(Instant::now() < deadline, "it runs: {}", self.said());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.said()
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        if std::thread::panicking() {
            #[expect(clippy::print_stdout, reason = "shown with the failed test")]
            {
                println!("--- {}:\n{}", self.program.id(), self.said());
            }
        }
        // One that has ended can't be killed, which is as good.
        let _ended = self.program.kill();
        let _status = self.program.wait();
    }
}
