//! Asking the process again and again, while keys are listened to.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::sync::mpsc::{Receiver, channel};
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;
use tokio_util::task::AbortOnDropHandle;

use crate::cli::asked::answers::{Clusters, Job, Readiness, WholeJob};
use crate::cli::asked::{self, Client};

/// Past scalings and events of a job that are asked for.
const LATEST: usize = 20;
/// An answer that takes longer is given up.
const WITHIN: Duration = Duration::from_secs(10);

/// What the process told.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) readiness: Readiness,
    pub(super) clusters: Clusters,
    pub(super) jobs: Vec<Job>,
    /// The job that is looked at.
    pub(super) whole: Option<WholeJob>,
}

/// Cluster and key of a job.
pub(super) type Place = (String, String);

/// Asks at each interval, and at once when another job is looked at.
#[derive(Debug)]
pub(super) struct Fetching {
    told: Receiver<Result<Told>>,
    place: watch::Sender<Option<Place>>,
    _task: AbortOnDropHandle<()>,
}

impl Fetching {
    pub(super) fn begin(client: Client, cluster: Option<String>, interval: Duration) -> Self {
        let (sender, told) = channel(1);
        let (place, mut looked_at) = watch::channel(None);
        let client = Arc::new(client);
        let task = tokio::spawn(async move {
            let mut ticks = tokio::time::interval(interval);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                tokio::select! {
                    _ = ticks.tick() => {}
                    changed = looked_at.changed() => if changed.is_err() { return },
                }
                let place = looked_at.borrow_and_update().clone();
                let told = match tokio::time::timeout(WITHIN, ask(&client, cluster.as_deref(), place)).await {
                    Ok(told) => told,
                    Err(_) => Err(anyhow::anyhow!("it does not tell all within {WITHIN:?}")),
                };
                if sender.send(told).await.is_err() {
                    return;
                }
            }
        });
        Self { told, place, _task: AbortOnDropHandle::new(task) }
    }

    /// What the process told next.
    pub(super) async fn next(&mut self) -> Result<Told> {
        match self.told.recv().await {
            Some(told) => told,
            None => bail!("a bug ended asking; please report it"),
        }
    }

    /// Has a job looked at from now on, or none.
    pub(super) fn look_at(&self, place: Option<Place>) {
        self.place.send_replace(place);
    }
}

async fn ask(client: &Client, cluster: Option<&str>, place: Option<Place>) -> Result<Told> {
    let readiness = client.get(&["readyz"], &[]).await?;
    let clusters = client.get(&["api", "v1", "clusters"], &[]).await?;
    let jobs = asked::jobs(client, cluster).await?;
    // One that has ended is none that fails.
    let place = place.filter(|place| jobs.iter().any(|job| job.cluster == place.0 && job.key == place.1));
    let whole = match place {
        Some((cluster, key)) => {
            Some(asked::whole(client, &cluster, &key, LATEST).await.context("the job can't be told")?)
        }
        None => None,
    };
    Ok(Told { readiness, clusters, jobs, whole })
}
