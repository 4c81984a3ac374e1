//! The binary on a real Flink cluster, with a job that fails with more subtasks than it can have: it is scaled, fails, is put
//! back in place, and is not sent there again.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test that takes minutes and says how far it is")]

use std::path::Path;
use std::time::{Duration, Instant};

use servers::flink::{AutoscalerProcess, Cluster, ClusterSpec, Distribution, JobSnapshot, LoadCurve, SampleJob};

/// Records per second that one subtask just manages.
const LOAD: u32 = 80;
/// Subtasks beyond which the slow vertex fails.
const MOST: u32 = 4;

/// Waits until the job is as it should be; the log is shown where it never is.
async fn wait_for(
    job: &SampleJob,
    log: &Path,
    what: &str,
    is_right: impl Fn(&JobSnapshot, &str) -> bool,
) -> JobSnapshot {
    let start = Instant::now();
    loop {
        let (now, text) = (job.snapshot().await.unwrap(), std::fs::read_to_string(log).unwrap());
        if is_right(&now, &text) {
            println!("{what}: {:?} subtasks, lag {:?}, after {:?}", now.slow_subtasks(), now.lag, start.elapsed());
            return now;
        }
        let told = now.slow_subtasks();
        assert!(start.elapsed() < Duration::from_secs(240), "{what}: {} with {told:?} subtasks\n{text}", now.state);
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// What a vertex was scaled up to, in the order of the log.
fn tried(log: &str, vertex: &str) -> Vec<i64> {
    let changes = log.lines().filter_map(|line| line.split_once("Rescaling in place: ")?.1.split_once(vertex));
    let ends = changes.filter_map(|(_, change)| {
        let mut words = change.split_whitespace();
        let (from, _, to) = (words.next()?, words.next()?, words.next()?.trim_end_matches(','));
        Some((from.parse::<i64>().ok()?, to.parse::<i64>().ok()?))
    });
    ends.filter(|(from, to)| to > from).map(|(_, to)| to).collect()
}

#[tokio::test]
async fn a_scaling_that_breaks_the_job_is_put_back_and_not_tried_again() {
    let cache = servers::flink::cache_directory(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")));
    let distribution = Distribution::obtain("2.2", &cache, &|line| println!("{line}")).unwrap();
    let cluster = Cluster::start(&distribution, &ClusterSpec::default()).await.unwrap();
    let mut curve = LoadCurve::begin(cluster.directory(), LOAD).unwrap();
    let work = Duration::from_millis(10);
    let job = SampleJob::submit_breaking(&cluster, &distribution, &curve, work, MOST).await.unwrap();
    let log = cluster.directory().join("autoscaler.log");
    let options = [
        format!("--autoscaler.standalone.fetcher.flink-cluster.host={}", cluster.url()),
        "--job.autoscaler.rollback.enabled=true".to_owned(),
        "--job.autoscaler.rollback.verify.duration=1 min".to_owned(),
    ];
    let autoscaler =
        AutoscalerProcess::start(Path::new(env!("CARGO_BIN_EXE_flink-autoscaler")), &log, &[], &options).unwrap();

    curve.step(4 * LOAD).unwrap();
    wait_for(&job, &log, "scaled", |_, log| log.contains("Scaling execution enabled")).await;
    wait_for(&job, &log, "put back", |_, log| log.contains("The last scaling did harm and is put back")).await;
    wait_for(&job, &log, "runs again", |now, _| now.state == "RUNNING" && now.slow_subtasks() == Some(1)).await;
    let failures = job.failures().await.unwrap();
    assert!(
        failures.iter().any(|failure| failure["exceptionName"] == "java.lang.IllegalStateException"),
        "{failures:?}"
    );

    // It still wants more, and says why it does not get it.
    wait_for(&job, &log, "held", |_, log| log.contains("it did harm and was put back (1 times): not tried again"))
        .await;
    curve.step(LOAD / 4).unwrap();
    let worst = job.settled().await.unwrap().lag.unwrap();
    wait_for(&job, &log, "less lag", |now, _| now.lag.is_some_and(|lag| lag < worst / 2.0)).await;
    assert!(autoscaler.terminate().unwrap().success(), "SIGTERM does not end it with 0");
    let text = std::fs::read_to_string(&log).unwrap();
    assert!(text.contains("put back: IllegalStateException") && !text.contains("more than 4 subtasks"), "{text}");
    let mut tried = tried(&text, &job.snapshot().await.unwrap().slow().unwrap().id);
    println!("tried: {tried:?}");
    assert!(tried[0] > i64::from(MOST), "{tried:?}");
    tried.sort_unstable();
    assert!(tried.windows(2).all(|pair| pair[0] != pair[1]), "it was sent there again: {tried:?}");
}
