//! The API against its description.

use std::process::Command;

use servers::schemathesis;

use crate::support::{Watched, file};

/// Examples that are made up for each kind of request.
const EXAMPLES: &str = "40";

#[test]
fn the_description_in_docs_is_current() {
    let printed = Command::new(env!("CARGO_BIN_EXE_flink-autoscaler")).arg("openapi").output().unwrap();
    let printed = String::from_utf8(printed.stdout).unwrap();
    assert!(
        printed == file("docs/openapi.json"),
        "docs/openapi.json is not what the code answers; cargo run -p flink-autoscaler -- openapi > docs/openapi.json"
    );
}

/// Every answer to what the description allows, and to what it does not, is as the description says.
#[tokio::test]
async fn answers_are_as_described() {
    let mut watched = Watched::start(false).await;
    watched.until_scaled().await;
    let (url, job) = (format!("http://{}", watched.address), testkit::job::id(1));
    let description = format!("{url}/api/v1/openapi.json");
    // Made-up jobs are watched by nobody: the second run asks about one that is.
    let configuration =
        format!("[parameters]\n\"path.cluster\" = \"{}\"\n\"path.job\" = \"{job}\"\n", cluster(&watched).await);
    let named = watched.directory.path().join("schemathesis.toml");
    std::fs::write(&named, configuration).unwrap();
    for (first, expected) in
        [(&[][..], "Tested: 9\n"), (&["--config-file", named.to_str().unwrap()], "No issues found")]
    {
        let arguments = [&["--max-examples", EXAMPLES, "--seed", "1", "--suppress-health-check", "all"][..]].concat();
        let (first, description) =
            (first.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>(), description.clone());
        let run = tokio::task::spawn_blocking(move || {
            let global: Vec<&str> = first.iter().map(String::as_str).collect();
            schemathesis::run_on(&global, &description, &arguments)
        });
        match run.await.unwrap() {
            Ok(said) => assert!(said.contains(expected), "not {expected}:\n{said}"),
            Err(error) => panic!("{error:#}"),
        }
    }
}

/// The name of the one cluster.
async fn cluster(watched: &Watched) -> String {
    let clusters: serde_json::Value = serde_json::from_str(&watched.get("/api/v1/clusters").await).unwrap();
    clusters["clusters"][0]["name"].as_str().unwrap().to_owned()
}
