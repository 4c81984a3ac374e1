//! The right to act on a database, held by a session of its server.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use autoscaler_core::{ErrorKind, HeldLease, Lease, PortError};
use tokio::sync::{oneshot, watch};

use crate::error::SqlError;

/// Time between two looks at whether the lock is still held.
const HEARTBEAT: Duration = Duration::from_secs(2);

/// A session of a database server, and a lock that lasts as long as it does.
#[async_trait]
pub trait LockSession: Send + 'static {
    /// Whether the session still has the lock.
    async fn is_held(&mut self) -> Result<bool, SqlError>;

    /// Ends the session, and the lock with it.
    async fn close(self: Box<Self>);
}

/// A session with the lock, or a word for who has it.
type Taken = Result<Result<Box<dyn LockSession>, String>, SqlError>;

/// How a backend takes the lock.
#[async_trait]
pub(crate) trait TakeLock: Send + Sync + 'static {
    async fn take(&self) -> Taken;
}

#[async_trait]
impl<F, R> TakeLock for F
where
    F: Fn() -> R + Send + Sync + 'static,
    R: Future<Output = Taken> + Send,
{
    async fn take(&self) -> Taken {
        self().await
    }
}

/// A lease that is a lock of a database server, on a connection of its own.
#[derive(Clone)]
pub struct SessionLease {
    database: Arc<str>,
    timeout: Duration,
    take: Arc<dyn TakeLock>,
}

impl std::fmt::Debug for SessionLease {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SessionLease").field("database", &self.database).finish_non_exhaustive()
    }
}

impl SessionLease {
    /// A lease on a database, named as in messages. `take` opens a session and tries for the lock: the session, or a word
    /// for who has it. Each answer is waited for no longer than `timeout`.
    pub fn new<F, R>(database: &str, timeout: Duration, take: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Taken> + Send,
    {
        Self { database: database.into(), timeout, take: Arc::new(take) }
    }
}

#[async_trait]
impl Lease for SessionLease {
    async fn acquire(&self) -> Result<Box<dyn HeldLease>, PortError> {
        let taken = tokio::time::timeout(self.timeout, self.take.take()).await;
        let taken = taken.map_err(|_| SqlError::timeout(&self.database, self.timeout))?;
        match taken? {
            Ok(session) => Ok(Box::new(HeldSession::new(Arc::clone(&self.database), self.timeout, session))),
            Err(holder) => Err(PortError::new(
                ErrorKind::Conflict,
                "another flink-autoscaler is running on the same database, and two would rescale the same jobs: stop it, or use a database of its own",
            )
            .with("database", self.database.to_string())
            .with("holder", holder)),
        }
    }
}

/// A lock that is held; dropping it ends the session.
#[derive(Debug)]
struct HeldSession {
    database: Arc<str>,
    lost: watch::Receiver<Option<String>>,
    /// Dropped with this, which ends the task that keeps the session.
    _release: oneshot::Sender<()>,
}

impl HeldSession {
    fn new(database: Arc<str>, timeout: Duration, session: Box<dyn LockSession>) -> Self {
        let (release, released) = oneshot::channel();
        let (lose, lost) = watch::channel(None);
        tokio::spawn(keep(session, timeout, released, lose));
        Self { database, lost, _release: release }
    }
}

/// Looks after the session until it is released or lost.
async fn keep(
    mut session: Box<dyn LockSession>,
    timeout: Duration,
    mut released: oneshot::Receiver<()>,
    lose: watch::Sender<Option<String>>,
) {
    loop {
        tokio::select! {
            _ = &mut released => break,
            () = tokio::time::sleep(HEARTBEAT) => {}
        }
        let why = match tokio::time::timeout(timeout, session.is_held()).await {
            Ok(Ok(true)) => continue,
            Ok(Ok(false)) => "the server has given it up".to_owned(),
            Ok(Err(error)) => autoscaler_core::ErrorChain(&error).to_string(),
            Err(_) => format!("the server does not answer within {timeout:?}"),
        };
        lose.send_replace(Some(why));
        break;
    }
    // A server that does not answer is not waited for: dropping the session closes its connection, too.
    let _closed = tokio::time::timeout(Duration::from_secs(1), session.close()).await;
}

#[async_trait]
impl HeldLease for HeldSession {
    async fn lost(&self) -> PortError {
        let mut lost = self.lost.clone();
        let why = match lost.wait_for(Option::is_some).await {
            Ok(why) => why.clone().unwrap_or_default(),
            Err(_) => "its connection is no longer looked after".to_owned(),
        };
        PortError::new(ErrorKind::Conflict, "the right to run on the database is lost, another process may have it now")
            .with("database", self.database.to_string())
            .with("why", why)
    }
}
