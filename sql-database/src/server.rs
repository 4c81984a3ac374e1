//! A database's server, before there is a connection to it.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Poll;
use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};

use crate::peer;
use crate::url::Scheme;

/// Connecting takes long when it takes longer, or a quarter of its deadline.
const PATIENCE: Duration = Duration::from_secs(2);

/// A database's server, as whoever connects to it sees it.
#[derive(Debug)]
pub struct Server {
    scheme: Scheme,
    /// None where it is reached through a socket in the file system.
    address: Option<(String, u16)>,
    /// Held by whoever finds out whether it is there.
    probing: Mutex<()>,
}

impl Server {
    /// The server at a host and port.
    pub fn new(scheme: Scheme, address: Option<(&str, u16)>) -> Self {
        let address = address.map(|(host, port)| (host.to_owned(), port));
        Self { scheme, address, probing: Mutex::default() }
    }

    /// Waits until nobody else is finding out whether it is there.
    pub async fn probe(&self) -> MutexGuard<'_, ()> {
        self.probing.lock().await
    }

    /// What comes of connecting. Where that takes long or fails for no reason that the server gives, it is looked at what
    /// kind of server is there.
    ///
    /// # Errors
    /// That of `connect`, or that the server is of another kind.
    pub async fn reached<T>(
        &self,
        deadline: Duration,
        connect: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, sqlx::Error> {
        let found = |other| sqlx::Error::Io(std::io::Error::other(other));
        if let (Scheme::Postgres, Some((host, port))) = (self.scheme, &self.address)
            && let Some(other) = peer::other_than_postgres(host, *port).await
        {
            return Err(found(other));
        }
        let mut connect = std::pin::pin!(connect);
        // A driver that can't stand what a server sends.
        let mut connect = poll_fn(|context| {
            catch_unwind(AssertUnwindSafe(|| connect.as_mut().poll(context))).unwrap_or_else(|_| {
                Poll::Ready(Err(sqlx::Error::Protocol("what it sends makes no sense to the driver".to_owned())))
            })
        });
        let others = async |patience: Duration| {
            let (host, port) = self.address.as_ref()?;
            tokio::time::sleep(patience).await;
            peer::other_than(self.scheme, host, *port).await
        };
        let ended = tokio::select! {
            ended = &mut connect => ended,
            Some(other) = others(PATIENCE.min(deadline / 4)) => return Err(found(other)),
        };
        match ended {
            Err(error) if is_unexplained(&error) => {
                let other = others(Duration::ZERO).await;
                Err(other.map_or(error, found))
            }
            ended => ended,
        }
    }
}

/// Whether a server that is no database may be the reason.
fn is_unexplained(error: &sqlx::Error) -> bool {
    use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, InvalidData, UnexpectedEof};
    match error {
        sqlx::Error::Protocol(_) | sqlx::Error::Tls(_) => true,
        sqlx::Error::Io(error) => {
            matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | InvalidData | UnexpectedEof)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_driver_that_panics_is_an_error() {
        let server = Server::new(Scheme::MySql, None);
        let connect = async { if server.address.is_none() { panic!("not enough bytes") } else { Ok(()) } };
        let error = server.reached(Duration::from_secs(60), connect).await.unwrap_err();
        assert!(error.to_string().contains("makes no sense to the driver"), "{error}");
    }
}
