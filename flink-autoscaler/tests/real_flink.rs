//! The binary on a real Flink cluster: load up four-fold, and down again. What happened is read from Flink's own REST
//! answers.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test that takes minutes and says how far it is")]

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use servers::flink::{AutoscalerProcess, Cluster, ClusterSpec, Distribution, LoadCurve, SampleJob};
use servers::gateway::Gateway;
use servers::gateway::certificates::Authority;
use servers::proxy::RecordingProxy;
use tokio::sync::Mutex;

/// Records per second that one subtask just manages, and four times that.
const LOAD: u32 = 80;
const PEAK: u32 = 4 * LOAD;

/// Two clusters at once are too much for a small machine.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// Waits until the slow vertex has a parallelism, and returns the largest lag meanwhile.
async fn wait_for(job: &SampleJob, what: &str, within: Duration, is_right: impl Fn(i64) -> bool) -> f64 {
    let start = Instant::now();
    let mut worst: f64 = 0.0;
    loop {
        let now = job.snapshot().await.unwrap();
        let subtasks = now.slow_subtasks();
        worst = worst.max(now.lag.unwrap_or(0.0));
        if let Some(subtasks) = subtasks.filter(|subtasks| is_right(*subtasks)) {
            println!("{what}: {subtasks} subtasks after {:?}, lag at most {worst}", start.elapsed());
            return worst;
        }
        assert!(start.elapsed() < within, "{what}: {subtasks:?} subtasks after {within:?}, lag {worst}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// nginx in front of the cluster at a URL: it wants TLS, a client's certificate and a password. And the options that it takes.
fn secured(url: &str) -> (Gateway, Vec<String>) {
    let ours = Authority::new("ours");
    let (server, me) = (ours.server(&["127.0.0.1"]), ours.client("me"));
    let directives = format!(
        r#"ssl_certificate @/server.pem; ssl_certificate_key @/server.key; ssl_client_certificate @/ca.pem; ssl_verify_client on;
           location / {{ auth_basic "flink"; auth_basic_user_file @/users; proxy_pass {url}; }}"#
    );
    let ca = ours.certificate();
    let files = [
        ("server.pem", server.certificate.as_str()),
        ("server.key", &server.key),
        ("ca.pem", &ca),
        ("users", "me:{PLAIN}s3cret"),
        ("password", "s3cret\n"),
        ("me.pem", &me.certificate),
        ("me.key", &me.key),
    ];
    let gateway = Gateway::start(true, &directives, &files).unwrap();
    let file = |name: &str| gateway.file(name).display().to_string();
    let options = [
        ("host", "https://127.0.0.1".to_owned()),
        ("tls.ca-file", file("ca.pem")),
        ("tls.client-certificate-file", file("me.pem")),
        ("tls.client-key-file", file("me.key")),
        ("auth.username", "me".to_owned()),
        ("auth.password-file", file("password")),
    ];
    let key = "autoscaler.standalone.fetcher.flink-cluster";
    let options = options.iter().map(|(end, value)| format!("--{key}.{end}={value}")).collect();
    (gateway, options)
}

/// What `check` says of a cluster, once it has the sample job's metrics.
async fn checked(url: &str) -> String {
    let start = Instant::now();
    loop {
        let mut program = Command::new(env!("CARGO_BIN_EXE_flink-autoscaler"));
        program.args(["check", "--autoscaler.standalone.http.address=off", "--job.autoscaler.enabled=true"]);
        program.arg(format!("--autoscaler.standalone.fetcher.flink-cluster.host={url}")).env_remove("FLINK_CONF_DIR");
        let output = tokio::task::spawn_blocking(move || program.output().unwrap()).await.unwrap();
        let out = String::from_utf8(output.stdout).unwrap();
        if out.contains("its metrics are there") {
            return out;
        }
        assert!(start.elapsed() < Duration::from_secs(180), "the job has no metrics: {out}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// With the scheduler that Flink has by default, `check` tells what to set before anything is tried.
#[tokio::test]
async fn check_tells_the_scheduler_of_a_real_cluster() {
    let _alone = ONE_AT_A_TIME.lock().await;
    let cache = servers::flink::cache_directory(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")));
    let distribution = Distribution::obtain("2.2", &cache, &|line| println!("{line}")).unwrap();
    for (scheduler, expected) in [
        (
            "default",
            ["error    jobmanager.scheduler: default, which can't rescale", "error    it can't be rescaled in place"],
        ),
        ("adaptive", ["ok       jobmanager.scheduler: adaptive", "ok       it can be rescaled in place"]),
    ] {
        let spec = ClusterSpec { scheduler, ..ClusterSpec::default() };
        let cluster = Cluster::start(&distribution, &spec).await.unwrap();
        let curve = LoadCurve::begin(cluster.directory(), LOAD).unwrap();
        let _job = SampleJob::submit(&cluster, &distribution, &curve, Duration::from_millis(10)).await.unwrap();
        let out = checked(&cluster.url()).await;
        assert!(out.contains("Flink 2.2") && expected.iter().all(|line| out.contains(line)), "{scheduler}: {out}");
    }
}

/// Load x4 brings the slow vertex from 1 to at least 6 and the lag down; the load back brings it to at most 3.
async fn load_up_and_down(version: &str, is_secured: bool) {
    let _alone = ONE_AT_A_TIME.lock().await;
    let cache = servers::flink::cache_directory(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")));
    let distribution = Distribution::obtain(version, &cache, &|line| println!("{line}")).unwrap();
    let cluster = Cluster::start(&distribution, &ClusterSpec::default()).await.unwrap();
    let mut curve = LoadCurve::begin(cluster.directory(), LOAD).unwrap();
    let job = SampleJob::submit(&cluster, &distribution, &curve, Duration::from_millis(10)).await.unwrap();
    let proxy = RecordingProxy::start(&cluster.url()).await;
    let log = cluster.directory().join("autoscaler.log");
    let binary = Path::new(env!("CARGO_BIN_EXE_flink-autoscaler"));
    let gateway = is_secured.then(|| secured(&format!("http://127.0.0.1:{}", proxy.port())));
    let (port, mut options) = match &gateway {
        Some((gateway, options)) => (gateway.port(), options.clone()),
        None => (proxy.port(), Vec::new()),
    };
    options.push(AutoscalerProcess::on_port(port));
    let traces = cluster.directory().join("traces");
    options.push(format!("--autoscaler.standalone.record.directory={}", traces.display()));
    let autoscaler = AutoscalerProcess::start(binary, &log, &[], &options).unwrap();

    tokio::time::sleep(Duration::from_secs(25)).await;
    assert_eq!(job.settled().await.unwrap().slow_subtasks(), Some(1), "one subtask is enough for the first load");

    curve.step(PEAK).unwrap();
    let worst = wait_for(&job, "load x4", Duration::from_secs(300), |subtasks| subtasks >= 6).await;
    let start = Instant::now();
    loop {
        let lag = job.snapshot().await.unwrap().lag;
        if lag.is_some_and(|lag| lag < worst / 2.0) {
            break;
        }
        assert!(start.elapsed() < Duration::from_secs(180), "the lag does not shrink: {lag:?} of {worst}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }

    curve.step(LOAD).unwrap();
    wait_for(&job, "load back", Duration::from_secs(300), |subtasks| subtasks <= 3).await;

    job.settled().await.unwrap();
    let failures = job.failures().await.unwrap();
    assert!(failures.is_empty(), "the job failed: {failures:?}");
    let puts: Vec<_> = proxy.passed().into_iter().filter(|passed| passed.method == "PUT").collect();
    println!("Flink {version}: {} PUTs", puts.len());
    assert!(!puts.is_empty());
    assert!(puts.iter().all(|put| put.status == 200), "{puts:?}");
    assert!(autoscaler.terminate().unwrap().success(), "SIGTERM does not end it with 0");
    let text = std::fs::read_to_string(&log).unwrap();
    assert!(text.contains("Scaling execution enabled"), "{text}");
    assert!(!text.contains("ERROR") && !text.contains("s3cret"), "{text}");
    check_recording(binary, &traces);
}

/// What was recorded replays to the decisions that the process made, and with another utilization target to others.
fn check_recording(binary: &Path, traces: &Path) {
    let replay = |options: &[&str]| {
        let output = Command::new(binary).arg("replay").arg(traces).args(options).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let (code, told, errors) = replay(&["--diff"]);
    println!("{told}{errors}");
    assert_eq!(code, Some(0), "{told}{errors}");
    let target = ["--job.autoscaler.utilization.target", "0.5"];
    let (code, told, _) = replay(&[&["--diff"], &target[..]].concat());
    assert_eq!(code, Some(1), "{told}");
    let (_, told, _) = replay(&[&["--summary"], &target[..]].concat());
    println!("{told}");
    assert!(!told.contains("decisions that differ: 0"), "{told}");
    let (_, told, _) = replay(&[&["--explain"], &target[..]].concat());
    assert!(told.contains("at 50 % utilization"), "{told}");
}

#[tokio::test]
async fn flink_1_20_follows_its_load() {
    load_up_and_down("1.20", false).await;
}

#[tokio::test]
async fn flink_2_2_behind_a_gateway_follows_its_load() {
    load_up_and_down("2.2", true).await;
}
