//! Another way to a cluster than connections of our own.

use std::error::Error;
use std::fmt::Debug;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;

/// What can go wrong on the way.
pub type TransportError = Box<dyn Error + Send + Sync>;

/// An answer whose body is still to come.
pub type TransportAnswer = http::Response<BoxStream<'static, Result<Bytes, TransportError>>>;

/// What carries requests to a cluster where we don't connect to it ourselves. TLS and who we are, are its affair; deadlines
/// and the bounds on requests and answers are not.
#[async_trait]
pub trait Transport: Debug + Send + Sync + 'static {
    /// Sends one request, once. Its URL is the cluster's base with a path behind it.
    ///
    /// # Errors
    /// There is no answer. An answer that is an error is one.
    async fn send(&self, request: http::Request<Bytes>) -> Result<TransportAnswer, TransportError>;

    /// Whether what a server says holds a secret that a request was sent with on the way.
    fn repeats_secret(&self, said: &str) -> bool;

    /// What to do about an answer with this HTTP status that comes from what is in between.
    fn advice(&self, status: u16) -> Option<&'static str>;
}
