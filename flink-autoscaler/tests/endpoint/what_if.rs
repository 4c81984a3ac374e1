//! What would have been, of what the process records.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::support::Watched;

const PATIENCE: Duration = Duration::from_secs(300);

/// The address of the page of a job.
async fn what_if(watched: &Watched) -> String {
    let jobs: serde_json::Value = serde_json::from_str(&watched.get("/api/v1/jobs").await).unwrap();
    let cluster = jobs["jobs"][0]["cluster"].as_str().unwrap();
    format!("/jobs/{}/{}/what-if", cluster.replace(':', "%3A"), testkit::job::id(1))
}

/// The recording of the job.
fn recording(watched: &Watched) -> PathBuf {
    let files = replay::trace_files(&watched.directory.path().join("traces")).unwrap();
    let of_job = |file: &PathBuf| file.to_string_lossy().contains(&testkit::job::id(1));
    files.into_iter().find(of_job).unwrap()
}

/// Asks until the answer has a text: what is recorded is written a moment later than it is seen.
async fn until(watched: &Watched, path: &str, text: &str) -> String {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let page = watched.get(path).await;
        if page.contains(text) {
            return page;
        }
        assert!(Instant::now() < deadline, "never {text}:\n{page}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test]
async fn a_span_that_was_recorded_is_compared_and_bad_input_does_no_harm() {
    let mut watched = Watched::start(false).await;
    watched.until_scaled().await;
    let path = what_if(&watched).await;
    let tried = format!("{path}?options=job.autoscaler.utilization.target%3A+0.4&span=1h");
    let page = until(&watched, &tried, "Rescales as it was (1)").await;
    for text in ["with these options", "with the policy responsive", "Slot-hours", "The latest cycle", "target: '0.4'"]
    {
        assert!(page.contains(text) || page.contains(&text.replace('\'', "&#39;")), "no {text} in:\n{page}");
    }
    assert_eq!(page.matches("data-label=\"Rescales\"").count(), 4, "{page}");
    let other = path.replace(&testkit::job::id(1), &testkit::job::id(2));
    assert!(watched.get(&format!("{other}?span=1h")).await.contains("Nothing is recorded of this job"));

    // No server takes such a line; whether it says so before the connection ends is another matter.
    let refused = watched.status(&format!("{path}?options={}", "a".repeat(1 << 20))).await;
    assert!(refused.is_none_or(|status| (400..500).contains(&status)), "{refused:?}");
    let long = watched.get(&format!("{path}?span=1h&options={}", "a".repeat(20_000))).await;
    assert!(long.contains("expected at most 16384 bytes"), "{long}");

    // What an earlier process left: cut off by a kill, plain and packed, and damaged.
    let file = recording(&watched);
    let whole = std::fs::read_to_string(&file).unwrap();
    let cut = &whole.as_bytes()[..whole.trim_end().len() - 20];
    for (ending, content, says) in [
        ("jsonl", cut.to_vec(), "Rescales as it was (1)"),
        ("jsonl.gz", packed(&whole), "Rescales as it was (1)"),
        ("jsonl", whole.replacen("\"now\":", "\"now\":-", 3).into_bytes(), "with these options"),
        ("jsonl", whole.replacen("\"cycle\"", "\"<b>song\"", 2).into_bytes(), "20200101T000000Z.jsonl, line 2"),
        ("jsonl", vec![0xff; 1000], "line 1: expected UTF-8"),
    ] {
        let earlier = earlier(&file, ending);
        std::fs::write(&earlier, content).unwrap();
        let page = watched.get(&tried).await;
        assert!(page.contains(says) && !page.contains("<b>"), "{ending}, not {says}:\n{page}");
        std::fs::remove_file(earlier).unwrap();
    }
}

/// A text, packed, without its end.
fn packed(text: &str) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(text.as_bytes()).unwrap();
    let mut packed = packer.finish().unwrap();
    packed.truncate(packed.len() - 40);
    packed
}

/// The name that a recording of the same job would have had long ago.
fn earlier(file: &Path, ending: &str) -> PathBuf {
    let name = file.file_name().unwrap().to_str().unwrap();
    let (job, _) = name.rsplit_once('_').unwrap();
    file.with_file_name(format!("{job}_20200101T000000Z.{ending}"))
}
