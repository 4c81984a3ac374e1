//! `flink-autoscaler recommend`: says what it would do, and does nothing.

use servers::standin::{Fault, StandIn};

use crate::process::output;
use crate::support::{Running, SHORT_WINDOWS};

/// What `recommend` says once every job's window is full, or after its longest try: on a busy machine that takes longer.
async fn judged(arguments: &[&str], shortest: &str) -> (Option<i32>, String, String) {
    let mut all = output(&[arguments, &["--for", shortest]].concat()).await;
    for time in ["30 s", "90 s"] {
        if !all.1.contains("the metric window is full at") {
            break;
        }
        all = output(&[arguments, &["--for", time]].concat()).await;
    }
    all
}

#[tokio::test]
async fn it_recommends_without_options_and_says_why_it_can_not() {
    let cluster = StandIn::start().await;
    // Its own options count, and windows are none of them.
    cluster.add_job(1, &[("job.autoscaler.utilization.max", "0.8"), ("s3.secret-key", "hunter2")], None);
    cluster.add_job(2, &[], Some(Fault::ServerError));
    let url = cluster.url();
    let (code, told, errors) = judged(&["recommend", "--cluster", &url, "--json"], "10 s").await;
    assert_eq!(code, Some(3), "{told}{errors}");
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    let job = &told["jobs"][0];
    assert_eq!((job["name"].as_str(), job["isJudged"].as_bool()), (Some("job 1"), Some(true)), "{told}");
    let vertex = |number: usize, key: &str| &job["vertices"][number][key];
    let names = [vertex(0, "name"), vertex(1, "name")].map(|name| name.as_str().unwrap());
    assert_eq!(names, ["vertex 1", "vertex 2"], "{told}");
    assert_eq!(vertex(1, "parallelism"), 1);
    assert!(vertex(1, "recommended").as_i64().unwrap() > 1, "{told}");
    assert_eq!(vertex(1, "utilization"), 1.0);
    assert!(vertex(1, "why").as_str().unwrap().contains("/s arrive"), "{told}");
    assert_eq!(vertex(0, "lag"), 0.0);
    assert!(told["jobs"][1]["whyNot"].as_str().unwrap().contains("answered 500: something broke"), "{told}");
    assert_eq!(cluster.asked().iter().filter(|asked| asked.method != "GET").count(), 0);
    assert!(!told.to_string().contains("hunter2"));
}

#[tokio::test]
async fn it_shows_a_table_of_a_job() {
    let cluster = StandIn::start().await;
    // They fit into the time, so they count; a target of 100 % is met.
    let options = [("job.autoscaler.metrics.window", "2 s"), ("job.autoscaler.utilization.target", "0.5")];
    cluster.add_job(1, &options, None);
    cluster.add_job(2, &[], None);
    let url = cluster.url();
    let (code, told, errors) = judged(&["recommend", "--cluster", &url, "--job", "job 1"], "6 s").await;
    assert_eq!(code, Some(0), "{told}{errors}");
    for part in [
        "vertex 2",
        "recommended",
        "100 %",
        "at 50 % utilization",
        "rests on the metrics of ",
        "nothing was scaled",
        "s only: how it started is in its figures",
    ] {
        assert!(told.contains(part), "{part} is missing in {told}");
    }
    assert!(!told.contains("job 2"), "{told}");
}

#[tokio::test]
async fn what_can_not_be_asked_is_said() {
    let cluster = StandIn::start().await;
    let url = cluster.url();
    let (code, told, _) = output(&["recommend", "--cluster", &url]).await;
    assert_eq!((code, told.as_str()), (Some(0), "there is no job that has not ended\n"));
    // Whatever else the options have this process watch.
    let elsewhere =
        ["--autoscaler.standalone.fetcher.type", "YARN", "--autoscaler.standalone.fetcher.yarn.resource-managers"];
    let arguments = [&["recommend", "--cluster", &url][..], &elsewhere, &["http://127.0.0.1:1"]].concat();
    let (code, told, errors) = output(&arguments).await;
    assert_eq!((code, told.as_str()), (Some(0), "there is no job that has not ended\n"), "{errors}");
    let (code, _, errors) = output(&["recommend", "--cluster", &url, "--job", "orders"]).await;
    assert_eq!(code, Some(1));
    assert!(errors.contains("has no job"), "{errors}");
    let (code, _, errors) = output(&["recommend", "--cluster", "http://127.0.0.1:1"]).await;
    assert_eq!(code, Some(1));
    assert!(errors.contains("can't be asked for its jobs") && errors.contains("127.0.0.1:1"), "{errors}");
    let (code, _, errors) = output(&["recommend", "--cluster", &url, "--for", "soon"]).await;
    assert_eq!(code, Some(2), "{errors}");
}

#[tokio::test]
async fn with_scaling_off_the_loop_recommends_and_puts_nothing() {
    let cluster = StandIn::start().await;
    cluster.add_job(1, &[SHORT_WINDOWS, &[("job.autoscaler.scaling.enabled", "false")]].concat(), None);
    let running = Running::start(&cluster.url());
    let is_recommended = || running.events_with(1, "recommended parallelism change") > 0;
    running.until("a scaling is recommended", is_recommended).await;
    running.observer.more_cycles(20).await;
    assert_eq!(cluster.asked().iter().filter(|asked| asked.method != "GET").count(), 0);
    assert_eq!(cluster.parallelism(1, 2), 1);
    running.stop().await;
}
