//! The source of clusters `YARN`: each application that runs is one.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use autoscaler_core::{
    Cluster, ClusterList, ClusterName, ClusterSource, ErrorKind, JobKeys, JobListFetcher, PortError,
};
use flink_rest::{FlinkClient, FlinkJobs, named_cluster};
use futures::{FutureExt, StreamExt, stream};
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;

use crate::application::{Application, ApplicationId};
use crate::claims::Claims;
use crate::filter::Filter;
use crate::jobs::ApplicationJobs;
use crate::manager::{Manager, Managers};
use crate::options::Counted;
use crate::road::{Base, Place, Roads, ToApplication};
use crate::room::{Room, RoomCheck};

/// Questions about single applications that are under way at once.
const AT_ONCE: usize = 16;

/// Makes the client of an application, over the way to it.
pub(crate) type MakeClient =
    Box<dyn Fn(Arc<ToApplication>, &ClusterName) -> Result<FlinkClient, PortError> + Send + Sync>;

/// The Flink applications of a YARN cluster.
pub(crate) struct YarnSource {
    pub(crate) managers: Managers,
    pub(crate) filter: Filter,
    pub(crate) roads: Arc<Roads>,
    pub(crate) forget_after: Duration,
    pub(crate) counted: Counted,
    pub(crate) waits_told_after: Duration,
    pub(crate) make_client: MakeClient,
    pub(crate) claims: Arc<Claims>,
    pub(crate) known: Mutex<BTreeMap<ApplicationId, Known>>,
}

/// An application that was seen to run.
pub(crate) struct Known {
    cluster: Cluster,
    jobs: Arc<ApplicationJobs>,
    way: Arc<ToApplication>,
    /// What the place was made of; none while it is not all known.
    address: Option<(Option<String>, Option<u32>)>,
    room: Arc<RoomCheck>,
    /// Since when it waits for containers.
    waits_since: Option<Instant>,
    /// Since when the ResourceManager does not know it.
    missing_since: Option<Instant>,
    /// Whether it is among those that are looked at.
    is_chosen: bool,
}

impl fmt::Debug for YarnSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("YarnSource").field("managers", &self.managers).finish_non_exhaustive()
    }
}

impl YarnSource {
    fn meet(&self, application: &Application) -> Result<Known, PortError> {
        let id = &application.id;
        let name = ClusterName::new(id.as_str());
        let way = Arc::new(ToApplication::new(Arc::clone(&self.roads)));
        let client = (self.make_client)(Arc::clone(&way), &name)?;
        let (claims, flink) = (Arc::clone(&self.claims), Box::new(FlinkJobs::new(client.clone())));
        let jobs = Arc::new(ApplicationJobs::new(id.clone(), flink, claims, self.forget_after));
        let mut cluster = named_cluster(name, client).with_keys(JobKeys::Wandering);
        cluster.jobs = Arc::<ApplicationJobs>::clone(&jobs);
        let room = Arc::new(RoomCheck::new(self.counted));
        if self.counted != Counted::None {
            cluster = cluster.with_resource_check(Arc::<RoomCheck>::clone(&room));
        }
        jobs.note(application);
        tracing::info!(cluster = id.as_str(), labels = %jobs.labels(), "a Flink application runs");
        Ok(Known { cluster, jobs, way, address: None, room, waits_since: None, missing_since: None, is_chosen: true })
    }

    /// By which scheme the JobManager of an application is asked: one whose attempt we may not ask for, or of which
    /// nothing can be read, speaks plain HTTP. None where the question failed for now: credentials must not go by plain HTTP to one that
    /// speaks TLS.
    async fn scheme(manager: &Manager<'_>, application: &Application) -> Option<&'static str> {
        let (Some(_), Some(attempt)) = (&application.address, application.attempt()) else { return Some("http") };
        match manager.attempt(&application.id, attempt).await {
            Ok(found) if found.original_tracking_url.iter().any(|url| url.starts_with("https:")) => Some("https"),
            Ok(_) => Some("http"),
            Err(error) => {
                tracing::debug!(cluster = application.id.as_str(), "no scheme is known: {error}");
                (!matches!(error.kind(), ErrorKind::Unavailable | ErrorKind::Timeout)).then_some("http")
            }
        }
    }

    /// Where the JobManager of an application is. As long as no scheme is known there is no direct road.
    fn place(&self, application: &Application, scheme: Option<&str>) -> Place {
        let direct = scheme
            .zip(application.address.as_ref())
            .and_then(|(scheme, address)| Url::parse(&format!("{scheme}://{address}")).ok());
        let tracking = application.tracking_url.as_deref().filter(|url| url.contains(application.id.as_str()));
        let proxy = match &self.roads.proxy_address {
            Some(Base(base)) => {
                let mut url = base.clone();
                url.set_path(&format!("{}/{}", base.path().trim_end_matches('/'), application.id.as_str()));
                Some(url)
            }
            None => tracking.and_then(|url| Url::parse(url).ok()),
        };
        let proxy = proxy.filter(|url| matches!(url.scheme(), "http" | "https"));
        Place { attempt: application.attempt(), direct: direct.map(Base), proxy: proxy.map(Base) }
    }

    /// Takes in what is said of an application that has not ended.
    async fn follow(&self, manager: &Manager<'_>, application: &Application, known: &mut Known) {
        known.missing_since = None;
        if !application.is_running() {
            known.address = None;
            known.way.move_to(Place::default());
            return;
        }
        let is_another = known.jobs.note(application);
        let address = Some((application.address.clone(), application.attempt()));
        if known.address == address {
            return;
        }
        let before = known.way.place();
        let scheme = Self::scheme(manager, application).await;
        let place = self.place(application, scheme);
        if is_another || (before.direct.is_some() && before != place) {
            let labels = known.jobs.labels();
            tracing::info!(cluster = application.id.as_str(), %labels, "another attempt runs, at {place}");
            known.jobs.attempt_begins();
        }
        known.way.move_to(place);
        // Without a scheme it is asked again in the next round.
        known.address = address.filter(|_| scheme.is_some());
    }

    /// Takes in what room an application's queue has, and whether the application waits for some.
    async fn look_at_queue(&self, manager: &Manager<'_>, application: &Application, known: &mut Known, room: &Room) {
        let queue = application.queue.as_deref().unwrap_or_default();
        let found = room.queue(queue);
        known.room.note(found.map(|found| found.free));
        let pending = match found {
            Some(found) if found.is_waited_for => match manager.application(&application.id).await {
                Ok(asked) => asked.map_or(0, |asked| asked.pending()),
                Err(_) => return,
            },
            _ => 0,
        };
        if pending == 0 {
            known.waits_since = None;
            known.jobs.waits(None);
        } else if known.waits_since.get_or_insert_with(Instant::now).elapsed() >= self.waits_told_after {
            known.jobs.waits(Some(format!(
                "{} of {} waits for containers that queue {queue} has no room for, for more than {:?}: its jobs stay narrower \
                 than decided. Give the queue more, or bound the job by job.autoscaler.vertex.max-parallelism",
                application.id.as_str(),
                application.user.as_deref().unwrap_or("nobody"),
                self.waits_told_after
            )));
        }
    }

    /// Finds out about an application that is no longer among those that have not ended.
    async fn look_for(&self, manager: &Manager<'_>, id: &ApplicationId, known: &mut Known) {
        let found = match manager.application(id).await {
            Ok(found) => found,
            Err(error) => {
                tracing::debug!(cluster = id.as_str(), "it can't be told what became of it: {error}");
                return;
            }
        };
        match found {
            Some(application) if application.has_ended() => {
                let labels = known.jobs.labels();
                tracing::info!(cluster = id.as_str(), %labels, "the application is {}", application.state);
                known.jobs.end();
            }
            Some(_) => known.missing_since = None,
            None => {
                if known.missing_since.get_or_insert_with(Instant::now).elapsed() >= self.forget_after {
                    let labels = known.jobs.labels();
                    tracing::info!(cluster = id.as_str(), %labels, "the ResourceManager does not know the application any more");
                    known.jobs.end();
                }
            }
        }
    }
}

#[async_trait]
impl ClusterSource for YarnSource {
    async fn clusters(&self) -> Result<ClusterList, PortError> {
        let answer = self.managers.ask().await?;
        let mut known = self.known.lock().await;
        let applications: BTreeMap<ApplicationId, Application> =
            answer.applications.into_iter().map(|application| (application.id.clone(), application)).collect();
        for (id, application) in &applications {
            let is_chosen = self.filter.takes(application);
            match known.get_mut(id) {
                Some(known) => known.is_chosen = is_chosen,
                None if is_chosen && application.is_running() => {
                    known.insert(id.clone(), self.meet(application)?);
                }
                None => {}
            }
        }
        let manager = &answer.manager;
        let mut looks = Vec::new();
        for (id, known) in known.iter_mut().filter(|(_, known)| known.is_chosen) {
            looks.push(match applications.get(id) {
                Some(application) => self.follow(manager, application, known).boxed(),
                None => self.look_for(manager, id, known).boxed(),
            });
        }
        stream::iter(looks).buffer_unordered(AT_ONCE).collect::<()>().await;
        match manager.room().await {
            Ok(room) => {
                let running = known.iter_mut().filter(|(_, known)| known.is_chosen);
                let looks: Vec<_> = running
                    .filter_map(|(id, known)| {
                        Some(self.look_at_queue(manager, applications.get(id)?, known, &room).boxed())
                    })
                    .collect();
                stream::iter(looks).buffer_unordered(AT_ONCE).collect::<()>().await;
            }
            Err(error) => {
                tracing::debug!("what room there is can't be told: {error}");
                known.values().for_each(|known| known.room.note(None));
            }
        }
        known.retain(|_, known| {
            let is_kept = known.is_chosen && !known.jobs.is_over();
            if !is_kept {
                known.jobs.release();
            }
            is_kept
        });
        Ok(ClusterList::new(known.values().map(|known| known.cluster.clone()).collect()))
    }
}
