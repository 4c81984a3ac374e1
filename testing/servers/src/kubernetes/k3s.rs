//! k3s in a container: an API server that is pulled instead of built.
//!
//! Its API server alone, so that it is what the one that is built here is: without kubelet, controllers and scheduler, no pod
//! ever runs.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::server::{directory, wait_until_ready, write_kubeconfig, write_tokens};
use super::{ApiServer, with_resources};
use crate::docker;

/// Of the version of the one that is built.
const IMAGE: &str = "rancher/k3s:v1.33.13-k3s1";
const PORT: &str = "6443";
/// Where k3s writes the authority that has signed its certificate.
const AUTHORITY: &str = "/var/lib/rancher/k3s/server/tls/server-ca.crt";
/// Where the users' tokens are put. Its own administrator has a key on an elliptic curve, which the operator's client can't read.
const TOKENS: &str = "/tokens.csv";
const WRITTEN_WITHIN: Duration = Duration::from_secs(120);
const SERVER: [&str; 10] = [
    "server",
    "--kube-apiserver-arg=token-auth-file=/tokens.csv",
    "--disable-agent",
    "--disable-controller-manager",
    "--disable-scheduler",
    "--disable-cloud-controller",
    "--disable-helm-controller",
    "--disable-network-policy",
    "--disable=coredns,local-storage,metrics-server,servicelb,traefik",
    // What it passes on to services goes by no agent: there is none.
    "--egress-selector-mode=disabled",
];

/// Has its image, which is pulled unless it is there; Docker shows how far it has come.
///
/// # Errors
/// No Docker engine answers, or it can't pull.
pub fn obtain(say: &dyn Fn(&str)) -> Result<()> {
    ensure!(docker::answers(), "no Docker engine answers");
    if docker::asked(&["image", "inspect", IMAGE]).is_ok() {
        return Ok(());
    }
    say(&format!("pulling {IMAGE} (once)"));
    let pulled = Command::new("docker").args(["pull", IMAGE]).status().context("can't start docker")?;
    ensure!(pulled.success(), "{IMAGE} can't be pulled");
    Ok(())
}

/// Starts one that ends with this process, and knows the operator's resources.
///
/// # Errors
/// Docker can't start it, or it does not come up; its last words are in the error.
pub fn start() -> Result<ApiServer> {
    let publish = format!("127.0.0.1::{PORT}");
    // As process 1 k3s would want to change its cgroup, which takes a privileged container.
    let create = ["create", "--init", "--publish", &publish, IMAGE];
    let container = docker::asked(&[&create[..], &SERVER].concat())?;
    docker::end_with_process(&container);
    up(&container).or_else(|problem| {
        let said = Command::new("docker").args(["logs", "--tail", "20", &container]).output();
        let said = said.map(|output| String::from_utf8_lossy(&output.stderr).into_owned()).unwrap_or_default();
        docker::asked(&["rm", "--force", "--volumes", &container])?;
        Err(problem.context(format!("{IMAGE} does not come up; it says:\n{said}")))
    })
}

fn up(container: &str) -> Result<ApiServer> {
    let directory = directory()?;
    let (tokens, authority) = (write_tokens(&directory)?, directory.join("ca.pem"));
    docker::asked(&["cp", &tokens.display().to_string(), &format!("{container}:{TOKENS}")])?;
    docker::asked(&["start", container])?;
    let (from, to) = (format!("{container}:{AUTHORITY}"), authority.display().to_string());
    let deadline = Instant::now() + WRITTEN_WITHIN;
    while let Err(problem) = docker::asked(&["cp", &from, &to]) {
        let runs = docker::asked(&["inspect", "--format", "{{.State.Running}}", container])? == "true";
        ensure!(runs && Instant::now() < deadline, "it has ended, or takes too long: {problem:#}");
        std::thread::sleep(Duration::from_millis(200));
    }
    let at = docker::asked(&["port", container, PORT])?;
    let kubeconfig = write_kubeconfig(&directory, &format!("https://{}", at.lines().next().unwrap_or_default()))?;
    let origin = format!("container {} of {IMAGE}", &container[..12.min(container.len())]);
    let server = ApiServer { kubeconfig, origin };
    wait_until_ready(&server)?;
    with_resources(&server)?;
    Ok(server)
}
