//! ResourceManagers: who is active, and what it says of applications.

use std::sync::atomic::{AtomicUsize, Ordering};

use autoscaler_core::{ErrorKind, PortError};
use flink_rest::{FlinkClient, RestError};
use url::form_urlencoded::Serializer;

use crate::application::{Application, ApplicationId, Applications, Attempt, Info, OneApplication, OneAttempt};
use crate::room::{Metrics, Room, Scheduler};

const STATES: &str = "NEW,NEW_SAVING,SUBMITTED,ACCEPTED,RUNNING";
/// What makes entries large, and is no use.
const DESELECTED: &str = "resourceRequests,timeouts,resourceInfo,appNodeLabelExpression,amNodeLabelExpression";

/// The ResourceManagers of a YARN cluster.
#[derive(Debug)]
pub(crate) struct Managers {
    clients: Vec<FlinkClient>,
    /// The one that was active last.
    active: AtomicUsize,
    types: String,
    user_name: Option<String>,
}

/// What an active ResourceManager says.
#[derive(Debug)]
pub(crate) struct Answer<'a> {
    /// The applications of the types that have not ended.
    pub(crate) applications: Vec<Application>,
    pub(crate) manager: Manager<'a>,
}

/// The ResourceManager that was active a moment ago.
#[derive(Debug)]
pub(crate) struct Manager<'a> {
    client: &'a FlinkClient,
    managers: &'a Managers,
}

impl Managers {
    pub(crate) fn new(clients: Vec<FlinkClient>, types: &[String], user_name: Option<String>) -> Self {
        let types = types.iter().map(|kind| kind.trim()).collect::<Vec<_>>().join(",");
        Self { clients, active: AtomicUsize::new(0), types, user_name }
    }

    /// Asks the active ResourceManager: the one that was it last, then the others.
    ///
    /// # Errors
    /// None of them is active and answers.
    pub(crate) async fn ask(&self) -> Result<Answer<'_>, PortError> {
        let (count, first) = (self.clients.len(), self.active.load(Ordering::Relaxed));
        let mut failure = PortError::new(ErrorKind::Unavailable, "no ResourceManager is named");
        for index in (0..count).map(|offset| (first + offset) % count) {
            let manager = Manager { client: &self.clients[index], managers: self };
            match manager.applications().await {
                Ok(applications) => {
                    if self.active.swap(index, Ordering::Relaxed) != index {
                        tracing::info!("the active ResourceManager is {}", manager.client.shown_url());
                    }
                    return Ok(Answer { applications, manager });
                }
                Err(error) => {
                    tracing::debug!("a ResourceManager is passed over: {}", error.chain());
                    failure = error;
                }
            }
        }
        let message = format!("none of {count} ResourceManagers is active and answers, the last of them");
        Err(PortError::new(failure.kind(), message).caused_by(failure))
    }

    fn path(&self, path: &str, parameters: &[(&str, &str)]) -> String {
        let mut query = Serializer::new(String::new());
        query.extend_pairs(parameters);
        query.extend_pairs(self.user_name.iter().map(|name| ("user.name", name)));
        match query.finish() {
            query if query.is_empty() => format!("/ws/v1/cluster/{path}"),
            query => format!("/ws/v1/cluster/{path}?{query}"),
        }
    }
}

impl Manager<'_> {
    async fn applications(&self) -> Result<Vec<Application>, PortError> {
        let info: Info = self.client.get(&self.managers.path("info", &[])).await?;
        let state = info.cluster_info.ha_state;
        if !state.eq_ignore_ascii_case("ACTIVE") {
            let message = format!("the ResourceManager says that it is {state}");
            return Err(PortError::new(ErrorKind::Unavailable, message).with("url", self.client.shown_url()));
        }
        let parameters = [("applicationTypes", &*self.managers.types), ("states", STATES), ("deSelects", DESELECTED)];
        let all: Applications = self.client.get(&self.managers.path("apps", &parameters)).await?;
        Ok(all.all())
    }

    /// An application, whatever its state; none where it is not known.
    pub(crate) async fn application(&self, id: &ApplicationId) -> Result<Option<Application>, RestError> {
        let found = self.client.get::<OneApplication>(&self.managers.path(&format!("apps/{}", id.as_str()), &[])).await;
        match found {
            Ok(one) => Ok(Some(one.app)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The room of the cluster and its queues.
    pub(crate) async fn room(&self) -> Result<Room, RestError> {
        let metrics: Metrics = self.client.get(&self.managers.path("metrics", &[])).await?;
        let scheduler: Scheduler = self.client.get(&self.managers.path("scheduler", &[])).await?;
        Ok(Room::of(&metrics, &scheduler))
    }

    /// An attempt of an application.
    pub(crate) async fn attempt(&self, id: &ApplicationId, attempt: u32) -> Result<Attempt, RestError> {
        let path = format!("apps/{}/appattempts/{}", id.as_str(), id.attempt(attempt));
        Ok(self.client.get::<OneAttempt>(&self.managers.path(&path, &[])).await?.attempt())
    }
}
