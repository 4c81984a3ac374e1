//! How what an observer sees is put together.

use std::collections::{BTreeMap, BTreeSet, btree_map};
use std::ops::Bound;
use std::sync::Arc;

use autoscaler_core::time::Instant;
use autoscaler_core::{ClusterName, Event, JobAutoScalerContext, JobKey, ListedJob, PortError};

use super::view::{ClusterView, FailureView, JobView, PastEvent, RoundView, SkippedView, StoreView};
use crate::observer::{CycleEnded, Step};

/// Events that are kept of a job.
const EVENTS: usize = 50;

/// Everything that is known.
#[derive(Debug)]
pub(super) struct Model {
    clusters: BTreeMap<ClusterName, Option<Arc<RoundView>>>,
    knows_clusters: bool,
    jobs: BTreeMap<(ClusterName, JobKey), Arc<JobView>>,
    store: StoreView,
    /// Why the store did not answer when it was asked for the right to act last.
    unanswered: Option<FailureView>,
    may_act: bool,
}

impl Default for Model {
    fn default() -> Self {
        Self {
            clusters: BTreeMap::new(),
            knows_clusters: false,
            jobs: BTreeMap::new(),
            store: StoreView::default(),
            unanswered: None,
            may_act: true,
        }
    }
}

impl Model {
    pub(super) fn clusters(&self) -> Vec<ClusterView> {
        let view = |(name, round): (&ClusterName, &Option<Arc<RoundView>>)| ClusterView {
            name: name.clone(),
            jobs: self.of_cluster(name).count(),
            round: round.clone(),
        };
        self.clusters.iter().map(view).collect()
    }

    pub(super) fn knows_clusters(&self) -> bool {
        self.knows_clusters || !self.clusters.is_empty()
    }

    pub(super) fn jobs(
        &self,
        cluster: Option<&ClusterName>,
        after: Option<&(ClusterName, JobKey)>,
        limit: usize,
    ) -> Vec<Arc<JobView>> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let behind = self.jobs.range((from, Bound::Unbounded)).map(|(_, job)| job);
        behind.filter(|job| cluster.is_none_or(|name| job.cluster == *name)).take(limit).cloned().collect()
    }

    pub(super) fn job(&self, cluster: &ClusterName, job: &JobKey) -> Option<Arc<JobView>> {
        self.jobs.get(&(cluster.clone(), job.clone())).cloned()
    }

    pub(super) fn store(&self) -> StoreView {
        let StoreView { worked_at, failure } = self.store.clone();
        StoreView { worked_at, failure: failure.or_else(|| self.unanswered.clone()) }
    }

    pub(super) fn may_act(&self) -> bool {
        self.may_act
    }

    pub(super) fn right_to_act(&mut self, is_ours: bool) {
        self.may_act = is_ours;
    }

    pub(super) fn right_asked_for(&mut self, at: Instant, failure: Option<&PortError>) {
        self.unanswered = failure.map(FailureView::of);
        // Who may not act asks the store for nothing else, so what a cycle failed with would stand for ever.
        if failure.is_none() && !self.may_act {
            self.store = StoreView { worked_at: Some(at), failure: None };
        }
    }

    pub(super) fn round_ended(&mut self, cluster: &ClusterName, round: RoundView) {
        self.clusters.insert(cluster.clone(), Some(Arc::new(round)));
    }

    pub(super) fn clusters_watched(&mut self, clusters: &BTreeSet<ClusterName>) {
        self.knows_clusters = true;
        self.clusters.retain(|name, _| clusters.contains(name));
        self.jobs.retain(|(cluster, _), _| clusters.contains(cluster));
        clusters.iter().for_each(|name| {
            self.clusters.entry(name.clone()).or_default();
        });
    }

    pub(super) fn job_found(&mut self, cluster: &ClusterName, job: &ListedJob) {
        self.change(cluster, job.clone(), |_| {});
    }

    pub(super) fn job_gone(&mut self, cluster: &ClusterName, job: &JobKey) {
        self.jobs.remove(&(cluster.clone(), job.clone()));
    }

    pub(super) fn cycle_skipped(&mut self, cluster: &ClusterName, job: &ListedJob, skipped: SkippedView) {
        self.change(cluster, job.clone(), |view| view.skipped = Some(skipped));
    }

    pub(super) fn cycle_ended(&mut self, job: &JobAutoScalerContext, ended: &Arc<CycleEnded>) {
        self.asked_the_store(ended);
        self.change(&job.cluster, JobView::listed(job), |view| {
            view.labels = job.labels.clone();
            ended.events.iter().for_each(|event| remember(view, event, ended.at));
            view.is_enabled = job.options().ok().map(|options| options.enabled);
            (view.cycle, view.skipped) = (Some(Arc::clone(ended)), None);
        });
    }

    /// Takes note of how the store did, where it was asked.
    fn asked_the_store(&mut self, cycle: &CycleEnded) {
        let is_of_store = |step: Step| matches!(step, Step::Load | Step::Save);
        if let Some(failure) = cycle.failures.iter().find(|failure| is_of_store(failure.step)) {
            self.store.failure = Some(FailureView::from(failure));
        } else if !cycle.durations.of(Step::Load).is_zero() || !cycle.durations.of(Step::Save).is_zero() {
            self.store = StoreView { worked_at: Some(cycle.at), failure: None };
        }
    }

    fn change(&mut self, cluster: &ClusterName, job: ListedJob, change: impl FnOnce(&mut JobView)) {
        if !self.clusters.contains_key(cluster) {
            self.clusters.insert(cluster.clone(), None);
        }
        let view = match self.jobs.entry((cluster.clone(), job.key.clone())) {
            btree_map::Entry::Occupied(there) => there.into_mut(),
            btree_map::Entry::Vacant(place) => place.insert(Arc::new(JobView::new(cluster, job.clone()))),
        };
        // Whoever was given the view keeps it as it was.
        let view = Arc::make_mut(view);
        view.job = job;
        change(view);
    }

    fn of_cluster<'a>(&'a self, name: &'a ClusterName) -> impl Iterator<Item = &'a Arc<JobView>> {
        let first = (name.clone(), JobKey::new(""));
        self.jobs.range(first..).map(|(_, job)| job).take_while(move |job| job.cluster == *name)
    }
}

/// Adds an event, or counts it where the latest one was the same.
fn remember(view: &mut JobView, event: &Event, at: Instant) {
    let labels = view.labels.clone();
    let is_repeat =
        |past: &&mut Arc<PastEvent>| past.event.reason == event.reason && past.event.message == event.message;
    if let Some(past) = view.events.back_mut().filter(is_repeat) {
        let past = Arc::make_mut(past);
        (past.at, past.count, past.labels) = (at, past.count + 1, labels);
        return;
    }
    if view.events.len() == EVENTS {
        view.events.pop_front();
    }
    view.events.push_back(Arc::new(PastEvent { at, count: 1, labels, event: event.clone() }));
}
