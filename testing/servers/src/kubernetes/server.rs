//! An API server that ends with this process.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::json;

use super::{ApiServer, NOBODY, programs};
use crate::gateway::certificates::Authority;
use crate::process::spawn_for_this_process;

const START_WITHIN: Duration = Duration::from_secs(120);
/// Begins the names of the directories; the process's id and a number follow.
const PREFIX: &str = "flink-autoscaler-kubernetes-";

/// A server of this process's own: etcd stays, and what serves it can be ended and started again.
#[derive(Debug)]
pub(super) struct Own {
    pub(super) server: ApiServer,
    program: PathBuf,
    etcd_url: String,
    directory: PathBuf,
    pub(super) port: u16,
}

impl Own {
    /// etcd runs, and the API server can be [started](Self::start).
    #[expect(clippy::print_stderr, reason = "a build of minutes is said where it is waited for")]
    pub(super) fn new() -> Result<Self> {
        let programs = programs::obtain(&|line| eprintln!("{line}"))?;
        let directory = directory()?;
        let (etcd_port, port) = (free_port()?, free_port()?);
        let etcd_url = format!("http://127.0.0.1:{etcd_port}");
        let mut etcd = Command::new(programs.etcd);
        etcd.arg("--data-dir").arg(directory.join("etcd")).args(["--listen-client-urls", &etcd_url]);
        etcd.args(["--advertise-client-urls", &etcd_url, "--listen-peer-urls", "http://127.0.0.1:0"]);
        // A test's data may be lost.
        etcd.arg("--unsafe-no-fsync");
        spawn_for_this_process(etcd, directory.join("etcd.log"))?;
        let kubeconfig = write_files(&directory, &format!("https://127.0.0.1:{port}"))?;
        let server = ApiServer { kubeconfig, origin: "started from programs under target/kubernetes".to_owned() };
        Ok(Self { server, program: programs.api_server, etcd_url, directory, port })
    }

    /// Starts the API server and waits until it is ready; its process id.
    pub(super) fn start(&self) -> Result<u32> {
        let url = format!("https://127.0.0.1:{}", self.port);
        let log = self.directory.join("kube-apiserver.log");
        let mut server = Command::new(&self.program);
        server.args(["--etcd-servers", &self.etcd_url, "--bind-address", "127.0.0.1"]);
        server.args(["--advertise-address", "127.0.0.1", "--endpoint-reconciler-type", "none"]);
        server.args(["--secure-port", &self.port.to_string()]);
        server.args(["--service-cluster-ip-range", "10.0.0.0/24", "--authorization-mode", "RBAC"]);
        server.args(["--disable-admission-plugins", "ServiceAccount", "--service-account-issuer", &url]);
        for (option, file) in [
            ("--cert-dir", "certificates"),
            ("--token-auth-file", "tokens.csv"),
            ("--tls-cert-file", "server.pem"),
            ("--tls-private-key-file", "server.key"),
            ("--service-account-key-file", "server.pem"),
            ("--service-account-signing-key-file", "server.key"),
        ] {
            server.arg(option).arg(self.directory.join(file));
        }
        let process = spawn_for_this_process(server, log.clone())?;
        wait_until_ready(&self.server).with_context(|| format!("its log is {}", log.display()))?;
        Ok(process)
    }
}

/// Tokens, certificates, and a kubeconfig.
fn write_files(directory: &Path, url: &str) -> Result<PathBuf> {
    let authority = Authority::new("testing");
    let identity = authority.server(&["127.0.0.1", "localhost"]);
    std::fs::write(directory.join("ca.pem"), authority.certificate())?;
    std::fs::write(directory.join("server.pem"), identity.certificate)?;
    std::fs::write(directory.join("server.key"), identity.key)?;
    write_tokens(directory)?;
    write_kubeconfig(directory, url)
}

/// The file with the tokens of two users.
pub(super) fn write_tokens(directory: &Path) -> Result<PathBuf> {
    let path = directory.join("tokens.csv");
    let tokens = format!("admin-of-a-test,admin,1,\"system:masters\"\nnobody-of-a-test,{NOBODY},2\n");
    std::fs::write(&path, tokens)?;
    Ok(path)
}

/// A kubeconfig of the two, for a server whose certificate is signed by the authority in `ca.pem`.
pub(super) fn write_kubeconfig(directory: &Path, url: &str) -> Result<PathBuf> {
    let context = |user: &str| json!({"name": user, "context": {"cluster": "testing", "user": user}});
    let user = |user: &str| json!({"name": user, "user": {"token": format!("{user}-of-a-test")}});
    // YAML is JSON, too.
    let text = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "admin",
        "clusters": [{"name": "testing", "cluster": {"server": url, "certificate-authority": directory.join("ca.pem")}}],
        "contexts": [context("admin"), context(NOBODY)],
        "users": [user("admin"), user(NOBODY)],
    });
    let path = directory.join("kubeconfig");
    std::fs::write(&path, serde_json::to_string_pretty(&text)?)?;
    Ok(path)
}

/// A directory of one server; it is removed by a later process once this one is gone.
pub(super) fn directory() -> Result<PathBuf> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    remove_leftovers();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let directory = std::env::temp_dir().join(format!("{PREFIX}{}-{count}", std::process::id()));
    std::fs::create_dir_all(&directory)?;
    Ok(directory)
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0").context("no free port")?.local_addr()?.port())
}

/// Waits until it serves; it was started just now.
pub(super) fn wait_until_ready(server: &ApiServer) -> Result<()> {
    let server = server.clone();
    let waiting = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let client = server.client(None).await?;
            let deadline = Instant::now() + START_WITHIN;
            loop {
                let request = kube::core::Request::new("").get("readyz", &kube::api::GetParams::default())?;
                match client.request_text(request).await {
                    Ok(_) => return Ok(()),
                    Err(error) if Instant::now() > deadline => bail!("not ready within {START_WITHIN:?}: {error}"),
                    Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
                }
            }
        })
    });
    waiting.join().map_err(|_| anyhow::anyhow!("waiting for the API server panicked"))?
}

/// Directories of processes that are gone.
fn remove_leftovers() {
    let Ok(entries) = std::fs::read_dir(std::env::temp_dir()) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let process = name.strip_prefix(PREFIX).and_then(|rest| rest.split('-').next()?.parse::<u32>().ok());
        if process.is_some_and(|id| !Path::new(&format!("/proc/{id}")).exists()) {
            let _removed = std::fs::remove_dir_all(entry.path());
        }
    }
}
