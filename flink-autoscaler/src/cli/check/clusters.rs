//! The clusters: whether they answer, what they are, and their jobs.

#[cfg(feature = "flink-rest")]
mod about;

use std::sync::Arc;
use std::time::Duration;

use autoscaler::autoscaler_core::options::Configuration;
use autoscaler::autoscaler_core::registry::Opening;
use autoscaler::autoscaler_core::{Cluster, ClusterSource, ListedJob, PortError};
use autoscaler::autoscaler_runtime::{Configurations, RuntimeOptions};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use super::Arguments;
use super::job::{self, Looked};
use super::report::{Finding, Level, Report, Section};
use super::stores::{failure, late};
use crate::cli::program::Program;
use crate::configuration::OptionTable;

/// Jobs of a cluster that are looked at side by side.
const JOBS_AT_ONCE: usize = 8;
/// What is left of the time for saying what was not looked at.
const RESERVE: Duration = Duration::from_millis(200);

/// Checks every cluster there is, side by side, until `deadline`.
pub(super) async fn check(
    report: &mut Report,
    program: &mut Program,
    configuration: &Configuration,
    arguments: &Arguments,
    deadline: Instant,
) {
    let Some(source) = source(report, program, configuration) else { return };
    if arguments.offline {
        return;
    }
    let clusters = match timeout_at(deadline, source.clusters()).await {
        Ok(Ok(list)) => {
            let section = report.section("Clusters");
            for unknown in &list.unknown {
                section.warning(format!("of the cluster {unknown} nothing can be told now"), "try again later");
            }
            if list.clusters.is_empty() {
                section.warning("there is no cluster", "look at the options autoscaler.standalone.fetcher.*");
            }
            list.clusters
        }
        Ok(Err(error)) => return report.section("Clusters").add(failure(&error.into())),
        Err(_) => return report.section("Clusters").add(late("the source of clusters")),
    };
    let looking = Arc::new(Looking {
        interval: super::configuration::interval(configuration),
        configurations: Configurations::new(configuration.clone()),
        base: configuration.clone(),
        table: OptionTable::new(&program.backends),
        job: arguments.job.clone(),
        deadline: deadline.checked_sub(RESERVE).unwrap_or(deadline),
    });
    let mut tasks = Vec::new();
    for cluster in clusters {
        let realizer = realizer(program, configuration, &cluster);
        let looking = Arc::clone(&looking);
        tasks.push(tokio::spawn(async move { looking.cluster(cluster, realizer).await }));
    }
    let mut has_job = false;
    for task in tasks {
        let Ok(sections) = task.await else {
            report.section("Clusters").error("a bug ended the look at a cluster", "please report it");
            continue;
        };
        has_job |= sections.len() > 1;
        for section in sections {
            report.push(section);
        }
    }
    if arguments.job.is_some() && !has_job {
        let section = report.section("Jobs");
        section.error("the job of --job is on no cluster that answered", "leave --job out to see which jobs there are");
    }
}

/// The source of clusters that options name.
fn source(report: &mut Report, program: &mut Program, configuration: &Configuration) -> Option<Arc<dyn ClusterSource>> {
    let options = RuntimeOptions::from_configuration(configuration).ok()?;
    const KEY: &str = "autoscaler.standalone.fetcher.type";
    let source = program.backends.sources.named_in(configuration, KEY, &options.fetcher);
    let mut opening = Opening::new(configuration, &mut program.backends.extensions);
    let opened = source.map_err(PortError::from).and_then(|source| (source.open)(&mut opening));
    let remarks = opening.remarks;
    let section = report.section("Clusters");
    section.extend(remarks.into_iter().map(|remark| Finding::says_it_all(Level::Warning, remark)));
    match opened {
        Ok(opened) => Some(opened.port),
        Err(error) => {
            section.add(failure(&error.into()));
            None
        }
    }
}

/// Whether scalings of a cluster's jobs can be applied as options say; if not, why.
fn realizer(program: &Program, configuration: &Configuration, cluster: &Cluster) -> Option<Finding> {
    let options = RuntimeOptions::from_configuration(configuration).ok()?;
    const KEY: &str = "autoscaler.standalone.realizer.type";
    let realizer = program.backends.realizers.named_in(configuration, KEY, &options.realizer);
    let opened = realizer.map_err(PortError::from).and_then(|realizer| (realizer.open)(configuration, cluster));
    opened.err().map(|error| failure(&error.into()))
}

/// What every look at a cluster needs.
struct Looking {
    interval: Duration,
    configurations: Configurations,
    base: Configuration,
    table: OptionTable,
    job: Option<String>,
    deadline: Instant,
}

impl Looking {
    /// A section about the cluster, and one for each job.
    async fn cluster(self: Arc<Self>, cluster: Cluster, realizer: Option<Finding>) -> Vec<Section> {
        let mut section = Section::of_cluster(format!("Cluster {}", cluster.name), cluster.name.as_str());
        section.extend(realizer);
        let Ok(listed) = timeout_at(self.deadline, cluster.jobs.list()).await else {
            section.add(late("the cluster"));
            return vec![section];
        };
        let list = match listed {
            Ok(list) => list,
            Err(error) => {
                section.add(failure(&error.into()));
                return vec![section];
            }
        };
        #[cfg(feature = "flink-rest")]
        section.extend(about::check(&cluster, self.deadline).await);
        if list.jobs.is_empty() {
            section.ok("it has no jobs now");
        }
        for entry in &list.unknown {
            let id = entry.key.as_ref().map_or(String::new(), |key| format!(" {key}"));
            section.warning(
                format!("an entry{id} of its job list can't be read: {}", entry.problem),
                "nothing is done with that job, and its state is kept",
            );
        }
        let is_wanted = |job: &ListedJob| match &self.job {
            Some(wanted) => job.key.as_str() == wanted || *job.name == **wanted || job.id.to_string() == *wanted,
            None => true,
        };
        let jobs: Vec<ListedJob> = list.jobs.into_iter().filter(is_wanted).collect();
        let (looked, left) = Arc::clone(&self).jobs(&cluster, jobs).await;
        if left > 0 {
            section.error(
                format!("{left} of its jobs could not be looked at in the time there was"),
                "give more with --timeout, or look at one with --job",
            );
        }
        let mut sections = vec![section];
        sections.extend(looked);
        sections
    }

    /// A section for each job, in the order they are listed, and how many could not be looked at in time.
    async fn jobs(self: Arc<Self>, cluster: &Cluster, jobs: Vec<ListedJob>) -> (Vec<Section>, usize) {
        let (room, snapshot) = (Arc::new(Semaphore::new(JOBS_AT_ONCE)), cluster.collector.begin());
        let count = jobs.len();
        let mut tasks = JoinSet::new();
        for (index, job) in jobs.into_iter().enumerate() {
            let (looking, cluster) = (Arc::clone(&self), cluster.clone());
            let (room, snapshot) = (Arc::clone(&room), Arc::clone(&snapshot));
            tasks.spawn(async move {
                // The semaphore is never closed.
                let _place = room.acquire_owned().await.ok();
                let looked = Looked {
                    table: &looking.table,
                    base: &looking.base,
                    configurations: &looking.configurations,
                    interval: looking.interval,
                    snapshot: snapshot.as_ref(),
                };
                (index, job::check(&cluster, &job, &looked).await)
            });
        }
        let mut sections = Vec::new();
        // Dropping the rest ends it.
        while let Ok(Some(ended)) = timeout_at(self.deadline, tasks.join_next()).await {
            sections.extend(ended);
        }
        let left = count - sections.len();
        sections.sort_by_key(|(index, _)| *index);
        (sections.into_iter().map(|(_, section)| section).collect(), left)
    }
}
