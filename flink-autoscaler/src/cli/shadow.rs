//! An autoscaler that looks and decides, and changes nothing: neither a job nor what is stored.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use async_trait::async_trait;
use autoscaler::autoscaler_core::options::{Configuration, Origin, is_harmless};
use autoscaler::autoscaler_core::registry::Opening;
use autoscaler::autoscaler_core::{
    AutoScalerStateStore, Autoscaler, ClusterList, ClusterName, ClusterSource, Event, Fence, JobAutoScalerContext,
    JobConfiguration, JobKey, JobList, JobListFetcher, JobState, Labels, ListedJob, LoadedState, PortError,
    Realization, Revision, ScalingRealizer,
};
use autoscaler::autoscaler_runtime::{
    Configurations, CycleObserver, EventHandlers, Pace, Ports, RuntimeOptions, Supervisor,
};
use tokio_util::sync::CancellationToken;

use super::program::Program;
use super::{say, time_zone};

/// Which cluster and which of its jobs are watched.
#[derive(Debug, clap::Args)]
pub(super) struct Target {
    /// The cluster's REST API, such as http://localhost:8081; without it, the one that the options name.
    #[arg(long, value_name = "URL")]
    cluster: Option<String>,
    /// This job only: its id in hex, or its name.
    #[arg(long, value_name = "ID|NAME")]
    pub(super) job: Option<String>,
}

/// What a job's own configuration says is laid over the process's; this goes over both.
pub(super) type Over = dyn Fn(&Configuration) -> Vec<(String, String)> + Send + Sync;

/// An autoscaler that changes nothing, ready to run.
pub(super) struct Shadow {
    source: Arc<dyn ClusterSource>,
    ports: Ports,
    configuration: Configuration,
}

impl Target {
    /// The options with the cluster that is meant.
    pub(super) fn configuration(&self, program: &Program, options: &[String]) -> Result<Configuration> {
        let mut configuration = program.load_aloud(options)?;
        let Some(url) = &self.cluster else { return Ok(configuration) };
        const PREFIX: &str = "autoscaler.standalone.fetcher.flink-cluster.";
        for other in ["host", "port", "addresses"] {
            configuration.remove(&format!("{PREFIX}{other}"));
        }
        configuration.set("autoscaler.standalone.fetcher.type", "FLINK_CLUSTER", Origin::Flag);
        configuration.remove("flinkClusterHost");
        configuration.remove("flinkClusterPort");
        configuration.set(format!("{PREFIX}host"), url.as_str(), Origin::Flag);
        if let Some(port) = port_of_scheme(url) {
            configuration.set(format!("{PREFIX}port"), port, Origin::Flag);
        }
        Ok(configuration)
    }
}

/// The port of a URL that names none: that of its scheme.
fn port_of_scheme(url: &str) -> Option<&'static str> {
    let (scheme, rest) = url.trim().split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let names_one = host.rsplit_once(':').is_some_and(|(_, port)| !port.contains(']'));
    (!names_one).then_some(if scheme.eq_ignore_ascii_case("https") { "443" } else { "80" })
}

impl Shadow {
    /// Of the clusters that the options name; `over` is laid over every job's options.
    pub(super) fn open(
        program: &mut Program,
        target: &Target,
        configuration: Configuration,
        over: Arc<Over>,
    ) -> Result<Self> {
        const FETCHER: &str = "autoscaler.standalone.fetcher.type";
        let options = RuntimeOptions::from_configuration(&configuration)?;
        let backends = &mut program.backends;
        let source = backends.sources.named_in(&configuration, FETCHER, &options.fetcher)?;
        let mut opening = Opening::new(&configuration, &mut backends.extensions);
        let source = (source.open)(&mut opening).context("the source of clusters can't be used")?.port;
        opening.remarks.iter().for_each(|remark| say::remark(remark));
        let (time_zone, remark) = time_zone::time_zone(std::env::var_os("TZ"));
        remark.iter().for_each(|remark| say::remark(remark));
        let autoscaler = Autoscaler::new().with_time_zone(time_zone);
        let ports = Ports::new(autoscaler, Arc::new(Nothing), Arc::new(EventHandlers::new(Vec::new())));
        let base = configuration.clone();
        let source = Arc::new(Chosen { source, job: target.job.clone(), base, over });
        Ok(Self { source, ports, configuration })
    }

    /// The jobs that are watched, by cluster.
    ///
    /// # Errors
    /// No cluster can be asked, or none has the job that is meant.
    pub(super) async fn jobs(&self, job: Option<&str>) -> Result<Vec<(ClusterName, ListedJob)>> {
        let clusters = self.source.clusters().await.context("can't tell which clusters there are")?.clusters;
        let (mut found, mut failure, mut has_answered) = (Vec::new(), None, false);
        for cluster in clusters {
            match cluster.jobs.list().await {
                Ok(list) => {
                    has_answered = true;
                    found.extend(list.jobs.into_iter().map(|job| (cluster.name.clone(), job)));
                }
                Err(error) => failure = Some(error),
            }
        }
        match failure {
            Some(error) if !has_answered => Err(error).context("the cluster can't be asked for its jobs"),
            _ if found.is_empty() && job.is_some() => {
                let job = job.filter(|job| is_harmless(job, "") || job.len() == 32).unwrap_or("of that id or name");
                bail!("the cluster has no job {job} that has not ended")
            }
            _ => Ok(found),
        }
    }

    /// Watching this job only.
    pub(super) fn only(self, job: &ListedJob) -> Self {
        let (job, base) = (Some(job.id.to_string()), self.configuration.clone());
        self.with_source(|source| Arc::new(Chosen { source, job, base, over: Arc::new(|_| Vec::new()) }))
    }

    /// With a source around its own.
    pub(super) fn with_source(mut self, change: impl FnOnce(Arc<dyn ClusterSource>) -> Arc<dyn ClusterSource>) -> Self {
        self.source = change(self.source);
        self
    }

    /// With a change to what its cycles have in common.
    pub(super) fn with_ports(mut self, change: impl FnOnce(Ports) -> Ports) -> Self {
        self.ports = change(self.ports);
        self
    }

    /// With an observer.
    pub(super) fn watched_by(self, observer: Arc<dyn CycleObserver>) -> Self {
        self.with_ports(|ports| ports.with_observer(observer))
    }

    /// Runs until `stop` is cancelled.
    pub(super) async fn run(self, pace: Pace, stop: CancellationToken) {
        let configurations = Arc::new(Configurations::new(self.configuration));
        let realizer = |_: &_| Ok(Arc::new(Nothing) as Arc<dyn ScalingRealizer>);
        Supervisor::new(self.source, realizer, self.ports, configurations, pace).run(stop).await;
    }
}

/// The clusters of another source with the chosen jobs, whose options have more laid over them.
struct Chosen<P: ?Sized> {
    job: Option<String>,
    base: Configuration,
    over: Arc<Over>,
    source: Arc<P>,
}

impl<P: ?Sized> std::fmt::Debug for Chosen<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chosen").finish_non_exhaustive()
    }
}

impl<P: ?Sized> Chosen<P> {
    fn is_chosen(&self, job: &ListedJob) -> bool {
        let is_it = |text: &str| *text == *job.name || text.eq_ignore_ascii_case(&job.id.to_string());
        self.job.as_deref().is_none_or(is_it)
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl ClusterSource for Chosen<dyn ClusterSource> {
    async fn clusters(&self) -> Result<ClusterList, PortError> {
        let mut list = self.source.clusters().await?;
        for cluster in &mut list.clusters {
            let (job, base, over) = (self.job.clone(), self.base.clone(), Arc::clone(&self.over));
            cluster.jobs = Arc::new(Chosen { job, base, over, source: Arc::clone(&cluster.jobs) });
        }
        Ok(list)
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl JobListFetcher for Chosen<dyn JobListFetcher> {
    async fn list(&self) -> Result<JobList, PortError> {
        let mut list = self.source.list().await?;
        list.jobs.retain(|job| self.is_chosen(job));
        Ok(list)
    }

    async fn configuration(&self, job: &ListedJob) -> Result<Arc<JobConfiguration>, PortError> {
        let own = self.source.configuration(job).await?;
        let mut merged = self.base.clone();
        own.entries().iter().for_each(|(key, value)| merged.set(key.as_str(), value.as_str(), Origin::Job));
        let over = (self.over)(&merged);
        let entries = own.entries().iter().filter(|(key, _)| !over.iter().any(|(other, _)| other == key));
        let changed = JobConfiguration::new(entries.cloned().chain(over.clone()));
        Ok(Arc::new(changed.with_task_manager(own.task_manager_cpu(), own.task_manager_memory_bytes())))
    }

    fn labels(&self) -> Labels {
        self.source.labels()
    }

    fn forget(&self, job: &JobKey) {
        self.source.forget(job);
    }
}

/// Keeps nothing and changes nothing. What is remembered of a job is in its walk.
#[derive(Debug)]
struct Nothing;

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl AutoScalerStateStore for Nothing {
    async fn load(&self, _: &JobKey) -> Result<LoadedState, PortError> {
        Ok(LoadedState::new(JobState::default(), Revision(0)))
    }

    async fn save(&self, _: &JobKey, _: &JobState, _: &Fence) -> Result<Revision, PortError> {
        Ok(Revision(0))
    }

    async fn remove(&self, _: &JobKey, _: &Fence) -> Result<(), PortError> {
        Ok(())
    }

    async fn jobs(&self) -> Result<Vec<JobKey>, PortError> {
        Ok(Vec::new())
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl ScalingRealizer for Nothing {
    async fn realize(&self, _: &JobAutoScalerContext, _: &Realization) -> Result<Vec<Event>, PortError> {
        Ok(Vec::new())
    }

    fn forget(&self, _: &JobKey) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_without_a_port_has_that_of_its_scheme() {
        for (url, port) in [
            ("http://a", Some("80")),
            ("https://a/flink", Some("443")),
            ("https://me:secret@a", Some("443")),
            ("http://[::1]", Some("80")),
            ("http://a:8081", None),
            ("http://[::1]:8081/x", None),
            ("a", None),
            ("a:8081", None),
        ] {
            assert_eq!(port_of_scheme(url), port, "{url}");
        }
    }
}
