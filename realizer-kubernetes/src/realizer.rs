//! Rescaling jobs by their resources.

mod over_rest;
mod past;

use std::fmt;
use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use autoscaler_core::event::reason;
use autoscaler_core::{
    ErrorKind, Event, EventType, JobAutoScalerContext, JobKey, JobStatus, PortError, Realization, ScalingRealizer,
};
use kubernetes_api::{FlinkResource, KubernetesAccess, OVERRIDES, Overrides, conflict, conflict_by_state};

use crate::apply::{Applied, apply};
use crate::guard::{Obstacle, guard, guard_of_upgrade};
use crate::memory::{Memories, REFUSED};
use crate::operators_map::operators_map;
use crate::options::{KubernetesRealizerOptions, Mode};
use crate::patch;

/// Rescales the jobs of the resources of one API server.
pub struct KubernetesRealizer {
    access: KubernetesAccess,
    options: KubernetesRealizerOptions,
    first_pause: Option<Duration>,
    memories: Memories,
    /// Whether it was said that the operator's state can't be looked at.
    is_blindness_said: AtomicBool,
}

impl fmt::Debug for KubernetesRealizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KubernetesRealizer").field("options", &self.options).finish_non_exhaustive()
    }
}

/// A job in one cycle.
struct Turn<'a> {
    job: &'a JobAutoScalerContext,
    resource: Arc<FlinkResource>,
    cluster: Option<Arc<FlinkResource>>,
    wanted: &'a Overrides,
}

impl KubernetesRealizer {
    /// A realizer for what `access` knows.
    pub fn new(access: KubernetesAccess, options: KubernetesRealizerOptions) -> Self {
        Self {
            access,
            options,
            first_pause: None,
            memories: Memories::default(),
            is_blindness_said: AtomicBool::new(false),
        }
    }

    /// With another pause before a rescale over REST that was refused or failed is tried again, as
    /// [`RestScalingRealizer::with_first_pause`](realizer_rest::RestScalingRealizer::with_first_pause).
    #[must_use]
    pub fn with_first_pause(self, pause: Duration) -> Self {
        Self { first_pause: Some(pause), ..self }
    }

    /// The event about why a job is not rescaled, unless it was said.
    fn said(&self, job: &JobKey, event: Event) -> Vec<Event> {
        let is_new = self.memories.with(job, |memory| {
            let is_new = memory.said.as_ref() != Some(&event.message);
            memory.said = Some(event.message.clone());
            is_new
        });
        if is_new { vec![event] } else { Vec::new() }
    }

    fn held(&self, job: &JobKey, kind: EventType, why: &str) -> Vec<Event> {
        self.said(job, Event::new(kind, reason::SCALING, format!("Not rescaled: {why}")))
    }

    fn in_conflict(&self, job: &JobKey, message: String) -> Vec<Event> {
        self.said(job, Event::warning(reason::AUTOSCALER_CONFLICT, message))
    }

    /// The events about the operator's own autoscaler, where its ConfigMap has state of the job; none where nothing is against
    /// a change.
    async fn by_operators_state(
        &self,
        job: &JobKey,
        resource: &FlinkResource,
    ) -> Result<Option<Vec<Event>>, PortError> {
        match operators_map(&self.access.api, &resource.reference).await {
            Ok(data) if data.is_empty() => Ok(None),
            Ok(_) => Ok(Some(self.in_conflict(job, conflict_by_state(resource)))),
            // What the resource itself shows has to do.
            Err(error) if error.kind() == ErrorKind::Denied => {
                if !self.is_blindness_said.swap(true, Ordering::Relaxed) {
                    tracing::warn!(
                        "{}: whether the operator's own autoscaler has state of a job is not seen, only what resources show; \
                         apply the rights that flink-autoscaler kubernetes rbac prints",
                        error.chain()
                    );
                }
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// By the resource, where that is certain to be done as it is meant; none where nothing of it is to change.
    async fn by_resource(&self, turn: &Turn<'_>) -> Result<Option<Vec<Event>>, PortError> {
        let (job, resource) = (&turn.job.key, turn.resource.as_ref());
        match patch::is_there(&resource.spec, turn.wanted) {
            Ok(true) => return Ok(None),
            Ok(false) => {}
            Err(unreadable) => return Ok(Some(self.held(job, EventType::Warning, &unreadable.to_string()))),
        }
        let cluster = turn.cluster.as_deref();
        let guarded = match self.options.full_upgrades {
            true => guard_of_upgrade(resource, cluster),
            false => guard(resource, cluster, &self.access.resources.defaults()),
        };
        if let Err(obstacle) = guarded {
            let is_passing = matches!(obstacle, Obstacle::Passing(_));
            let kind = if is_passing { EventType::Normal } else { EventType::Warning };
            return Ok(Some(self.held(job, kind, obstacle.text())));
        }
        let vertices = self.vertices(turn.job).await?;
        let deployed = match &resource.status.reconciliation_status.last_reconciled_spec {
            Some(Ok(spec)) => Some(spec),
            _ => None,
        };
        let overrides = match patch::overrides(&resource.spec, deployed, &vertices, turn.wanted) {
            Ok(Some(overrides)) => overrides,
            Ok(None) => return Ok(None),
            Err(unreadable) => return Ok(Some(self.held(job, EventType::Warning, &unreadable.to_string()))),
        };
        if let Some(events) = self.by_operators_state(job, resource).await? {
            return Ok(Some(events));
        }
        self.patched(turn, &overrides).await
    }

    async fn patched(&self, turn: &Turn<'_>, overrides: &Overrides) -> Result<Option<Vec<Event>>, PortError> {
        let (job, resource) = (&turn.job.key, turn.resource.as_ref());
        let refused = |why: String| {
            self.memories.with(job, |memory| memory.refused(turn.wanted, resource));
            self.held(job, EventType::Warning, &why)
        };
        let events = match apply(&self.access.api, resource, patch::body(resource, overrides)).await? {
            Applied::Done(after) => {
                self.memories.with(job, |memory| {
                    memory.patched(turn.wanted, resource, after.as_deref());
                    memory.said = None;
                });
                let changes = changes(&resource.spec.overrides().unwrap_or_default(), overrides);
                let message = format!("Rescaling by {}: {changes}", resource.reference);
                vec![Event::normal(reason::SCALING, message)]
            }
            // What is decided on is old; the next cycle sees what is new.
            Applied::Stale => {
                tracing::debug!(%job, "the resource has changed since it was looked at; it is patched in another cycle");
                Vec::new()
            }
            Applied::Managed(managers) => refused(format!(
                "{OVERRIDES} of {} is managed by {}, and it is not taken by force. Remove the key from where they have it \
                 from (Git, a chart, a file), or set autoscaler.standalone.realizer.kubernetes.mode: rest",
                resource.reference,
                managers.join(", ")
            )),
            Applied::Refused(error) => {
                refused(format!("{}; it is tried again in {} min", error.chain(), REFUSED.as_secs() / 60))
            }
            Applied::Forbidden(error) => {
                self.memories.with(job, |memory| memory.is_rest_only = true);
                let message = format!(
                    "{}. From now on the job is rescaled over Flink's REST API alone, which its resource does not show; \
                     allow to patch it and restart the autoscaler, or set autoscaler.standalone.realizer.kubernetes.mode: rest",
                    error.chain()
                );
                return Ok(Some(vec![Event::warning(reason::SCALING, message)]));
            }
        };
        Ok(Some(events))
    }

    /// What is wanted of a job that runs.
    async fn of_running(&self, turn: &Turn<'_>, realization: &Realization) -> Result<Vec<Event>, PortError> {
        let key = &turn.job.key;
        let version = &turn.resource.resource_version;
        let (is_rest, is_refused, is_old) = self.memories.with(key, |memory| {
            let is_old = memory.based_on.as_ref() == Some(version);
            (memory.is_rest_only, memory.is_refused(turn.wanted, &turn.resource), is_old)
        });
        // What a patch comes to is not seen yet.
        if is_refused || is_old {
            return Ok(Vec::new());
        }
        if let Some(events) = self.not_again(turn) {
            return Ok(events);
        }
        if self.options.mode == Mode::Spec && !is_rest {
            if let Some(events) = self.by_resource(turn).await? {
                return Ok(events);
            }
            // What the operator is about to do is left to it.
            let defaults = self.access.resources.defaults();
            let is_upgraded = || guard(&turn.resource, turn.cluster.as_deref(), &defaults).is_err();
            if turn.resource.is_change_pending() || (self.options.full_upgrades && is_upgraded()) {
                return Ok(Vec::new());
            }
        }
        let mut is_left = false;
        let against = async {
            let events = self.by_operators_state(key, &turn.resource).await?;
            is_left = events.is_some();
            Ok(events)
        };
        let events = self.over_rest(turn.job, realization, against).await?;
        if !is_left {
            self.memories.with(key, |memory| memory.said = None);
        }
        Ok(events)
    }
}

/// The changes, for people.
fn changes(before: &Overrides, after: &Overrides) -> String {
    let changed = after.iter().filter(|(vertex, parallelism)| before.get(*vertex) != Some(*parallelism));
    let shown = changed.map(|(vertex, parallelism)| match before.get(vertex) {
        Some(before) => format!("{vertex} {before} -> {parallelism}"),
        None => format!("{vertex} -> {parallelism}"),
    });
    shown.collect::<Vec<_>>().join(", ")
}

#[async_trait]
impl ScalingRealizer for KubernetesRealizer {
    async fn realize(&self, job: &JobAutoScalerContext, realization: &Realization) -> Result<Vec<Event>, PortError> {
        // Gone since it was listed.
        let Some(resource) = self.access.resources.of(&job.key) else { return Ok(Vec::new()) };
        let cluster = self.access.resources.cluster_of(&resource);
        if let Some(message) = conflict(&resource, cluster.as_deref(), &self.access.resources.defaults()) {
            return Ok(self.in_conflict(&job.key, message));
        }
        let mut events: Vec<Event> = self.looked_back(&job.key, &resource).into_iter().collect();
        self.handed_on(&job.key, &resource).await;
        if job.status != JobStatus::Running {
            // The operator leaves it alone, too; its resource follows once it runs.
            if realization.while_restarting {
                events.extend(self.over_rest(job, realization, self.by_operators_state(&job.key, &resource)).await?);
            }
            return Ok(events);
        }
        let rest = match &realization.parallelism {
            Some(wanted) => self.of_running(&Turn { job, resource, cluster, wanted }, realization).await,
            None if realization.config.is_some() => self.over_rest(job, realization, ready(Ok(None))).await,
            None => Ok(Vec::new()),
        };
        match rest {
            Ok(more) => events.extend(more),
            // What was found is told once, so it must not get lost.
            Err(error) if !events.is_empty() => tracing::warn!(job = %job.key, "{}", error.chain()),
            Err(error) => return Err(error),
        }
        Ok(events)
    }

    fn forget(&self, job: &JobKey) {
        self.memories.forget(job);
    }
}
