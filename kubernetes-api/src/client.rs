//! The API server, connected to when it is first asked.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use autoscaler_core::{ErrorKind, PortError};
use kube::core::Status;
use kube::{Client, Config};
use tokio::sync::OnceCell;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::error::{of_status, port_error};

/// Within which a request must have been answered, watches aside.
pub const DEADLINE: Duration = Duration::from_secs(10);

const TRIED: &str = "no client of Kubernetes can be made";
const TOO_MANY: u16 = 429;
/// For how long the API server is left alone, at least where there are too many requests, and at most, whatever it asks for.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// For how long a request waits, at most, where the API server has asked to be left alone.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

type Making = JoinHandle<Result<Client, kube::Error>>;

/// One API server: the kubeconfig's (`KUBECONFIG`, `~/.kube/config`), else the one whose pod we are in. Clones share the
/// connection, and leave the API server alone together where it asks for that.
#[derive(Clone, Default)]
pub struct ApiClient {
    client: Arc<OnceCell<Client>>,
    /// The client while it is made: a program that gets credentials may take longer than anybody waits, and is not started
    /// again meanwhile.
    making: Arc<tokio::sync::Mutex<Option<Making>>>,
    /// Until when the API server has asked to be left alone.
    until: Arc<Mutex<Option<Instant>>>,
}

impl fmt::Debug for ApiClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiClient").field("is_made", &self.client.initialized()).finish()
    }
}

impl ApiClient {
    /// A client that is there already.
    pub fn of(client: Client) -> Self {
        Self { client: Arc::new(OnceCell::new_with(Some(client))), ..Self::default() }
    }

    /// The same connection for requests that the API server queues apart: what it asks to be left alone by here is none of
    /// theirs, nor the other way.
    #[must_use]
    pub fn apart(&self) -> Self {
        Self { client: Arc::clone(&self.client), making: Arc::clone(&self.making), until: Arc::default() }
    }

    /// The client itself. Nothing is tried twice by it, and but for connecting it knows no deadlines:
    /// [`answer`](Self::answer) has one.
    ///
    /// # Errors
    /// Nothing says where the API server is, or what says so can't be used; it is tried again at the next call.
    pub async fn get(&self) -> Result<Client, PortError> {
        self.client.get_or_try_init(|| self.made()).await.cloned()
    }

    /// What comes of one request, as [`ask`](Self::ask).
    ///
    /// # Errors
    /// As of `ask`, or it is refused.
    pub async fn answer<T, F>(&self, tried: &str, request: impl FnOnce(Client) -> F + Send) -> Result<T, PortError>
    where
        F: Future<Output = Result<T, kube::Error>> + Send,
    {
        self.ask(tried, request).await?.map_err(|status| of_status(tried, &status))
    }

    /// What the API server answers to one request within [`DEADLINE`], or why it refuses it. `tried` is what an error begins
    /// with: "the ConfigMap ns/a can't be written". Where it has answered an earlier request by when to try again, it is left
    /// alone until then.
    ///
    /// # Errors
    /// No client can be made, no answer in time, none that can be read, or it is to be left alone for longer than a cycle can
    /// wait.
    pub async fn ask<T, F>(
        &self,
        tried: &str,
        request: impl FnOnce(Client) -> F + Send,
    ) -> Result<Result<T, Box<Status>>, PortError>
    where
        F: Future<Output = Result<T, kube::Error>> + Send,
    {
        self.leave_alone(tried).await?;
        let answered = async { Ok::<_, PortError>(request(self.get().await?).await) };
        let late = || {
            let seconds = DEADLINE.as_secs();
            PortError::new(ErrorKind::Timeout, format!("{tried}: Kubernetes did not answer within {seconds} s"))
        };
        match tokio::time::timeout(DEADLINE, answered).await.map_err(|_| late())?? {
            Ok(answer) => Ok(Ok(answer)),
            Err(kube::Error::Api(status)) => {
                let told = status.details.as_ref().map_or(0, |details| details.retry_after_seconds);
                let told = Duration::from_secs(told.into());
                // One that is too busy to say more has said it in a header, which is lost on the way here: one second.
                let pause = if status.code == TOO_MANY { told.max(SHORTEST_PAUSE) } else { told };
                if !pause.is_zero() {
                    *self.until() = Some(Instant::now() + pause.min(LONGEST_PAUSE));
                }
                Ok(Err(status))
            }
            Err(error) => Err(port_error(tried, error)),
        }
    }

    async fn made(&self) -> Result<Client, PortError> {
        let mut making = self.making.lock().await;
        let made = match &mut *making {
            Some(going_on) => going_on,
            none => {
                let config = configuration().await?;
                // It runs programs, and waits for them.
                none.insert(tokio::task::spawn_blocking(move || Client::try_from(config)))
            }
        };
        let made = made.await;
        *making = None;
        let made = made.map_err(|error| PortError::new(ErrorKind::Unavailable, TRIED).caused_by(error))?;
        made.map_err(|error| port_error(TRIED, error))
    }

    fn until(&self) -> MutexGuard<'_, Option<Instant>> {
        // An instant is never half written.
        self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn leave_alone(&self, tried: &str) -> Result<(), PortError> {
        let Some(until) = *self.until() else { return Ok(()) };
        let left = until.saturating_duration_since(Instant::now());
        if left > LONGEST_WAIT {
            let message = format!("{tried}: Kubernetes has asked not to be asked for another {} s", left.as_secs());
            return Err(PortError::new(ErrorKind::Unavailable, message));
        }
        tokio::time::sleep(left).await;
        Ok(())
    }
}

async fn configuration() -> Result<Config, PortError> {
    let mut config = Config::infer().await.map_err(|error| port_error(TRIED, kube::Error::InferConfig(error)))?;
    // By default kube tries again for minutes, of which no cycle knows.
    config.default_retry = false;
    config.connect_timeout = Some(DEADLINE);
    Ok(config)
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
    /// An API server that answers each request by `429` and these seconds.
    fn busy(seconds: u32) -> (ApiClient, Arc<Mutex<u32>>) {
        let (service, mut server) =
            tower_test::mock::pair::<http::Request<kube::client::Body>, http::Response<kube::client::Body>>();
        let asked = Arc::new(Mutex::new(0));
        let counted = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Some((_, send)) = server.next_request().await {
                *counted.lock().unwrap() += 1;
                let status = serde_json::json!({
                    "kind": "Status", "code": 429, "message": "busy", "details": {"retryAfterSeconds": seconds},
                });
                let body = kube::client::Body::from(status.to_string().into_bytes());
                send.send_response(http::Response::builder().status(429).body(body).unwrap());
            }
        });
        (ApiClient::of(Client::new(service, "default")), asked)
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_asks_for_it_is_left_alone() {
        for (seconds, waited, requests) in [(0, 1, 2), (3, 3, 2), (60, 0, 1), (3600, 0, 1)] {
            let (api, asked) = busy(seconds);
            let error = || async {
                let asked = api.clone();
                asked.answer("it", |client| async move { client.apiserver_version().await }).await.unwrap_err()
            };
            let begun = Instant::now();
            assert_eq!(error().await.kind(), ErrorKind::Unavailable);
            let again = error().await;
            assert_eq!(begun.elapsed().as_secs(), waited, "{seconds} s");
            assert_eq!((again.kind(), *asked.lock().unwrap()), (ErrorKind::Unavailable, requests), "{again}");
            tokio::time::advance(Duration::from_secs(60)).await;
            error().await;
            assert_eq!(*asked.lock().unwrap(), requests + 1);
        }
    }
}
