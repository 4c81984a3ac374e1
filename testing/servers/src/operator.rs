//! The real Flink Kubernetes Operator, in front of an API server without nodes: its jars from Maven Central, kept under
//! `target/kubernetes`, and those of a newer Flink in place of the ones it was built with.
//!
//! There is no kubelet, so that no pod of a cluster ever runs: a cluster that runs on this machine stands for it, and
//! [`available`] and [`play_controller`] do what the controller of Deployments would. The operator then finds its REST API on
//! this machine, as it does whenever it runs outside of Kubernetes.

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Result;
use k8s_openapi::api::apps::v1::Deployment;
use kube::Api;
use kube::api::{ListParams, Patch, PatchParams};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::flink::Distribution;
use crate::kubernetes::{ApiServer, TestNamespace, cache, locked};
use crate::maven;
use crate::process::{signal, spawn_for_this_process};
use crate::waiting::until;

/// The operator's version.
pub const VERSION: &str = "1.7.0";
const POM: &str = include_str!("../kubernetes/operator.pom");

/// How soon it looks again, and that it writes nothing outside of its directory.
const CONFIGURATION: &str = "\
kubernetes.operator.reconcile.interval: 2 s
kubernetes.operator.observer.rest-ready.delay: 1 s
kubernetes.operator.observer.progress-check.interval: 1 s
kubernetes.operator.health.probe.enabled: false
";

const LOGGING: &str = "\
rootLogger.level = INFO
rootLogger.appenderRef.console.ref = console
appender.console.name = console
appender.console.type = CONSOLE
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{HH:mm:ss,SSS} %-5p %c{1} %X{resource.name} - %m%n
";

fn place() -> PathBuf {
    cache().join(format!("flink-kubernetes-operator-{VERSION}"))
}

/// Whether its jars are there.
pub fn is_there() -> bool {
    place().exists()
}

/// Downloads its jars with Maven, unless they are there: once for all processes, which wait for each other.
///
/// # Errors
/// There is no Maven, or it can't download them.
pub fn obtain(say: &dyn Fn(&str)) -> Result<PathBuf> {
    let (_cache, _lock) = locked()?;
    let place = place();
    if place.exists() {
        return Ok(place);
    }
    say(&format!("downloading the Flink Kubernetes Operator {VERSION} from Maven Central (90 MB, once)"));
    let advice = format!("flink-kubernetes-operator {VERSION}; on Debian or Ubuntu: apt-get install -y maven");
    maven::download(POM, &place, &advice, |jars| {
        for jar in std::fs::read_dir(jars)? {
            let jar = jar?;
            if is_of_flink(&jar.file_name().to_string_lossy()) {
                std::fs::remove_file(jar.path())?;
            }
        }
        Ok(())
    })?;
    Ok(place)
}

/// Whether the jar is one of Flink's own, of which a newer one is used: the one it was built with can't read what a newer Flink
/// tells of a job.
fn is_of_flink(jar: &str) -> bool {
    const OWN: [&str; 4] =
        ["flink-kubernetes-operator", "flink-kubernetes-standalone", "flink-autoscaler", "flink-shaded-guava"];
    jar.starts_with("flink-") && !OWN.iter().any(|own| jar.starts_with(own))
}

/// A running operator; ended when dropped, and when this process ends.
#[derive(Debug)]
pub struct Operator {
    process: u32,
    directory: TempDir,
}

impl Operator {
    /// Starts one that looks after a namespace, or all of them, with the jars of `distribution`. `say` is told what takes long.
    ///
    /// # Errors
    /// Its jars can't be had, or Java can't be started.
    pub fn start(
        distribution: &Distribution,
        server: &ApiServer,
        namespace: Option<&str>,
        say: &dyn Fn(&str),
    ) -> Result<Self> {
        let jars = obtain(say)?;
        let directory = TempDir::new()?;
        let path = |name: &str| directory.path().join(name);
        let mut of_its_own = format!("kubernetes.operator.user.artifacts.base.dir: {}\n", path("artifacts").display());
        if let Some(namespace) = namespace {
            of_its_own.push_str(&format!("kubernetes.operator.watched.namespaces: {namespace}\n"));
        }
        std::fs::write(path("flink-conf.yaml"), [CONFIGURATION, &of_its_own].concat())?;
        std::fs::write(path("log4j.properties"), LOGGING)?;
        let setting = |name: &str, value: &Path| format!("{name}={}", value.display());
        // In a cluster it would look for the REST API at the service's name.
        let mut java = Command::new("env");
        java.args(["-u", "KUBERNETES_SERVICE_HOST"]);
        java.arg(setting("KUBECONFIG", &server.kubeconfig));
        java.arg(setting("FLINK_CONF_DIR", directory.path()));
        java.arg("OPERATOR_NAME=operator").arg(format!("OPERATOR_NAMESPACE={}", namespace.unwrap_or("default")));
        java.args(["java", "-Xmx512m", "--add-opens", "java.base/java.util=ALL-UNNAMED"]);
        java.args(["--add-opens", "java.base/java.lang=ALL-UNNAMED"]);
        java.arg(setting("-Dlog4j.configurationFile", &path("log4j.properties")));
        java.arg("-cp").arg(format!("{}:{}/*", distribution.dist_jar()?.display(), jars.display()));
        java.arg("org.apache.flink.kubernetes.operator.FlinkOperator");
        let process = spawn_for_this_process(java, path("operator.log"))?;
        Ok(Self { process, directory })
    }

    /// Its files; its log is `operator.log` there.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// What it has logged.
    pub fn said(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("operator.log")).unwrap_or_default()
    }

    /// Sends it a signal, such as `STOP`.
    pub fn signal(&self, name: &str) {
        signal(self.process, name);
    }
}

impl Drop for Operator {
    fn drop(&mut self) {
        if std::thread::panicking() {
            #[expect(clippy::print_stdout, reason = "shown with the failed test")]
            {
                println!("--- the operator:\n{}", self.said());
            }
        }
        // One that has ended can't be killed, which is as good.
        let _ended = Command::new("kill").args(["-KILL", &self.process.to_string()]).status();
    }
}

/// Has a cluster's Deployment be available once the operator has made it.
pub async fn available(namespace: &TestNamespace, name: &str) {
    let deployments = Api::<Deployment>::namespaced(namespace.client().await, &namespace.name);
    until("the operator deploys the cluster", async || deployments.get_opt(name).await.unwrap()).await;
    deployments.patch_status(name, &PatchParams::default(), &Patch::Merge(all_available())).await.unwrap();
}

fn all_available() -> Value {
    let counts = json!({"replicas": 1, "availableReplicas": 1, "readyReplicas": 1, "updatedReplicas": 1});
    json!({"status": counts})
}

/// Has every Deployment that there is be available within a second, as their controller does where pods run. Ends with the
/// first request that fails.
///
/// # Errors
/// The API server does not do what it is asked.
pub async fn play_controller(client: &kube::Client) -> Result<Infallible> {
    let all = Api::<Deployment>::all(client.clone());
    loop {
        for deployment in all.list(&ListParams::default()).await? {
            let is_available = deployment.status.as_ref().is_some_and(|status| status.available_replicas.is_some());
            if let (false, Some(name)) = (is_available, deployment.metadata.name) {
                let namespace = deployment.metadata.namespace.unwrap_or_default();
                let of_it = Api::<Deployment>::namespaced(client.clone(), &namespace);
                of_it.patch_status(&name, &PatchParams::default(), &Patch::Merge(all_available())).await?;
            }
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
