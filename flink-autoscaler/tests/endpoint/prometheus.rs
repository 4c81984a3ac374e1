//! Metrics by promtool, by a real Prometheus that scrapes them, and by the queries of the dashboard and the alerts.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::Value;
use servers::prometheus::{Prometheus, promtool};

use crate::support::{Watched, file};

const PREFIX: &str = "flink_autoscaler_";

/// The names of metrics in a text, without what a histogram puts behind.
fn names(text: &str) -> BTreeSet<String> {
    let is_part = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    let places = text.match_indices(PREFIX).map(|(at, _)| &text[at + PREFIX.len()..]);
    let names = places.map(|rest| &rest[..rest.find(|letter| !is_part(letter)).unwrap_or(rest.len())]);
    let bare =
        |name: &str| ["_bucket", "_count", "_sum"].iter().find_map(|end| name.strip_suffix(end)).map(str::to_owned);
    names.map(|name| bare(name).unwrap_or_else(|| name.to_owned())).collect()
}

/// The documented names: those in the first cells of the table.
fn documented() -> BTreeSet<String> {
    let readme = file("observer-prometheus/README.md");
    let cells = readme.lines().filter_map(|line| line.strip_prefix("| `")?.split(" |").next());
    let names = cells.flat_map(|cell| cell.split('`').step_by(2).map(str::to_owned).collect::<Vec<_>>());
    names.filter(|name| !name.contains([' ', ',', '.'])).collect()
}

#[tokio::test]
async fn metrics_are_as_prometheus_wants_them_and_documented() {
    let mut watched = Watched::start(false).await;
    watched.until_scaled().await;
    // What no cycle of this test brings about.
    let rare =
        ["cluster_info", "listing_failures_total", "store_call_failures_total", "event_handler_call_failures_total"];
    let (documented, deadline) = (documented(), Instant::now() + Duration::from_secs(120));
    let text = loop {
        let text = watched.get("/metrics").await;
        let told = names(&text);
        let rest: Vec<_> = documented.difference(&told).filter(|name| !rare.contains(&name.as_str())).collect();
        if rest.is_empty() {
            break text;
        }
        assert!(Instant::now() < deadline, "in observer-prometheus/README.md alone: {rest:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    let said = promtool(&["check", "metrics"], &text).unwrap();
    assert_eq!(said.trim(), "", "promtool complains");
    let told = names(&text);
    let missing: Vec<_> = told.difference(&documented).collect();
    assert!(missing.is_empty(), "not in observer-prometheus/README.md: {missing:?}");
}

/// Every query of a dashboard, by the title of its panel, with the variables filled in.
fn queries(dashboard: &Value) -> Vec<(String, Vec<String>)> {
    let panels = dashboard["panels"].as_array().unwrap().iter().filter(|panel| panel["type"] != "row");
    let filled = |target: &Value| {
        let mut expression = target["expr"].as_str().unwrap().to_owned();
        for (variable, value) in [
            ("$cluster", ".*"),
            ("$job", ".*"),
            ("$__rate_interval", "20s"),
            ("$__range", "20s"),
            ("$__interval", "20s"),
        ] {
            expression = expression.replace(variable, value);
        }
        assert!(!expression.contains('$'), "a variable is not known: {expression}");
        expression
    };
    let queries = |panel: &Value| panel["targets"].as_array().unwrap().iter().map(filled).collect();
    panels.map(|panel| (panel["title"].as_str().unwrap().to_owned(), queries(panel))).collect()
}

/// A Prometheus that scrapes what is watched as `packaging/prometheus/prometheus.yml` says, but faster.
async fn scraping(watched: &Watched) -> Prometheus {
    let directory = watched.directory.path();
    let text = file("packaging/prometheus/prometheus.yml");
    let text = text.replace("15s", "250ms").replace("127.0.0.1:8090", &watched.address);
    let text = text.replace("/etc/flink-autoscaler/token", directory.join("token").to_str().unwrap());
    std::fs::write(directory.join("prometheus.yml"), text).unwrap();
    std::fs::write(directory.join("alerts.yml"), file("packaging/prometheus/alerts.yml")).unwrap();
    Prometheus::start(&directory.join("prometheus.yml"), directory).await.unwrap()
}

/// With the token, as on a machine that others reach.
#[tokio::test]
async fn every_panel_of_the_dashboard_has_data_once_prometheus_scrapes() {
    let mut watched = Watched::start(true).await;
    watched.until_scaled().await;
    let prometheus = scraping(&watched).await;
    let dashboard: Value = serde_json::from_str(&file("packaging/grafana/flink-autoscaler.json")).unwrap();
    let panels = queries(&dashboard);
    assert!(panels.len() >= 15, "{panels:?}");
    let known = documented();
    let deadline = Instant::now() + Duration::from_secs(120);
    for (title, queries) in &panels {
        let unknown: Vec<_> =
            queries.iter().flat_map(|query| names(query)).filter(|name| !known.contains(name)).collect();
        assert!(unknown.is_empty(), "{title}: no such metrics: {unknown:?}");
        loop {
            let mut has_data = false;
            for query in queries {
                let series = prometheus.query(query).await.unwrap_or_else(|error| panic!("{title}: {error:#}"));
                has_data |= series.iter().any(|series| series["value"][1] != "NaN");
            }
            if has_data {
                break;
            }
            let targets = prometheus.api("/api/v1/targets", &[]).await.unwrap();
            assert!(Instant::now() < deadline, "{title}: no data for {queries:?}\n{targets}");
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }
    for variable in dashboard["templating"]["list"].as_array().unwrap() {
        let Some(metric) = variable["query"]["query"].as_str() else { continue };
        let unknown: Vec<_> = names(metric).into_iter().filter(|name| !known.contains(name)).collect();
        assert!(unknown.is_empty(), "variable {}: no such metrics: {unknown:?}", variable["name"]);
    }
    let groups = prometheus.api("/api/v1/rules", &[]).await.unwrap();
    let rules = groups["groups"][0]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), alerts().len());
    for rule in rules {
        assert!(rule["lastError"].is_null(), "{rule}");
    }
}

/// The names of the alerts.
fn alerts() -> Vec<String> {
    let text = file("packaging/prometheus/alerts.yml");
    text.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).map(str::to_owned).collect()
}

#[test]
fn alerts_are_valid_fire_when_they_should_and_have_a_runbook() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../packaging/prometheus");
    promtool(&["check", "rules", &format!("{folder}/alerts.yml")], "").unwrap();
    promtool(&["check", "config", "--syntax-only", &format!("{folder}/prometheus.yml")], "").unwrap();
    promtool(&["test", "rules", &format!("{folder}/alerts-test.yml")], "").unwrap();
    let (rules, tests, runbook) =
        (file("packaging/prometheus/alerts.yml"), file("packaging/prometheus/alerts-test.yml"), file("docs/alerts.md"));
    let known = documented();
    let unknown: Vec<_> = names(&rules).into_iter().filter(|name| !known.contains(name)).collect();
    assert!(unknown.is_empty(), "no such metrics: {unknown:?}");
    let alerts = alerts();
    assert!(alerts.len() >= 10, "{alerts:?}");
    for alert in alerts {
        assert!(runbook.contains(&format!("\n## {alert}\n")), "docs/alerts.md does not say what to do about {alert}");
        let link = format!("docs/alerts.md#{}", alert.to_ascii_lowercase());
        assert!(rules.contains(&link), "{alert} has no runbook_url that ends with {link}");
        assert!(tests.contains(&format!("alertname: {alert}\n")), "alerts-test.yml does not try {alert}");
    }
}
