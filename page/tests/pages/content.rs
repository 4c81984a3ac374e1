//! What pages tell.

use crate::made_up::{MadeUpVertex, World, pipeline, waves};

/// What a page may take, with twenty vertices.
const WEIGHT: usize = 100_000;

#[tokio::test]
async fn a_job_tells_its_graph_its_decision_and_its_options() {
    let mut world = World::new();
    world.add("c", "orders", pipeline(), waves);
    let job = format!("/jobs/c/{}", testkit::job::id(1));
    let mut page = String::new();
    // Up to its first scaling.
    for _ in 0..100 {
        world.cycles(1).await;
        page = world.page(&job).await;
        if page.contains("<strong>scaled</strong>") {
            break;
        }
    }
    // The graph: a box for each vertex, with its place in words and as a sign, and an edge for each input.
    assert_eq!(page.matches("<rect class=\"body\"").count(), 11, "{page}");
    assert_eq!(page.matches("class=\"edge\"").count(), 11);
    for text in [
        "▲",
        "above its band",
        " → ",
        "records that arrive",
        "Source: payments",
        // The decision, and where options came from.
        "outside its utilization band",
        "job.autoscaler.metrics.window",
        "3 min",
        "the job's configuration",
        "job.autoscaler.utilization.target",
    ] {
        assert!(page.contains(text), "no {text} in:\n{page}");
    }
    let vertex = world.page(&format!("{job}/vertices/{}", testkit::job::id(4))).await;
    for text in ["target rate", "true processing rate", "class=\"band\"", "join orders with payments", "parse orders"] {
        assert!(vertex.contains(text), "no {text} in:\n{vertex}");
    }
    assert_eq!(vertex.matches("<figure").count(), 3, "no lag, as it is no source");
    let source = world.page(&format!("{job}/vertices/{}", testkit::job::id(0))).await;
    assert_eq!(source.matches("<figure").count(), 4);
}

#[tokio::test]
async fn a_scaling_is_shown_with_what_came_of_it() {
    let mut world = World::new();
    world.add("c", "orders", pipeline(), waves);
    world.cycles(200).await;
    let job = format!("/jobs/c/{}", testkit::job::id(1));
    let history = world.page(&format!("{job}/history")).await;
    for text in [" of what was expected", "ScalingReport", "detect fraud"] {
        assert!(history.contains(text), "no {text} in:\n{history}");
    }
    let vertex = world.page(&format!("{job}/vertices/{}?span=6h", testkit::job::id(6))).await;
    assert!(vertex.contains("class=\"mark\""), "{vertex}");
}

/// What is decided with the job's own options is what was decided; with others it is other; and none is changed by asking.
#[tokio::test]
async fn other_options_are_tried_on_the_latest_cycle() {
    let mut world = World::new();
    world.add("c", "orders", pipeline(), waves);
    world.cycles(60).await;
    let path = format!("/jobs/c/{}/what-if", testkit::job::id(1));
    let cells = |page: &str, label: &str| -> Vec<String> {
        let start = format!("data-label=\"{label}\">");
        page.split(&start).skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect()
    };
    let same = world.page(&format!("{path}?options=job.autoscaler.metrics.window%3A+3+min")).await;
    let decided = cells(&same, "As decided");
    assert_eq!(decided.len(), 11, "{same}");
    assert_eq!(cells(&same, "With these options"), decided);
    let other = world.page(&format!("{path}?options=%23+a+remark%0Ajob.autoscaler.utilization.target%3A+0.3%0Ajob.autoscaler.utilization.max%3A+0.4")).await;
    assert!(other.contains("It would be scaled."), "{other}");
    assert_ne!(cells(&other, "With these options"), decided);
    for (options, says) in [
        ("job.autoscaler.utilization.targe: 1", "is job.autoscaler.utilization.target meant?"),
        ("job.autoscaler.utilization.target: much", "job.autoscaler.utilization.target has the value"),
        ("job.autoscaler.policy: responsive", "one cycle does not tell"),
        ("much", "expected lines such as"),
        ("<b>: 1", "is no option of a job"),
    ] {
        let page = world
            .page(&format!("{path}?options={}", options.replace(' ', "+").replace('<', "%3C").replace('>', "%3E")))
            .await;
        assert!(page.contains(says) && !page.contains("<b>"), "{options}: {page}");
        assert!(page.contains("run --record DIR"), "how a span is had: {page}");
    }
}

#[tokio::test]
async fn pages_are_light() {
    let mut world = World::new();
    let vertices = (0..20u32).map(|number| {
        let inputs: &[u32] = &[number.saturating_sub(1), number / 2];
        MadeUpVertex::new(
            format!("a vertex of a name of common length {number}"),
            if number < 2 { &[] } else { inputs },
            0.002,
            2,
        )
    });
    world.add("c", "wide", vertices.collect(), waves);
    world.cycles(400).await;
    let job = format!("/jobs/c/{}", testkit::job::id(1));
    let page = world.page(&job).await;
    assert!(page.contains("factor"), "there is a decision: {page}");
    let mut assets = 0;
    for asset in page.split('"').filter(|text| text.starts_with("/assets/")) {
        assets += world.page(asset).await.len();
    }
    for path in [job.clone(), format!("{job}/vertices/{}?span=24h", testkit::job::id(3))] {
        let bytes = world.page(&path).await.len() + assets;
        assert!(bytes < WEIGHT, "{path}: {bytes}");
    }
}
