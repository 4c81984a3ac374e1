//! The binary on two real Flink clusters of different versions, one of which dies and comes back.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test that takes minutes and says how far it is")]

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use flink_rest::FlinkClient;
use serde_json::Value;
use servers::flink::{AutoscalerProcess, Cluster, ClusterSpec, Distribution, LoadCurve, SampleJob};
use servers::proxy::RecordingProxy;

const BINARY: &str = env!("CARGO_BIN_EXE_flink-autoscaler");
/// Records per second that one subtask just manages, and twice that.
const LOAD: u32 = 80;
const MORE: u32 = 2 * LOAD;
/// The time of a cycle by default: what a cluster that is away must not cost another.
const A_CYCLE: Duration = Duration::from_secs(60);

async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let start = Instant::now();
    while !is_so().await {
        assert!(start.elapsed() < Duration::from_secs(300), "it never is so that {what}");
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    println!("{what}: after {:?}", start.elapsed());
}

/// What the running process answers, and what it has stored.
struct Asked {
    api: FlinkClient,
    store: [String; 2],
}

impl Asked {
    /// The clusters and keys of the jobs that it knows.
    async fn jobs(&self) -> Vec<(String, String)> {
        let answer: Value = self.api.get("/api/v1/jobs").await.unwrap();
        let text = |job: &Value, name: &str| job[name].as_str().unwrap().to_owned();
        let jobs = answer["jobs"].as_array().unwrap();
        jobs.iter().map(|job| (text(job, "cluster"), text(job, "key"))).collect()
    }

    /// The state of all jobs, for people.
    fn stored(&self) -> String {
        let output = Command::new(BINARY).args(["state", "show"]).args(&self.store).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }
}

#[tokio::test]
async fn a_cluster_that_dies_costs_the_other_nothing() {
    let cache = servers::flink::cache_directory(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")));
    let [older, newer] =
        ["1.20", "2.2"].map(|version| Distribution::obtain(version, &cache, &|line| println!("{line}")).unwrap());
    let spec = ClusterSpec { slots: 8, ..ClusterSpec::default() };
    let mut dies = Cluster::start(&older, &spec).await.unwrap();
    let stays = Cluster::start(&newer, &spec).await.unwrap();
    let of_dying = LoadCurve::begin(dies.directory(), MORE).unwrap();
    let mut of_staying = LoadCurve::begin(stays.directory(), LOAD).unwrap();
    let work = Duration::from_millis(10);
    let lost = SampleJob::submit(&dies, &older, &of_dying, work).await.unwrap();
    let kept = SampleJob::submit(&stays, &newer, &of_staying, work).await.unwrap();
    let proxy = RecordingProxy::start(&stays.url()).await;

    let log = stays.directory().join("autoscaler.log");
    let endpoint = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let store = [
        "--autoscaler.standalone.state-store.type=sqlite".to_owned(),
        format!("--autoscaler.standalone.state-store.sqlite.file={}", stays.directory().join("state.db").display()),
    ];
    let addresses = format!("old={};new=http://127.0.0.1:{}", dies.url(), proxy.port());
    let mut options = vec![
        format!("--autoscaler.standalone.fetcher.flink-cluster.addresses={addresses}"),
        format!("--autoscaler.standalone.http.address={endpoint}"),
    ];
    options.extend(store.clone());
    let autoscaler = AutoscalerProcess::start(Path::new(BINARY), &log, &[], &options).unwrap();
    let asked = Asked { api: FlinkClient::new(&format!("http://{endpoint}"), Duration::from_secs(10)).unwrap(), store };
    let key = |cluster: &str, job: &SampleJob| format!("{cluster}/{}", job.id);
    let (of_lost, of_kept) = (key("old", &lost), key("new", &kept));

    until("the job of the older cluster is scaled", async || lost.snapshot().await.unwrap().slow_subtasks() > Some(1))
        .await;
    until("the state of both is stored", async || {
        let stored = asked.stored();
        stored.contains(&of_lost) && stored.contains(&of_kept)
    })
    .await;

    let lists = || proxy.passed().into_iter().filter(|passed| passed.path == "/jobs/overview").collect::<Vec<_>>();
    dies.kill();
    let killed = Instant::now();
    let before = lists().len();
    of_staying.step(MORE).unwrap();
    until("the other's job is scaled meanwhile", async || kept.snapshot().await.unwrap().slow_subtasks() > Some(1))
        .await;
    until("it had forty rounds", async || lists().len() >= before + 40).await;
    let times: Vec<Instant> = lists()[before - 1..].iter().map(|list| list.at).collect();
    let gap = times.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
    println!("rounds of the other while one is dead: {} in {:?}, at most {gap:?} apart", times.len(), killed.elapsed());
    assert!(gap < A_CYCLE / 2, "the other waits: {gap:?} between two rounds");
    assert!(asked.jobs().await.contains(&("old".to_owned(), of_lost.clone())), "it is not in the view");
    assert!(asked.stored().contains(&of_lost), "unknown is not gone");

    dies.bring_back(&older).await.unwrap();
    let again = SampleJob::submit(&dies, &older, &of_dying, work).await.unwrap();
    let of_again = key("old", &again);
    until("the new job is scaled", async || again.snapshot().await.unwrap().slow_subtasks() > Some(1)).await;
    until("the lost one is known to be gone", async || {
        let stored = asked.stored();
        stored.contains(&of_again) && !stored.contains(&of_lost)
    })
    .await;
    assert!(autoscaler.terminate().unwrap().success(), "SIGTERM does not end it with 0");
    let text = std::fs::read_to_string(&log).unwrap();
    let said = |words: &str| text.lines().filter(|line| line.contains(words) && line.contains("cluster=old")).count();
    assert_eq!(said("the cluster's jobs can be listed again"), 1, "{text}");
    assert!(!text.contains("ERROR"), "{text}");
}
