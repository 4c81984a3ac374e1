//! A stand-in for a cluster's REST API: jobs under steady load, each healthy or broken in one way we know of.
//!
//! Each job has a source (vertex 1) that reads 100 records/s and a keyed vertex (2) of which one subtask is always busy
//! with them and two are half busy, so that a healthy autoscaler scales it from 1 to 2. The answers have the shape of a real Flink's.

mod answers;
mod damage;
mod fault;
mod worlds;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use damage::{Damage, Endpoint};
pub use fault::Fault;
pub use worlds::StandInWorld;

/// A request that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The HTTP method.
    pub method: String,
    /// Path and query.
    pub path: String,
}

/// A running stand-in; dropping it closes its port.
#[derive(Debug)]
pub struct StandIn {
    address: SocketAddr,
    world: Arc<World>,
    server: JoinHandle<()>,
}

/// What the stand-in pretends.
#[derive(Debug)]
struct World {
    started: Instant,
    started_epoch_millis: i64,
    jobs: Mutex<BTreeMap<u32, Job>>,
    asked: Mutex<Vec<Asked>>,
    /// Whether everything about the cluster as a whole answers 500.
    is_broken: AtomicBool,
    /// Whether rescales are neither done nor answered.
    holds_rescales: AtomicBool,
    about: Mutex<About>,
    /// Endpoints whose answers are damaged, by the job's number, 0 for the cluster's; with how many were.
    damages: Mutex<BTreeMap<u32, (Endpoint, Damage, usize)>>,
}

/// What the cluster says of itself.
#[derive(Clone, Debug)]
struct About {
    version: String,
    scheduler: Option<String>,
    free_slots: u32,
}

/// One pretended job.
#[derive(Clone, Debug)]
struct Job {
    fault: Option<Fault>,
    /// Whether it has finished; the cluster still lists it.
    has_ended: bool,
    options: Vec<(String, String)>,
    /// Upper bounds of its two vertices.
    parallelism: BTreeMap<u32, i64>,
    running_since: Duration,
    /// How often it was rescaled.
    rescales: usize,
    /// How often to what it was already.
    needless_rescales: usize,
    /// Subtasks of vertex 2 that the load keeps busy.
    load: f64,
}

impl StandIn {
    /// Starts on a free port, without jobs.
    pub async fn start() -> Self {
        Self::start_at("127.0.0.1:0".parse().unwrap()).await
    }

    /// Starts at an address.
    pub async fn start_at(address: SocketAddr) -> Self {
        let epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let world = Arc::new(World {
            started: Instant::now(),
            started_epoch_millis: i64::try_from(epoch.as_millis()).unwrap_or(0),
            jobs: Mutex::default(),
            asked: Mutex::default(),
            is_broken: AtomicBool::new(false),
            holds_rescales: AtomicBool::new(false),
            about: Mutex::new(About {
                version: "1.20.1".to_owned(),
                scheduler: Some("adaptive".to_owned()),
                free_slots: 4,
            }),
            damages: Mutex::default(),
        });
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(answer).with_state(Arc::clone(&world));
        let server = tokio::spawn(async move {
            let _ended = axum::serve(listener, router).await;
        });
        Self { address, world, server }
    }

    /// The address it listens at.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL of its REST API.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Adds a job with options of its own, broken by `fault` if there is one.
    pub fn add_job(&self, number: u32, options: &[(&str, &str)], fault: Option<Fault>) {
        let options = options.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let running_since = self.world.started.elapsed();
        let job = Job {
            fault,
            has_ended: false,
            options,
            parallelism: [(1, 1), (2, 1)].into(),
            running_since,
            rescales: 0,
            needless_rescales: 0,
            load: 1.0,
        };
        self.world.jobs().insert(number, job);
    }

    /// Takes a job away.
    pub fn remove_job(&self, number: u32) {
        self.world.jobs().remove(&number);
    }

    /// Mends or breaks a job.
    pub fn set_fault(&self, number: u32, fault: Option<Fault>) {
        if let Some(job) = self.world.jobs().get_mut(&number) {
            job.fault = fault;
        }
    }

    /// Damages the answers of an endpoint of a job, or of the cluster (0), and no other.
    pub fn damage(&self, number: u32, endpoint: Endpoint, damage: Damage) {
        self.world.damages().insert(number, (endpoint, damage, 0));
    }

    /// Damages nothing any more.
    pub fn mend(&self) {
        self.world.damages().clear();
    }

    /// How many answers of a job, or of the cluster (0), were damaged since it was told to.
    pub fn damaged(&self, number: u32) -> usize {
        self.world.damages().get(&number).map_or(0, |(.., count)| *count)
    }

    /// Has a job restart as it is.
    pub fn restart_job(&self, number: u32) {
        let now = self.world.started.elapsed();
        if let Some(job) = self.world.jobs().get_mut(&number) {
            job.running_since = now;
        }
    }

    /// Has a job finish.
    pub fn end_job(&self, number: u32) {
        if let Some(job) = self.world.jobs().get_mut(&number) {
            job.has_ended = true;
        }
    }

    /// Breaks or mends everything about the cluster as a whole, but not its job list.
    pub fn set_broken(&self, broken: bool) {
        self.world.is_broken.store(broken, Ordering::Relaxed);
    }

    /// Leaves rescales undone and unanswered from now on, or no longer.
    pub fn hold_rescales(&self, holds: bool) {
        self.world.holds_rescales.store(holds, Ordering::Relaxed);
    }

    /// Has the cluster be of a version, with a scheduler (none: it is not configured), and so many of its 8 slots free.
    pub fn set_about(&self, version: &str, scheduler: Option<&str>, free_slots: u32) {
        let about = About { version: version.to_owned(), scheduler: scheduler.map(str::to_owned), free_slots };
        *self.world.about.lock().unwrap_or_else(PoisonError::into_inner) = about;
    }

    /// How often a job was rescaled.
    pub fn rescales(&self, number: u32) -> usize {
        self.world.jobs()[&number].rescales
    }

    /// How often a job was rescaled to what it was already.
    pub fn needless_rescales(&self, number: u32) -> usize {
        self.world.jobs()[&number].needless_rescales
    }

    /// Has a job run with other upper bounds, as somebody else than who asks it has had it rescaled.
    pub fn rescale(&self, number: u32, parallelism: &BTreeMap<u32, i64>) {
        let now = self.world.started.elapsed();
        if let Some(job) = self.world.jobs().get_mut(&number).filter(|job| job.parallelism != *parallelism) {
            (job.parallelism, job.running_since) = (parallelism.clone(), now);
        }
    }

    /// Has the load of a job keep so many subtasks of vertex 2 busy from now on.
    pub fn set_load(&self, number: u32, subtasks: f64) {
        if let Some(job) = self.world.jobs().get_mut(&number) {
            job.load = subtasks;
        }
    }

    /// Everything asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.world.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How often something was asked about a job, or put.
    pub fn count(&self, method: &str, number: u32) -> usize {
        let path = format!("/jobs/{}", testkit::job::id(number));
        self.asked().iter().filter(|asked| asked.method == method && asked.path.starts_with(&path)).count()
    }

    /// The upper bound of a job's vertex.
    pub fn parallelism(&self, number: u32, vertex: u32) -> i64 {
        self.world.jobs()[&number].parallelism[&vertex]
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl World {
    fn jobs(&self) -> std::sync::MutexGuard<'_, BTreeMap<u32, Job>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn about(&self) -> About {
        self.about.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn damages(&self) -> std::sync::MutexGuard<'_, BTreeMap<u32, (Endpoint, Damage, usize)>> {
        self.damages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How the answer to a request is to be damaged.
    fn damage_of(&self, method: &str, path: &str) -> Option<Damage> {
        let (asked, job) = Endpoint::of(method, path)?;
        let number = if job.is_empty() { 0 } else { u32::from_str_radix(job, 16).ok()? };
        let mut damages = self.damages();
        let (endpoint, damage, count) = damages.get_mut(&number)?;
        (*endpoint == asked).then(|| {
            *count += 1;
            *damage
        })
    }
}

async fn answer(State(world): State<Arc<World>>, request: Request) -> Response {
    let path = request.uri().path_and_query().map_or(String::new(), ToString::to_string);
    let method = request.method().to_string();
    world
        .asked
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(Asked { method: method.clone(), path: path.clone() });
    if method == "PUT" && world.holds_rescales.load(Ordering::Relaxed) {
        return std::future::pending().await;
    }
    let body = axum::body::to_bytes(request.into_body(), 1 << 20).await.unwrap_or_default();
    let damage = world.damage_of(&method, &path);
    let answer = match world.faulty(&path) {
        Some(fault) => fault.answer().await,
        None => answers::answer(&world, &method, &path, &body),
    };
    match damage {
        Some(damage) => {
            let whole = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap_or_default();
            damage.of(&whole).await
        }
        None => answer,
    }
}
