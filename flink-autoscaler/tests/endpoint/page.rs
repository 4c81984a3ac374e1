//! The pages in a browser, of the running program.

use std::time::{Duration, Instant};

use servers::browser::{Browser, Scheme};
use thirtyfour::By;
use thirtyfour::extensions::query::ElementQueryable;

use crate::support::Watched;

/// Nothing here takes longer on a machine that works.
const PATIENCE: Duration = Duration::from_secs(120);

/// Waits until the page's text has all of this.
async fn until_shown(browser: &Browser, texts: &[&str]) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let shown = browser.run("return document.body.textContent").await.unwrap();
        let shown = shown.as_str().unwrap();
        let missing: Vec<_> = texts.iter().filter(|text| !shown.contains(*text)).collect();
        if missing.is_empty() {
            return;
        }
        assert!(Instant::now() < deadline, "never shown: {missing:?}; there is:\n{shown}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// A link by its text, in a script: the page may be drawn anew between two commands of the browser's.
fn link(text: &str) -> String {
    format!("[...document.links].find((link) => link.textContent.trim() === '{text}')")
}

async fn follow(browser: &Browser, text: &str) {
    browser.run(&format!("{}.click()", link(text))).await.unwrap();
}

/// From the fleet to a job, which is scaled before the eyes of who looks, to the vertex and the history.
#[tokio::test]
async fn a_load_that_rises_and_the_scaling_are_seen_without_loading_a_page_again() {
    let mut watched = Watched::start(false).await;
    watched.until_scaled().await;
    let browser = Browser::start(Scheme::Light).await.unwrap();
    browser.resize(1280, 1000).await.unwrap();
    browser.page.goto(&format!("http://{}/", watched.address)).await.unwrap();
    until_shown(&browser, &["job 1", "3 with errors", "RUNNING"]).await;
    follow(&browser, "job 1").await;
    until_shown(&browser, &["vertex 2", "within its band", "Parallelism 1 -> 2"]).await;
    browser.page.query(By::Css("main[data-state=live]")).first().await.unwrap();
    // What a page that is loaded again forgets.
    browser.run("window.isTheSamePage = true").await.unwrap();
    watched.cluster.set_load(1, 3.0);
    until_shown(&browser, &["2 → ", "Parallelism 2 -> "]).await;
    assert_eq!(browser.run("return window.isTheSamePage").await.unwrap(), true);
    follow(&browser, "Whole history").await;
    until_shown(&browser, &["ScalingReport", "1 → 2", "2 → ", "of what was expected"]).await;
    browser.page.clone().quit().await.unwrap();
}

/// Every page, as those see it who prefer dark or light, at a desk and on a phone; and those who see nothing of it.
#[tokio::test]
async fn everybody_can_use_every_page() {
    let mut watched = Watched::start(false).await;
    watched.until_scaled().await;
    for scheme in [Scheme::Light, Scheme::Dark] {
        let browser = Browser::start(scheme).await.unwrap();
        browser.page.goto(&format!("http://{}/", watched.address)).await.unwrap();
        let job = browser.run(&format!("return {}.href", link("job 1"))).await.unwrap();
        let job = job.as_str().unwrap().to_owned();
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
                browser.page.goto(address).await.unwrap();
                let name = format!("{name}-{width}-{}", scheme.name());
                browser.keep(&name).await.unwrap();
                browser.check().await.unwrap_or_else(|error| panic!("{name}: {error:#}"));
            }
        }
        browser.page.clone().quit().await.unwrap();
    }
}
