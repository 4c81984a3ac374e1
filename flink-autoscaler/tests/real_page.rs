//! The pages of the binary on a real Flink cluster, in a browser: load up four-fold is scaled before the eyes of who looks, what
//! was recorded of it is compared, and the way back is approved by hand.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that takes minutes and says how far it is"
)]

use std::path::Path;
use std::time::{Duration, Instant};

use servers::browser::{Browser, Scheme};
use servers::flink::{AutoscalerProcess, Cluster, ClusterSpec, Distribution, LoadCurve, SampleJob};

/// Records per second that one subtask just manages, and four times that.
const LOAD: u32 = 80;
const PEAK: u32 = 4 * LOAD;
/// Nothing here takes longer on a machine that works.
const PATIENCE: Duration = Duration::from_secs(240);

/// Starts the autoscaler, and waits until it says where its pages are.
async fn started(cluster: &Cluster, name: &str, options: &[&str]) -> (AutoscalerProcess, String) {
    let log = cluster.directory().join(name);
    let mut all = vec![
        format!("--autoscaler.standalone.fetcher.flink-cluster.host={}", cluster.url()),
        "--autoscaler.standalone.http.address=127.0.0.1:0".to_owned(),
    ];
    all.extend(options.iter().map(|option| (*option).to_owned()));
    let binary = Path::new(env!("CARGO_BIN_EXE_flink-autoscaler"));
    let mut autoscaler = AutoscalerProcess::start(binary, &log, &[], &all).unwrap();
    loop {
        if let Some(address) = servers::flink::endpoint(&std::fs::read_to_string(&log).unwrap()) {
            return (autoscaler, format!("http://{address}"));
        }
        if let Some(last) = autoscaler.last_words() {
            panic!("{last}");
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The pages of the job, from the first one to its own.
async fn looked_at(url: &str) -> Browser {
    let browser = Browser::start(Scheme::Light).await.unwrap();
    browser.resize(1280, 1400).await.unwrap();
    browser.goto(url).await.unwrap();
    browser.until_there("tbody th a").await.unwrap();
    browser.run("document.querySelector('tbody th a').click()").await.unwrap();
    browser.until_there("main[data-state=live] #graph").await.unwrap();
    // What a page that is loaded again forgets.
    browser.run("window.isTheSamePage = true").await.unwrap();
    browser
}

/// Waits until a script finds what it looks for.
async fn until(browser: &Browser, what: &str, script: &str) {
    let start = Instant::now();
    while browser.run(script).await.unwrap() != true {
        if start.elapsed() > PATIENCE {
            let shown = browser.run("return document.body.innerText").await.unwrap();
            panic!("never: {what}; there is:\n{}", shown.as_str().unwrap_or_default());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    println!("{what}: after {:?}", start.elapsed());
}

/// Whether the box of the slow vertex has a colour.
fn coloured(colour: &str) -> String {
    format!("return [...document.querySelectorAll('.box.{colour}')].some((box) => box.textContent.includes('enrich'))")
}

#[tokio::test]
async fn who_looks_sees_load_and_scaling_tries_other_options_and_approves_the_way_back() {
    let begun = Instant::now();
    let cache = servers::flink::cache_directory(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")));
    let distribution = Distribution::obtain("2.2", &cache, &|line| println!("{line}")).unwrap();
    let cluster = Cluster::start(&distribution, &ClusterSpec::default()).await.unwrap();
    let mut curve = LoadCurve::begin(cluster.directory(), LOAD).unwrap();
    let job = SampleJob::submit(&cluster, &distribution, &curve, Duration::from_millis(10)).await.unwrap();
    println!("the job runs after {:?}", begun.elapsed());
    let traces = cluster.directory().join("traces");
    let record = format!("--autoscaler.standalone.record.directory={}", traces.display());

    let (autoscaler, url) = started(&cluster, "scales.log", &[&record]).await;
    let browser = looked_at(&url).await;
    until(&browser, "within its band", &coloured("within")).await;
    browser.keep("real-before").await.unwrap();
    curve.step(PEAK).unwrap();
    until(&browser, "above its band", &coloured("above")).await;
    // Fewer would do for what waits after a slow start.
    let more = "return [...document.querySelectorAll('.box')]
        .some((box) => box.textContent.includes('enrich') && Number(/×(\\d+)/.exec(box.textContent)?.[1]) >= 5)";
    until(&browser, "it runs with as many as it takes", more).await;
    let told = "return /outside its utilization band|Scaling execution enabled/.test(document.querySelector('main').textContent)
        && /Parallelism \\d -> ([5-9]|1\\d)/.test(document.querySelector('#latest').textContent)";
    until(&browser, "and that is told, with the reason", told).await;
    browser.keep("real-scaled").await.unwrap();
    assert_eq!(browser.run("return window.isTheSamePage").await.unwrap(), true, "nothing was loaded again");

    browser.follow("Try others").await.unwrap();
    browser.until_there("textarea").await.unwrap();
    let fill = "document.querySelector('textarea').value = 'job.autoscaler.utilization.target: 0.5'";
    browser.run(fill).await.unwrap();
    // A rescale is counted once metrics of after it are recorded.
    let rescales = "return Number(document.querySelector('td[data-label=Rescales]')?.textContent) >= 1";
    let start = Instant::now();
    loop {
        browser.click("form.tried button").await.unwrap();
        browser
            .until_shown(&["as it was", "with these options", "with the policy responsive", "target: '0.5'"])
            .await
            .unwrap();
        if browser.run(rescales).await.unwrap() == true {
            break;
        }
        assert!(start.elapsed() < PATIENCE, "the rescale that was is not counted");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    browser.check().await.unwrap();
    browser.keep("real-what-if").await.unwrap();
    assert!(autoscaler.terminate().unwrap().success(), "SIGTERM does not end it with 0");

    curve.step(LOAD).unwrap();
    let proposing = ["--job.autoscaler.scaling.enabled=false"];
    let (autoscaler, url) = started(&cluster, "proposes.log", &proposing).await;
    browser.goto(&url).await.unwrap();
    browser.until_there("tbody th a").await.unwrap();
    browser.run("document.querySelector('tbody th a').click()").await.unwrap();
    until(&browser, "less is proposed", "return document.querySelector('.proposal form') !== null").await;
    let subtasks = job.settled().await.unwrap().slow_subtasks().unwrap();
    browser.keep("real-proposal").await.unwrap();
    // Another one may be proposed a moment later, as rates still change: what was pressed for too late is asked for again.
    let press = "document.querySelector('.proposal form')?.submit();
        if (document.querySelector('h1')?.textContent === 'Not done') history.back();
        return document.querySelector('#latest')?.textContent.includes('Scaling execution enabled') ?? false";
    until(&browser, "it is approved and carried out", press).await;
    browser.until_shown(&["ScalingApproved"]).await.unwrap();
    let start = Instant::now();
    while job.snapshot().await.unwrap().slow_subtasks().is_none_or(|now| now >= subtasks) {
        assert!(start.elapsed() < PATIENCE, "it still has {subtasks} subtasks");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    assert!(autoscaler.terminate().unwrap().success(), "SIGTERM does not end it with 0");
    println!("all of it: {:?}", begun.elapsed());
}
