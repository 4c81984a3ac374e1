//! Requests to any server, by connections of our own: for transports that find out where to send them.

use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};

use super::link::Link;
use super::transport::{Transport, TransportAnswer, TransportError};
use crate::access::ClusterAccess;
use crate::error::RestError;

/// Sends each request to the server of its URL, as a [`ClusterAccess`] says; redirects are not followed. Of the access the
/// bound on requests does not count.
///
/// Its credentials go wherever it is told to send: it is for whoever made sure of the server.
pub struct Carrier(Link);

impl fmt::Debug for Carrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Carrier").field("access", self.0.access()).finish()
    }
}

impl Carrier {
    /// Connections as `access` says; `what` is there, for errors and logs.
    ///
    /// # Errors
    /// Files or variables can't be read, what is in them can't be used, or TLS can't be set up.
    pub fn new(access: ClusterAccess, what: &str) -> Result<Self, RestError> {
        Link::open(access, None, true, what).map(Self).map_err(|problem| problem.of(what))
    }
}

#[async_trait]
impl Transport for Carrier {
    async fn send(&self, request: http::Request<Bytes>) -> Result<TransportAnswer, TransportError> {
        let response = self.0.current().await.carry(request).await?;
        let mut answer = http::Response::new(());
        *answer.status_mut() = response.status();
        *answer.headers_mut() = response.headers().clone();
        let body = response.bytes_stream().map_err(|error| TransportError::from(error.without_url())).boxed();
        Ok(answer.map(|()| body))
    }

    fn repeats_secret(&self, said: &str) -> bool {
        self.0.now().repeats_secret(said)
    }

    fn advice(&self, _status: u16) -> Option<&'static str> {
        None
    }
}
