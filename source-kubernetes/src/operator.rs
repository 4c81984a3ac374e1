//! Reads the operator's own configuration again and again, for as long as the source is there.

mod content;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use autoscaler_core::{ErrorKind, PortError};
use kube::Api;
use kube::core::{ApiResource, DynamicObject, GroupVersionKind};
use kubernetes_api::{ApiClient, OperatorDefaults, Resources};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::config_map::ConfigMapName;
use crate::trouble::{Pause, Trouble};

/// The operator itself looks every 5 min.
const INTERVAL: Duration = Duration::from_secs(30);

/// The operator's configuration, as its ConfigMap has it.
#[derive(Debug)]
pub(crate) struct OperatorConfiguration {
    place: ConfigMapName,
    api: ApiClient,
    resources: Resources,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// When it was last read; none before the first time.
    read: Option<Instant>,
    problem: Trouble,
    /// The odd lines that were warned of.
    warned_of: Vec<usize>,
}

impl OperatorConfiguration {
    pub(crate) fn new(place: ConfigMapName, api: ApiClient, resources: Resources) -> Arc<Self> {
        Arc::new(Self { place, api, resources, state: Mutex::default() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No operation leaves the state half changed, so a panic elsewhere does no harm here.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn what(&self) -> String {
        let option = "autoscaler.standalone.fetcher.kubernetes.operator-configuration";
        format!("the operator's configuration, the ConfigMap {} of {option}, can't be read", self.place)
    }

    /// # Errors
    /// It has not been read yet, or not for `bound`: what jobs are configured with is unknown.
    pub(crate) fn check(&self, bound: Duration) -> Result<(), PortError> {
        let state = self.state();
        let unknown = |message: String| Err(PortError::new(ErrorKind::Unavailable, message));
        let why = || state.problem.text().map_or_else(|| self.what(), str::to_owned);
        match state.read {
            None if state.problem.text().is_none() => unknown(format!("{} yet", self.what())),
            None => unknown(why()),
            Some(read) if read.elapsed() > bound => {
                // The same words each time, so that they are said once.
                unknown(format!("{}; it was last read more than {} s ago", why(), bound.as_secs()))
            }
            Some(_) => Ok(()),
        }
    }

    /// Never ends.
    pub(crate) async fn run(self: Arc<Self>) {
        let mut pause = Pause::default();
        loop {
            match self.read().await {
                Ok(()) => {
                    {
                        let mut state = self.state();
                        state.read = Some(Instant::now());
                        let again =
                            || format!("the operator's configuration, the ConfigMap {}, can be read again", self.place);
                        state.problem.ends(again);
                    }
                    pause = Pause::default();
                    sleep(INTERVAL).await;
                }
                Err(problem) => {
                    self.state().problem.stands(problem);
                    sleep(pause.next()).await;
                }
            }
        }
    }

    async fn read(&self) -> Result<(), String> {
        let kind = ApiResource::from_gvk(&GroupVersionKind::gvk("", "v1", "ConfigMap"));
        let ConfigMapName { namespace, name } = &self.place;
        let get =
            |client| async move { Api::<DynamicObject>::namespaced_with(client, namespace, &kind).get(name).await };
        let object = self.api.answer(&self.what(), get).await.map_err(|error| match error.kind() {
            ErrorKind::Denied => format!(
                "{}; the right to get it is missing: apply flink-autoscaler kubernetes rbac --operator-configuration {}",
                error.chain(),
                self.place
            ),
            _ => error.chain().to_string(),
        })?;
        let data = object.data.get("data").and_then(Value::as_object).cloned().unwrap_or_default();
        let content = content::read(&data).map_err(|problem| format!("{}: {problem}", self.what()))?;
        if let Some(remark) = self.remark(content.odd_lines) {
            tracing::warn!("{remark}");
        }
        self.resources.set_defaults(OperatorDefaults::new(content.entries));
        Ok(())
    }

    /// What is to be said of lines that are no options, once, by their numbers: a line may hold a secret.
    fn remark(&self, odd_lines: Vec<usize>) -> Option<String> {
        let mut state = self.state();
        if state.warned_of == odd_lines {
            return None;
        }
        let numbers: Vec<String> = odd_lines.iter().map(ToString::to_string).collect();
        state.warned_of = odd_lines;
        (!numbers.is_empty()).then(|| {
            format!(
                "of flink-conf.yaml in the ConfigMap {} these lines have no effect, for they are not 'key: value', with a \
                 space: {}",
                self.place,
                numbers.join(", ")
            )
        })
    }
}

#[cfg(test)]
mod tests;
