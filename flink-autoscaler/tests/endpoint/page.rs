//! The pages in a browser, of the running program.

use std::path::Path;
use std::process::Command;

use servers::browser::{Browser, Scheme};

use crate::support::{PROPOSING, Watched};

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

/// Without script a button has it done; with it, it is seen without loading the page again.
#[tokio::test]
async fn a_proposal_is_approved_by_a_button_and_by_the_command() {
    let mut watched = Watched::start(false).await;
    watched.until_scaled().await;
    let browser = Browser::start(Scheme::Light).await.unwrap();
    browser.resize(1280, 1000).await.unwrap();
    browser.goto(&format!("http://{}/", watched.address)).await.unwrap();
    browser.follow("job 5").await.unwrap();
    browser.until_shown(&["Proposed scaling", "scaling.enabled: false", "1 → 2"]).await.unwrap();
    browser.check().await.unwrap();
    // By hand, as without script: what is exchanged meanwhile is another button.
    let press = "document.querySelector('.proposal form').submit()";
    browser.run(press).await.unwrap();
    browser.until_shown(&["ScalingApproved", "at 127.0.0.1", "Scaling execution enabled"]).await.unwrap();
    assert_eq!(watched.cluster.parallelism(PROPOSING, 2), 2);

    watched.cluster.set_load(PROPOSING, 3.0);
    browser.until_there(".proposal form").await.unwrap();
    let approve = async |more: &[&str]| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_flink-autoscaler"));
        program.args(["approve", "--job", "job 5", "--by", "me", "--url"]).arg(format!("http://{}", watched.address));
        program.args(more).env_remove("FLINK_CONF_DIR").env_remove("FLINK_AUTOSCALER_HTTP_TOKEN");
        let output = tokio::task::spawn_blocking(move || program.output().unwrap()).await.unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    // What is proposed may be another thing a moment later, as the load has just changed: that is refused, and looked at again.
    for _ in 0..20 {
        let (code, shown, errors) = approve(&[]).await;
        let Some((_, id)) = shown.trim().rsplit_once("--proposal ") else {
            assert!(code == Some(1) && shown.contains("nothing is proposed"), "{code:?} {shown}{errors}");
            continue;
        };
        assert!(code == Some(0) && shown.contains("2 -> "), "{code:?} {shown}{errors}");
        let (code, out, errors) = approve(&["--proposal", id]).await;
        if code == Some(0) {
            assert!(out.contains("approved by me at 127.0.0.1, is carried out"), "{out}{errors}");
            let (code, _, errors) = approve(&["--proposal", id]).await;
            assert!(code == Some(1) && errors.contains("propose"), "once: {errors}");
            assert!(watched.cluster.parallelism(PROPOSING, 2) > 2);
            return;
        }
        assert!(code == Some(1) && (out + &errors).contains("propose"), "{code:?} {errors}");
    }
    panic!("never carried out");
}

/// Where the focus is, is seen, and stays when parts of the page are exchanged.
#[tokio::test]
async fn the_keyboard_is_enough() {
    let mut watched = Watched::start(false).await;
    watched.until_scaled().await;
    let browser = Browser::start(Scheme::Light).await.unwrap();
    browser.resize(1280, 1000).await.unwrap();
    browser.goto(&format!("http://{}/", watched.address)).await.unwrap();
    browser.until_there("main[data-state=live]").await.unwrap();
    browser.enter("job 5").await.unwrap();
    browser.until_there(".proposal form").await.unwrap();
    browser.enter("Try others").await.unwrap();
    browser.until_there("textarea").await.unwrap();
    browser.enter("Try").await.unwrap();
    browser.until_shown(&["The recorded span"]).await.unwrap();
    browser.run("location.search = '?options=job.autoscaler.utilization.target%3A+0.3'").await.unwrap();
    browser.until_there("#yaml").await.unwrap();
    browser.enter("Copy").await.unwrap();
    browser.until_shown(&["Copied"]).await.unwrap();
    browser.enter("job 5").await.unwrap();
    browser.enter("vertex 2").await.unwrap();
    browser.until_shown(&["Why it gets the subtasks it gets"]).await.unwrap();
    browser.enter("6h").await.unwrap();
    browser.until_there("nav.spans a[aria-current][href='?span=6h']").await.unwrap();
    browser.enter("job 5").await.unwrap();
    browser.until_there(".proposal form").await.unwrap();
    browser.enter("Approve once").await.unwrap();
    browser.until_shown(&["ScalingApproved"]).await.unwrap();
}

/// Pictures that README.md shows, by the names of the pages they are of.
const IMAGES: [(&str, &str); 2] = [("fleet-1280-light", "fleet.png"), ("proposal-1280-light", "job.png")];

/// Puts a picture where README.md shows it, where README_IMAGES is set: they are of a run of the program, like the tests.
fn keep_for_the_readme(name: &str, picture: &Path) {
    let image = IMAGES.iter().find(|(page, _)| *page == name);
    if let (Some((_, image)), Some(_)) = (image, std::env::var_os("README_IMAGES")) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/images");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::copy(picture, folder.join(image)).unwrap();
    }
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
        let proposing = job.replace(&testkit::job::id(1), &testkit::job::id(PROPOSING));
        let vertex = format!("{job}/vertices/{}", testkit::job::id(2));
        let pages = [
            ("fleet", format!("http://{}/", watched.address)),
            ("job", job.clone()),
            ("proposal", proposing),
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
                let picture = browser.keep(&name).await.unwrap();
                keep_for_the_readme(&name, &picture);
                browser.check().await.unwrap_or_else(|error| panic!("{name}: {error:#}"));
            }
        }
    }
}
