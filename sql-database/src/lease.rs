//! The right to act on a database: a row that says who has it and until when, by the database's own clock.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use autoscaler_core::{Acquired, ErrorKind, Expiry, HeldLease, Lease, LeaseTerms, LeaseToken, Occupied, PortError};

use crate::checked::Database;
use crate::error::SqlError;
use crate::statement::{Column, Dialect, LeaseDialect, Row, Sql, Statement};
use crate::transaction::{Condition, Lock, Transaction};

const TABLE: &str = "t_flink_autoscaler_lease";
/// The row of the right to act: a database has one.
const NAME: &str = "run";

/// Who holds it, under which token, until when, and what time it is; instants in milliseconds since the epoch.
const COLUMNS: &[Column] = &[Column::Text, Column::Integer, Column::Integer, Column::Integer];

/// A lease that is a row of a server's database. It expires by the clock of the database alone, and it can pass to another
/// process while this one believes to hold it: who writes under its token is refused then.
#[derive(Clone, Debug)]
pub struct RowLease {
    database: Database,
    texts: Arc<Texts>,
}

#[derive(Debug)]
struct Texts {
    look: Arc<Sql>,
    lock: Arc<Sql>,
    insert: Arc<Sql>,
    take: Arc<Sql>,
    renew: Arc<Sql>,
    release: Arc<Sql>,
}

/// A statement that answers a row as long as nobody has taken the lease since it was given out under `token`, and that
/// keeps others from taking it until the transaction ends.
pub(crate) fn fence(dialect: &LeaseDialect) -> Arc<Sql> {
    let share = dialect.share_lock;
    Sql::new(format!("SELECT token FROM {TABLE} WHERE name = ? AND token = ?{share}"))
}

/// The same with its parameters.
pub(crate) fn fenced(fence: &Arc<Sql>, token: LeaseToken) -> Statement {
    Statement::of(fence).with(NAME).with(token.0)
}

impl RowLease {
    /// The right to act on a database, whose schema is brought up to date when it is first taken. None for a database that
    /// has no rows for it.
    pub fn new(database: Database) -> Option<Self> {
        let Dialect { lease, lock_rows, .. } = database.as_it_is().dialect();
        let LeaseDialect { now, insert_absent: (insert, otherwise), .. } = lease?;
        let lock = lock_rows.unwrap_or_default();
        let texts = Texts {
            look: Sql::new(format!("SELECT holder, token, expires_at, {now} FROM {TABLE} WHERE name = ?")),
            lock: Sql::new(format!("SELECT token FROM {TABLE} WHERE name = ?{lock}")),
            // A row that somebody has deleted must not bring back tokens that were given out.
            insert: Sql::new(format!(
                "{insert} {TABLE} (name, holder, token, expires_at) VALUES (?, '', {now}, 0){otherwise}"
            )),
            take: Sql::new(format!(
                "UPDATE {TABLE} SET holder = ?, token = token + 1, expires_at = {now} + ? \
                 WHERE name = ? AND (expires_at <= {now} OR holder = ?)"
            )),
            renew: Sql::new(format!("UPDATE {TABLE} SET expires_at = {now} + ? WHERE name = ? AND token = ?")),
            release: Sql::new(format!("UPDATE {TABLE} SET holder = '', expires_at = 0 WHERE name = ? AND token = ?")),
        };
        Some(Self { database, texts: Arc::new(texts) })
    }

    async fn look(&self) -> Result<Option<Found>, SqlError> {
        let look = Statement::of(&self.texts.look).with(NAME);
        let rows = self.database.ready().await?.fetch(&look, COLUMNS).await?;
        rows.first().map(Found::of).transpose()
    }

    async fn take(&self, terms: &LeaseTerms) -> Result<Option<Found>, SqlError> {
        let named = |text| Statement::of(text).with(NAME);
        let take = Statement::of(&self.texts.take).with(terms.holder.as_str()).with(millis(terms.duration));
        let condition = Condition {
            query: named(&self.texts.look),
            columns: COLUMNS,
            digest: |_| Ok(0),
            expected: None,
            ask_again: true,
        };
        let transaction = Transaction {
            lock: Some(Lock { rows: named(&self.texts.lock), absence: vec![named(&self.texts.insert)] }),
            condition: Some(condition),
            statements: vec![take.with(NAME).with(terms.holder.as_str())],
            ..Transaction::default()
        };
        let done = self.database.ready().await?.transact(transaction).await?;
        done.after.first().map(Found::of).transpose()
    }

    fn occupied(&self, found: &Found) -> Occupied {
        let message = "another flink-autoscaler is running on the same database, and two would rescale the same jobs: stop it, \
                       use a database of its own, or make both replicas (autoscaler.standalone.high-availability.enabled)";
        let error = PortError::new(ErrorKind::Conflict, message)
            .with("database", self.database.name())
            .with("holder", found.holder.as_str());
        Occupied::new(found.holder.as_str(), error).until(Expiry { left: found.left, renewal: found.renewal })
    }

    fn vanished(&self) -> PortError {
        PortError::new(ErrorKind::Conflict, "the row of the right to act was deleted by somebody else")
            .with("database", self.database.name())
            .with("table", TABLE)
    }
}

/// What the row says.
#[derive(Debug)]
struct Found {
    holder: String,
    token: LeaseToken,
    left: Duration,
    renewal: i64,
}

impl Found {
    fn of(row: &Row) -> Result<Self, SqlError> {
        let (expires, now) = (row.integer(2)?, row.integer(3)?);
        let left = Duration::from_millis(u64::try_from(expires.saturating_sub(now)).unwrap_or(0));
        Ok(Self { holder: row.text(0)?.to_owned(), token: LeaseToken(row.integer(1)?), left, renewal: expires })
    }
}

#[async_trait]
impl Lease for RowLease {
    async fn acquire(&self, terms: &LeaseTerms) -> Result<Acquired, PortError> {
        // Whoever waits for a lease only reads: a lock would hold up those who write under it.
        let found = match self.look().await? {
            Some(found) if !found.left.is_zero() && found.holder != terms.holder => found,
            _ => match self.take(terms).await? {
                Some(found) => found,
                None => return Err(self.vanished()),
            },
        };
        if found.holder != terms.holder {
            return Ok(Acquired::Occupied(self.occupied(&found)));
        }
        Ok(Acquired::Held(Box::new(HeldRow { lease: self.clone(), token: found.token, duration: terms.duration })))
    }
}

#[derive(Debug)]
struct HeldRow {
    lease: RowLease,
    token: LeaseToken,
    duration: Duration,
}

#[async_trait]
impl HeldLease for HeldRow {
    fn token(&self) -> Option<LeaseToken> {
        Some(self.token)
    }

    fn duration(&self) -> Option<Duration> {
        Some(self.duration)
    }

    async fn renew(&self) -> Result<(), PortError> {
        let RowLease { database, texts } = &self.lease;
        let renew = Statement::of(&texts.renew).with(millis(self.duration)).with(NAME).with(self.token.0);
        let changed = database.ready().await?.execute(vec![renew]).await?;
        if changed.first().is_some_and(|rows| *rows > 0) {
            return Ok(());
        }
        let Some(found) = self.lease.look().await? else { return Err(self.lease.vanished()) };
        Err(PortError::new(ErrorKind::Conflict, "the right to act has passed to another process")
            .with("database", database.name())
            .with("holder", found.holder))
    }

    async fn release(self: Box<Self>) -> Result<(), PortError> {
        let RowLease { database, texts } = &self.lease;
        let release = Statement::of(&texts.release).with(NAME).with(self.token.0);
        database.ready().await?.execute(vec![release]).await?;
        Ok(())
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4)
}
