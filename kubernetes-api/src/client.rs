//! The API server, connected to when it is first asked.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use autoscaler_core::{ErrorKind, PortError};
use kube::{Client, Config};
use tokio::sync::OnceCell;

use crate::error::port_error;

/// Within which a request must have been answered, watches aside.
pub const DEADLINE: Duration = Duration::from_secs(10);

/// One API server: the kubeconfig's (`KUBECONFIG`, `~/.kube/config`), else the one whose pod we are in. Clones share the
/// connection.
#[derive(Clone, Default)]
pub struct ApiClient {
    client: Arc<OnceCell<Client>>,
}

impl fmt::Debug for ApiClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiClient").field("is_made", &self.client.initialized()).finish()
    }
}

impl ApiClient {
    /// A client that is there already.
    pub fn of(client: Client) -> Self {
        Self { client: Arc::new(OnceCell::new_with(Some(client))) }
    }

    /// The client itself. Nothing is tried twice by it, and but for connecting it knows no deadlines:
    /// [`answer`](Self::answer) has one.
    ///
    /// # Errors
    /// Nothing says where the API server is, or what says so can't be used; it is tried again at the next call.
    pub async fn get(&self) -> Result<Client, PortError> {
        self.client.get_or_try_init(connected).await.cloned()
    }

    /// What comes of one request, within [`DEADLINE`]. `tried` is what an error begins with:
    /// "the ConfigMap ns/a can't be written".
    ///
    /// # Errors
    /// No client can be made, no answer in time, or an answer that is an error.
    pub async fn answer<T, F>(&self, tried: &str, request: impl FnOnce(Client) -> F + Send) -> Result<T, PortError>
    where
        F: Future<Output = Result<T, kube::Error>> + Send,
    {
        let answered = async { Ok::<_, PortError>(request(self.get().await?).await) };
        let late = || {
            let seconds = DEADLINE.as_secs();
            PortError::new(ErrorKind::Timeout, format!("{tried}: Kubernetes did not answer within {seconds} s"))
        };
        tokio::time::timeout(DEADLINE, answered).await.map_err(|_| late())??.map_err(|error| port_error(tried, error))
    }
}

async fn connected() -> Result<Client, PortError> {
    const TRIED: &str = "no client of Kubernetes can be made";
    let mut config = Config::infer().await.map_err(|error| port_error(TRIED, kube::Error::InferConfig(error)))?;
    // By default kube tries again for minutes, of which no cycle knows.
    config.default_retry = false;
    config.connect_timeout = Some(DEADLINE);
    Client::try_from(config).map_err(|error| port_error(TRIED, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_server_that_does_not_answer_is_not_waited_for_forever() {
        let (service, _handle) =
            tower_test::mock::pair::<http::Request<kube::client::Body>, http::Response<kube::client::Body>>();
        let api = ApiClient::of(Client::new(service, "default"));
        let error = api.answer("the version can't be read", |client| async move { client.apiserver_version().await });
        let error = error.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert_eq!(error.to_string(), "the version can't be read: Kubernetes did not answer within 10 s");
    }
}
