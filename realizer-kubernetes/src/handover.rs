//! A job is handed over between the operator's own autoscaler and this one, by one apply, with what is known of it.

use std::fmt;

use autoscaler_core::state::codec::UnreadableRow;
use autoscaler_core::{ErrorKind, JobKey, JobState, PortError};
use kube::Api;
use kube::api::{Patch, PatchParams};
use kube::core::DynamicObject;
use kubernetes_api::{
    ApiClient, FIELD_MANAGER, FlinkResource, Kind, SWITCH_ANNOTATION, give_back, is_given_back, is_taken_over,
    operators_data, read_operators_data, takeover,
};
use serde_json::Value;

use crate::operators_map::{operators_map, put_operators_map};

/// To whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To this autoscaler.
    Takeover,
    /// To the operator's own.
    GiveBack,
}

/// A handover that can be done without a restart, as far as the resource shows.
#[derive(Clone)]
pub struct Handover {
    api: ApiClient,
    resource: FlinkResource,
    direction: Direction,
    object: Value,
}

impl fmt::Debug for Handover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { resource, direction, .. } = self;
        f.debug_struct("Handover")
            .field("of", &resource.reference)
            .field("direction", direction)
            .finish_non_exhaustive()
    }
}

impl Handover {
    /// Looks at a resource.
    ///
    /// # Errors
    /// It can't be done without a restart, or there is no such resource.
    pub async fn plan(
        api: &ApiClient,
        kind: Kind,
        namespace: &str,
        name: &str,
        direction: Direction,
    ) -> Result<Self, PortError> {
        let what = format!("{} {namespace}/{name}", kind.name());
        let of_kind = kind.api_resource();
        let tried = format!("{what} can't be read");
        let found = api.answer(&tried, |client| async {
            Api::<DynamicObject>::namespaced_with(client, namespace, &of_kind).get(name).await
        });
        let read = FlinkResource::read(kind, found.await?);
        let resource = read.map_err(|problem| PortError::new(ErrorKind::Invalid, problem))?;
        let object = match direction {
            Direction::Takeover => takeover(&resource),
            Direction::GiveBack => give_back(&resource),
        };
        let object = object.map_err(|problem| {
            PortError::new(ErrorKind::Refused, format!("{what} can't be handed over without a restart: {problem}"))
        })?;
        Ok(Self { api: api.clone(), resource, direction, object })
    }

    /// `FlinkDeployment orders/checkout`.
    pub fn of(&self) -> String {
        self.resource.reference.to_string()
    }

    /// What state and events of the job go by.
    pub fn job(&self) -> JobKey {
        self.resource.reference.key()
    }

    /// The object that is applied.
    pub fn object(&self) -> &Value {
        &self.object
    }

    /// Whether the resource has it already: who has the job has had the time to learn more than the other knows.
    pub fn is_done(&self) -> bool {
        match self.direction {
            Direction::Takeover => is_taken_over(&self.resource),
            Direction::GiveBack => is_given_back(&self.resource),
        }
    }

    /// Has the API server check what is applied; nothing is stored.
    ///
    /// # Errors
    /// The API server refuses it.
    pub async fn check(&self) -> Result<(), PortError> {
        self.patched(true).await
    }

    /// Hands the job over.
    ///
    /// Keys that somebody else manages are taken: they must be changed where they come from, too, which is in the
    /// [`remarks`](Self::remarks).
    ///
    /// # Errors
    /// The resource has changed since it was looked at, or the API server refuses it.
    pub async fn apply(&self) -> Result<(), PortError> {
        self.patched(false).await
    }

    async fn patched(&self, is_dry_run: bool) -> Result<(), PortError> {
        let of = &self.resource.reference;
        let of_kind = of.kind.api_resource();
        let mut parameters = PatchParams::apply(FIELD_MANAGER).force();
        parameters.dry_run = is_dry_run;
        let tried = format!("{of} can't be patched");
        let patched = self.api.answer(&tried, |client| async {
            let api = Api::<DynamicObject>::namespaced_with(client, &of.namespace, &of_kind);
            api.patch(&of.name, &parameters, &Patch::Apply(&self.object)).await
        });
        patched.await.map(drop)
    }

    /// What the operator's own autoscaler keeps of the job, to be stored as a whole, and what of it can't be read; none where it
    /// keeps nothing, as it is off, or not yet on.
    ///
    /// # Errors
    /// Its ConfigMap can't be asked for.
    pub async fn operators_state(&self) -> Result<Option<(JobState, Vec<UnreadableRow>)>, PortError> {
        let data = operators_map(&self.api, &self.resource.reference).await?;
        Ok((!data.is_empty()).then(|| read_operators_data(&data)))
    }

    /// Has the operator's own autoscaler begin with this state. The operator takes it away again for as long as its own
    /// is off.
    ///
    /// # Errors
    /// It is too large, or the ConfigMap can't be written.
    pub async fn put_operators_state(&self, state: &JobState) -> Result<(), PortError> {
        let data = operators_data(state)
            .map_err(|error| PortError::new(ErrorKind::TooLarge, error.to_string()).with("job", self.of()))?;
        put_operators_map(&self.api, &self.resource.reference, &data).await
    }

    /// What else its user has to do.
    pub fn remarks(&self) -> Vec<String> {
        let is_takeover = self.direction == Direction::Takeover;
        let wanted = if is_takeover { "false" } else { "true" };
        let mut remarks = vec![format!(
            "where the resource comes from (Git, a chart, a file), set job.autoscaler.enabled: \"{wanted}\", too, and do not name \
             pipeline.jobvertex-parallelism-overrides there: else the next time it is applied undoes this"
        )];
        let annotation = self.resource.annotations.get(SWITCH_ANNOTATION);
        let annotated = annotation.map(|text| text.trim().eq_ignore_ascii_case("true"));
        if annotated.is_some_and(|is_on| is_on != is_takeover) {
            remarks.push(format!("remove the annotation {SWITCH_ANNOTATION}, which says otherwise and counts first"));
        }
        remarks
    }
}
