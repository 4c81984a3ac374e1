//! The program before a real YARN with Flink in each of its modes. What came of it is read from the ResourceManager's own answers and
//! from Flink's.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test that takes minutes and says how far it is")]

#[path = "real_yarn/front.rs"]
mod front;

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use flink_rest::FlinkClient;
use front::Front;
use serde_json::Value;
use servers::flink::{AutoscalerProcess, DEFAULT_VERSION, Distribution, LoadCurve, SampleJob};
use servers::yarn::{FlinkOnYarn, Hadoop, Submission, Yarn};

/// Records per second that one subtask just manages, and four times that.
const LOAD: u32 = 80;
const PEAK: u32 = 4 * LOAD;

/// Two applications have a job of this id.
const SHARED: &str = "13131313131313131313131313131313";

/// Longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(300);

/// Waits until something holds; the log of the program is shown where it does not in time.
async fn within_patience<T>(what: &str, log: &Path, mut holds: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = holds().await {
            println!("{what}: after {:?}", begun.elapsed());
            return found;
        }
        if begun.elapsed() > PATIENCE {
            let said = std::fs::read_to_string(log).unwrap_or_default();
            let last: Vec<&str> = said.lines().rev().take(60).collect();
            println!("{}", last.into_iter().rev().collect::<Vec<_>>().join("\n"));
        }
        assert!(begun.elapsed() < PATIENCE, "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// The ids of an application's jobs, as its JobManager tells them by the ResourceManager's proxy.
async fn jobs(yarn: &Yarn, application: &Value) -> Option<Vec<String>> {
    let base = proxied(yarn, application);
    let overview: Value = FlinkClient::new(&base, Duration::from_secs(30)).ok()?.get("/jobs/overview").await.ok()?;
    let jobs = overview["jobs"].as_array()?.iter().filter(|job| job["state"] == "RUNNING");
    Some(jobs.map(|job| job["jid"].as_str().unwrap_or_default().to_owned()).collect())
}

/// Where the proxy has an application's JobManager, whichever attempt it is in.
fn proxied(yarn: &Yarn, application: &Value) -> String {
    format!("{}/proxy/{}", yarn.url(), application["id"].as_str().unwrap())
}

async fn containers(yarn: &Yarn, name: &str) -> Option<i64> {
    yarn.application(name).await.ok()?["runningContainers"].as_i64()
}

/// How many subtasks run; none where Flink, or the proxy before it, does not answer, or not all are deployed yet.
async fn subtasks(job: &SampleJob) -> Option<i64> {
    job.snapshot().await.ok()?.slow_subtasks()
}

/// What the program has stored of jobs: the ids.
fn stored(file: &str) -> String {
    let mut program = Command::new(env!("CARGO_BIN_EXE_flink-autoscaler"));
    program.args(["state", "show", "--autoscaler.standalone.state-store.type=sqlite"]);
    program.arg(format!("--autoscaler.standalone.state-store.sqlite.file={file}")).env_remove("FLINK_CONF_DIR");
    let output = program.output().unwrap();
    [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat()
}

/// The program, before what stands before the ResourceManager and its proxy.
fn started(front: &Front, log: &Path, file: &str) -> AutoscalerProcess {
    let proxy = format!("{}/proxy", front.url());
    let options = [
        ("autoscaler.standalone.fetcher.type", "YARN"),
        ("autoscaler.standalone.fetcher.yarn.resource-managers", &front.url()),
        ("autoscaler.standalone.fetcher.yarn.proxy-address", &proxy),
        ("autoscaler.standalone.state-store.type", "sqlite"),
        ("autoscaler.standalone.state-store.sqlite.file", file),
        ("autoscaler.standalone.http.address", "off"),
        ("job.autoscaler.vertex.max-parallelism", "6"),
    ];
    let options: Vec<_> = options.iter().map(|(key, value)| format!("--{key}={value}")).collect();
    AutoscalerProcess::start(Path::new(env!("CARGO_BIN_EXE_flink-autoscaler")), log, &[], &options).unwrap()
}

/// An application, a session with two jobs, a per-job application and one that has another's job id, watched by one process, the first
/// by the proxy and the others directly: load up four-fold, the ResourceManager restarted and a JobManager killed meanwhile, and load down
/// with the session by the proxy.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_application_is_scaled_by_both_roads_through_restarts() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let say = |line: &str| println!("{line}");
    let distribution = Distribution::obtain(DEFAULT_VERSION, &servers::flink::cache_directory(root), &say).unwrap();
    let hadoop = Hadoop::obtain(&say).unwrap();
    let folder = tempfile::Builder::new().prefix("yarn-").tempdir().unwrap().keep();
    let mut yarn = Yarn::start(&hadoop, &folder, 0).await.unwrap();
    let (log, file) = (folder.join("autoscaler.log"), folder.join("state.db").display().to_string());
    let mut curve = LoadCurve::begin(&folder, LOAD).unwrap();
    let (one, session, per_job, twin, mut sampled) = {
        let flink = FlinkOnYarn::new(&yarn, &distribution).unwrap();
        let shared = [("$internal.pipeline.job-id", SHARED)];
        let (one, session, per_job) = tokio::try_join!(
            flink.submit("one", Submission::Application(&curve), &shared),
            flink.submit("two", Submission::Session, &[("yarn.tags", "autoscale")]),
            flink.submit("old", Submission::PerJob(&curve), &[]),
        )
        .unwrap();
        let twin = flink.submit("twin", Submission::Application(&curve), &shared).await.unwrap();
        let direct = format!("http://{}", session["amRPCAddress"].as_str().unwrap());
        let mut sampled = Vec::new();
        for _ in 0..2 {
            sampled.push(
                SampleJob::submit_to(&direct, &folder, &distribution, &curve, Duration::from_millis(10)).await.unwrap(),
            );
        }
        (one, session, per_job, twin, sampled)
    };
    let id = SHARED.to_owned();
    for application in [&one, &twin] {
        within_patience("its job runs", &log, async || (jobs(&yarn, application).await? == [SHARED]).then_some(()))
            .await;
    }
    sampled.push(SampleJob { id: id.clone(), url: proxied(&yarn, &one) });
    let twin_job = SampleJob { id: id.clone(), url: proxied(&yarn, &twin) };

    // 1 to at least 4, for which there are new containers: two for each job, one of which was there, and the JobManager's.
    let front = Front::before(&yarn.url()).await;
    front.hide(&one);
    let program = started(&front, &log, &file);
    curve.step(PEAK).unwrap();
    for job in &sampled {
        let what = format!("load x4, job {}", job.id);
        within_patience(&what, &log, async || subtasks(job).await.filter(|count| *count >= 4)).await;
    }
    let up = within_patience("containers of the application", &log, async || {
        containers(&yarn, "one").await.filter(|count| *count > 2)
    })
    .await;
    let two_up = within_patience("containers of the session", &log, async || {
        containers(&yarn, "two").await.filter(|count| *count > 4)
    })
    .await;
    assert!(!front.rescaled(&one).is_empty(), "by the proxy, as there is no other way");
    assert_eq!(front.rescaled(&session), [""; 0], "directly");
    // What can't be rescaled is said to be so.
    let said = async || std::fs::read_to_string(&log).unwrap();
    within_patience("the per-job application", &log, async || {
        said().await.contains("submit it in application mode").then_some(())
    })
    .await;
    let left = within_patience("its jobs", &log, async || jobs(&yarn, &per_job).await).await;
    assert_eq!(left.len(), 1);
    // Of two with one job id the younger is left alone.
    let refused = format!("the job is left alone in {}", twin["id"].as_str().unwrap());
    within_patience("the conflict", &log, async || {
        let event = |line: &str| line.contains(&refused) && line.contains("AutoscalerConflict");
        said().await.lines().any(event).then_some(())
    })
    .await;
    assert_eq!(within_patience("the younger's subtasks", &log, async || subtasks(&twin_job).await).await, 1);
    // Its end is no end of the job that has the id.
    yarn.cancel(&twin, &id).await.unwrap();

    // The ResourceManager is away for a while: nothing is forgotten.
    yarn.kill_manager();
    within_patience("it is noticed", &log, async || {
        said().await.contains("none of 1 ResourceManagers is active").then_some(())
    })
    .await;
    assert!(stored(&file).contains(&id), "{}", stored(&file));
    yarn.start_manager().unwrap();
    within_patience("the ResourceManager is back, with its applications", &log, async || {
        let application = yarn.application("one").await.ok()?;
        (application["state"] == "RUNNING" && application["runningContainers"].as_i64()? >= 3).then_some(())
    })
    .await;

    // Its JobManager dies: the next attempt is at another place, with the same job as wide as it was.
    let before = within_patience("its attempt", &log, async || yarn.application("one").await.ok()).await;
    for pid in yarn.job_manager(&before) {
        Command::new("kill").args(["-KILL", &pid.to_string()]).status().unwrap();
    }
    let after = within_patience("another attempt", &log, async || {
        let now = yarn.application("one").await.ok()?;
        (now["state"] == "RUNNING" && now["amContainerLogs"] != before["amContainerLogs"]).then_some(now)
    })
    .await;
    assert_ne!(after["amRPCAddress"], before["amRPCAddress"]);
    let asked = front.questions(&one);
    within_patience("the job is back", &log, async || subtasks(&sampled[2]).await.filter(|count| *count >= 4)).await;
    assert_eq!(within_patience("its jobs", &log, async || jobs(&yarn, &after).await).await, [id.as_str()]);
    within_patience("it is followed, for some cycles", &log, async || {
        let is_told = said().await.lines().any(|line| line.contains(" busy=") && line.contains("attempt=2"));
        (is_told && front.questions(&one) > asked + 30).then_some(())
    })
    .await;
    let rescaled = front.rescaled(&one);
    assert!(rescaled.windows(2).all(|two| two[0] != two[1]), "the same twice: {rescaled:#?}");
    assert_eq!(within_patience("its jobs", &log, async || jobs(&yarn, &after).await).await, [id.as_str()]);
    assert!(stored(&file).contains(&id), "{}", stored(&file));
    assert!(program.terminate().unwrap().success());

    // Back to what the load takes, by the other road each, and containers are given back.
    front.hide(&session);
    let by_proxy = front.rescaled(&one).len();
    let program = started(&front, &log, &file);
    curve.step(LOAD).unwrap();
    for job in &sampled {
        let what = format!("load back, job {}", job.id);
        within_patience(&what, &log, async || subtasks(job).await.filter(|count| *count <= 2)).await;
    }
    within_patience("containers are given back", &log, async || {
        let fewer = containers(&yarn, "one").await? < up && containers(&yarn, "two").await? < two_up;
        fewer.then_some(())
    })
    .await;
    assert!(!front.rescaled(&session).is_empty(), "by the proxy");
    assert_eq!(front.rescaled(&one).len(), by_proxy, "directly");

    // An end that the ResourceManager confirms takes the state with it, and nobody else's.
    yarn.cancel(&after, &id).await.unwrap();
    within_patience("the state of the ended job goes", &log, async || (!stored(&file).contains(&id)).then_some(()))
        .await;
    assert!(stored(&file).contains(&sampled[0].id), "{}", stored(&file));
    let two = within_patience("the session", &log, async || yarn.application("two").await.ok()).await;
    assert_eq!(session["id"], two["id"]);
    assert!(program.terminate().unwrap().success());
}
