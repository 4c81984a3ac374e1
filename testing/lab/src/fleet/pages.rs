//! Pages that are open: told of changes, and loaded again then, as the script of a page does in a browser.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use servers::plain_http;
use tokio::task::JoinSet;

/// Before a page that is told of nothing any more asks to be told again: as long as browsers wait.
const AGAIN: Duration = Duration::from_secs(3);

/// What was loaded so far.
#[derive(Debug, Default)]
struct Loaded {
    times: AtomicU64,
    bytes: AtomicU64,
}

/// Open pages; closed when dropped.
#[derive(Debug)]
pub(super) struct Pages {
    loaded: Arc<Loaded>,
    _open: JoinSet<()>,
}

/// A page, and where it is told of changes.
#[derive(Clone, Debug)]
struct Page {
    url: String,
    live: String,
}

impl Pages {
    /// Opens so many pages of the process at an address: every other one of all jobs, the rest of a job each.
    pub(super) async fn open(address: &str, count: u32) -> Result<Self> {
        let (loaded, mut open) = (Arc::<Loaded>::default(), JoinSet::new());
        let listed = got(&format!("http://{address}/api/v1/jobs?limit=1000")).await?;
        let listed: Value = serde_json::from_str(&listed)?;
        let jobs = listed["jobs"].as_array().context("no list of jobs")?;
        ensure!(!jobs.is_empty(), "there is no job to have a page of");
        for number in 0..count {
            let page = if number % 2 == 0 {
                Page { url: format!("http://{address}/"), live: format!("http://{address}/live") }
            } else {
                let job = &jobs[number as usize % jobs.len()];
                let part = |key: &str| job[key].as_str().unwrap_or_default().replace('/', "%2F").replace(':', "%3A");
                let place = format!("{}/{}", part("cluster"), part("key"));
                Page { url: format!("http://{address}/jobs/{place}"), live: format!("http://{address}/live/{place}") }
            };
            load(&page.url, &loaded).await?;
            open.spawn(stay(page, Arc::clone(&loaded)));
        }
        Ok(Self { loaded, _open: open })
    }

    /// Times that a page was loaded so far, and bytes of all.
    pub(super) fn loaded(&self) -> (u64, u64) {
        (self.loaded.times.load(Ordering::Relaxed), self.loaded.bytes.load(Ordering::Relaxed))
    }
}

/// Loads a page again whenever that is told.
async fn stay(page: Page, loaded: Arc<Loaded>) {
    loop {
        if let Ok(mut told) = plain_http::client().get(&page.live).send().await {
            while let Ok(Some(part)) = told.chunk().await {
                let is_changed = part.windows(5).any(|text| text == b"data:");
                if is_changed && load(&page.url, &loaded).await.is_err() {
                    break;
                }
            }
        }
        tokio::time::sleep(AGAIN).await;
    }
}

async fn load(url: &str, loaded: &Loaded) -> Result<()> {
    let page = got(url).await?;
    loaded.times.fetch_add(1, Ordering::Relaxed);
    loaded.bytes.fetch_add(page.len() as u64, Ordering::Relaxed);
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "what our own endpoint answers is bounded")]
async fn got(url: &str) -> Result<String> {
    let answer = plain_http::client().get(url).send().await?;
    ensure!(answer.status().is_success(), "{url}: {}", answer.status());
    Ok(answer.text().await?)
}
