//! A real Kubernetes API server for tests: etcd and kube-apiserver, without kubelet and controllers.
//!
//! The one whose kubeconfig `TEST_KUBECONFIG` names is used if it is set, else one is started from programs that [`go`] builds
//! once (six minutes on two cores) and that are kept under `target/kubernetes`: such a one takes no registry, and can be killed and
//! stopped. Where that can't be, the test fails and says why: nothing is skipped. What this process starts ends with it. There
//! are no controllers: nothing is garbage-collected, and a namespace that is deleted stays `Terminating`. [`k3s`] is one for people.

mod crds;
mod faulty;
pub mod go;
pub mod k3s;
mod programs;
mod server;

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use k8s_openapi::api::core::v1::Namespace;
use kube::api::{DeleteParams, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Api, Client, Config};

pub use faulty::FaultyApiServer;
pub use programs::{are_there, has_helm, helm, obtain};
#[cfg(feature = "flink")]
pub(crate) use programs::{cache, locked};

/// The environment variable that may name an API server: the path of a kubeconfig of somebody who may do everything.
pub const VARIABLE: &str = "TEST_KUBECONFIG";

/// The context of a user who may do nothing, in the kubeconfig of a server that was started here.
pub const NOBODY: &str = "nobody";

/// A running API server that knows FlinkDeployment and FlinkSessionJob.
#[derive(Clone, Debug)]
pub struct ApiServer {
    /// The kubeconfig of somebody who may do everything.
    pub kubeconfig: PathBuf,
    /// Where it came from.
    pub origin: String,
}

/// What was found, or why there is none.
static FOUND: Mutex<Option<Result<ApiServer, String>>> = Mutex::new(None);

impl ApiServer {
    /// The API server of this process; started when first asked for, which blocks.
    ///
    /// # Panics
    /// There is none and none can be started; the message says how to get one.
    pub fn of_this_process() -> Self {
        let mut found = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
        let known = found.get_or_insert_with(|| find().map_err(|why| format!("{why:#}"))).clone();
        drop(found);
        known.unwrap_or_else(|why| {
            panic!("no Kubernetes API server to test against: {why}; or name one's kubeconfig in {VARIABLE}")
        })
    }

    /// A client of it; `context` is one of the kubeconfig's, `None` the current one.
    ///
    /// # Errors
    /// The kubeconfig can't be read or has no such context.
    pub async fn client(&self, context: Option<&str>) -> Result<Client> {
        let read = Kubeconfig::read_from(&self.kubeconfig);
        let read = read.with_context(|| format!("can't use the kubeconfig {}", self.kubeconfig.display()))?;
        let options = KubeConfigOptions { context: context.map(str::to_owned), ..KubeConfigOptions::default() };
        let mut config = Config::from_custom_kubeconfig(read, &options).await?;
        config.read_timeout = Some(Duration::from_secs(30));
        Ok(Client::try_from(config)?)
    }
}

fn find() -> Result<ApiServer> {
    let named = std::env::var_os(VARIABLE).filter(|path| !path.is_empty());
    let server = match named {
        Some(path) => ApiServer { kubeconfig: path.into(), origin: format!("named by {VARIABLE}") },
        None => {
            let own = server::Own::new()?;
            own.start()?;
            own.server
        }
    };
    with_resources(&server)?;
    Ok(server)
}

/// Has it know the operator's resources.
fn with_resources(server: &ApiServer) -> Result<()> {
    // Tests' own runtimes can't be waited in.
    let there = server.clone();
    let waiting = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async { crds::make_known(&there.client(None).await?).await })
    });
    waiting.join().map_err(|_| anyhow::anyhow!("making the resources known panicked"))?.context("its resources")
}

/// A namespace of one test; deleted with it, kept where the test failed.
#[derive(Debug)]
pub struct TestNamespace {
    /// Its name.
    pub name: String,
    /// The API server it is on.
    pub server: ApiServer,
}

impl TestNamespace {
    /// Creates one.
    pub async fn create() -> Self {
        Self::create_on(tokio::task::spawn_blocking(ApiServer::of_this_process).await.unwrap()).await
    }

    /// Creates one on a server.
    pub async fn create_on(server: ApiServer) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        // A namespace of a process that had the same number may still be there.
        let name = format!("t{:x}-{}-{}", since.as_millis(), std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let mut namespace = Namespace::default();
        namespace.metadata.name = Some(name.clone());
        let all = Api::<Namespace>::all(server.client(None).await.unwrap());
        all.create(&PostParams::default(), &namespace).await.unwrap();
        Self { name, server }
    }

    /// A client of somebody who may do everything.
    pub async fn client(&self) -> Client {
        self.server.client(None).await.unwrap()
    }
}

impl Drop for TestNamespace {
    fn drop(&mut self) {
        if std::thread::panicking() {
            #[expect(clippy::print_stdout, reason = "shown with the failed test")]
            {
                println!("the namespace of the failed test is kept: {}", self.name);
            }
            return;
        }
        let (server, name) = (self.server.clone(), self.name.clone());
        // Dropping is not async; a thread of its own may wait.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let all = Api::<Namespace>::all(server.client(None).await.unwrap());
                all.delete(&name, &DeleteParams::default()).await.unwrap();
            });
        });
        let _ended = dropped.join();
    }
}
