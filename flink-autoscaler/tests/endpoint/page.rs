//! The pages in a browser, of the running program.

use servers::browser::{Browser, Scheme};

use crate::support::Watched;

/// From the fleet to a job, which is scaled before the eyes of who looks, to the vertex and the history.
#[tokio::test]
async fn a_load_that_rises_and_the_scaling_are_seen_without_loading_a_page_again() {
    let mut watched = Watched::start(false).await;
    watched.until_scaled().await;
    let browser = Browser::start(Scheme::Light).await.unwrap();
    browser.resize(1280, 1000).await.unwrap();
    browser.goto(&format!("http://{}/", watched.address)).await.unwrap();
    browser.until_shown(&["job 1", "3 with errors", "RUNNING"]).await.unwrap();
    browser.follow("job 1").await.unwrap();
    browser.until_shown(&["vertex 2", "within its band", "Parallelism 1 -> 2"]).await.unwrap();
    browser.until_there("main[data-state=live]").await.unwrap();
    // What a page that is loaded again forgets.
    browser.run("window.isTheSamePage = true").await.unwrap();
    watched.cluster.set_load(1, 3.0);
    browser.until_shown(&["2 → ", "Parallelism 2 -> "]).await.unwrap();
    assert_eq!(browser.run("return window.isTheSamePage").await.unwrap(), true);
    browser.follow("Whole history").await.unwrap();
    browser.until_shown(&["ScalingReport", "1 → 2", "2 → ", "of what was expected"]).await.unwrap();
}

/// Every page, as those see it who prefer dark or light, at a desk and on a phone; and those who see nothing of it.
#[tokio::test]
async fn everybody_can_use_every_page() {
    let mut watched = Watched::start(false).await;
    watched.until_scaled().await;
    for scheme in [Scheme::Light, Scheme::Dark] {
        let browser = Browser::start(scheme).await.unwrap();
        browser.goto(&format!("http://{}/", watched.address)).await.unwrap();
        let link = "return [...document.links].find((link) => link.textContent === 'job 1').href";
        let job = browser.run(link).await.unwrap().as_str().unwrap().to_owned();
        let vertex = format!("{job}/vertices/{}", testkit::job::id(2));
        let pages = [
            ("fleet", format!("http://{}/", watched.address)),
            ("job", job.clone()),
            ("vertex", vertex),
            ("history", format!("{job}/history")),
            ("what-if", format!("{job}/what-if?options=job.autoscaler.utilization.target%3A+0.3")),
            ("missing", format!("{job}/vertices/none")),
        ];
        for (name, address) in &pages {
            for width in [1280, 390] {
                browser.resize(width, 1400).await.unwrap();
                browser.goto(address).await.unwrap();
                let name = format!("{name}-{width}-{}", scheme.name());
                browser.keep(&name).await.unwrap();
                browser.check().await.unwrap_or_else(|error| panic!("{name}: {error:#}"));
            }
        }
    }
}
