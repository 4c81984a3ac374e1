//! What implementations over sqlx have in common: statements and rows of any database that sqlx has a driver of.

use std::fmt::Debug;
use std::sync::Arc;

use autoscaler_core::ErrorKind;
use sqlx::error::DatabaseError;
use sqlx::types::chrono::NaiveDateTime;
use sqlx::{AssertSqlSafe, ColumnIndex, Decode, Encode, Executor, IntoArguments, Row as _, Type};

use crate::statement::{Column, Param, Row, Sql, Statement};
use crate::transaction::{Done, Failure, Transaction};

/// What one of sqlx's drivers leaves open.
pub trait Driver: Debug + Send + Sync + 'static {
    /// sqlx's driver.
    type Database: Speaks;

    /// What begins a transaction.
    const BEGIN: &'static str;

    /// A statement's text as this database has it.
    fn text(sql: &Sql) -> &Arc<str>;

    /// What an error of the server means.
    fn kind(error: &dyn DatabaseError) -> ErrorKind;

    /// The rows that a statement changed.
    fn changed(result: &<Self::Database as sqlx::Database>::QueryResult) -> u64;
}

/// A connection of a driver.
pub type Connection<D> = <<D as Driver>::Database as sqlx::Database>::Connection;

/// One of sqlx's drivers that knows texts, numbers and instants, which is all of them: the bounds on it, in one place.
pub trait Speaks: sqlx::Database {
    /// Runs a statement; the rows it answers with.
    fn fetch(
        connection: &mut Self::Connection,
        text: Arc<str>,
        params: &[Param],
    ) -> impl Future<Output = Result<Vec<Self::Row>, sqlx::Error>> + Send;

    /// Runs a statement that answers with no rows.
    fn execute(
        connection: &mut Self::Connection,
        text: Arc<str>,
        params: &[Param],
    ) -> impl Future<Output = Result<Self::QueryResult, sqlx::Error>> + Send;

    /// Reads a column of a row. Numbers may be narrower than 64 bits.
    fn read(row: &Self::Row, index: usize, column: Column) -> Result<Param, sqlx::Error>;
}

type Query<DB> = sqlx::query::Query<'static, DB, <DB as sqlx::Database>::Arguments>;

impl<DB> Speaks for DB
where
    DB: sqlx::Database,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    DB::Arguments: IntoArguments<DB>,
    usize: ColumnIndex<DB::Row>,
    String: Type<DB> + for<'q> Encode<'q, DB> + for<'r> Decode<'r, DB>,
    i64: Type<DB> + for<'q> Encode<'q, DB> + for<'r> Decode<'r, DB>,
    i32: Type<DB> + for<'r> Decode<'r, DB>,
    NaiveDateTime: Type<DB> + for<'q> Encode<'q, DB> + for<'r> Decode<'r, DB>,
{
    async fn fetch(
        connection: &mut DB::Connection,
        text: Arc<str>,
        params: &[Param],
    ) -> Result<Vec<DB::Row>, sqlx::Error> {
        bound::<DB>(text, params).fetch_all(connection).await
    }

    async fn execute(
        connection: &mut DB::Connection,
        text: Arc<str>,
        params: &[Param],
    ) -> Result<DB::QueryResult, sqlx::Error> {
        bound::<DB>(text, params).execute(connection).await
    }

    fn read(row: &DB::Row, index: usize, column: Column) -> Result<Param, sqlx::Error> {
        Ok(match column {
            Column::Text => Param::Text(row.try_get(index)?),
            Column::Integer => Param::Integer(match row.try_get::<i64, _>(index) {
                Ok(number) => number,
                Err(_) => i64::from(row.try_get::<i32, _>(index)?),
            }),
            Column::Instant => Param::Instant(row.try_get::<NaiveDateTime, _>(index)?.and_utc()),
        })
    }
}

fn bound<DB>(text: Arc<str>, params: &[Param]) -> Query<DB>
where
    DB: sqlx::Database,
    String: Type<DB> + for<'q> Encode<'q, DB>,
    i64: Type<DB> + for<'q> Encode<'q, DB>,
    NaiveDateTime: Type<DB> + for<'q> Encode<'q, DB>,
{
    let mut query = sqlx::query(AssertSqlSafe(text));
    for param in params {
        query = match param {
            Param::Text(text) => query.bind(text.clone()),
            Param::Integer(number) => query.bind(*number),
            Param::Instant(instant) => query.bind(instant.naive_utc()),
        };
    }
    query
}

/// Answers a query; `database` is its name for messages.
pub(crate) async fn query<D: Driver>(
    database: &Arc<str>,
    connection: &mut Connection<D>,
    statement: &Statement,
    columns: &[Column],
) -> Result<Vec<Row>, sqlx::Error> {
    let rows = D::Database::fetch(connection, Arc::clone(D::text(&statement.sql)), &statement.params).await?;
    let read = |row| {
        let values = columns.iter().enumerate().map(|(index, column)| D::Database::read(row, index, *column));
        Ok(Row::new(Arc::clone(database), values.collect::<Result<_, sqlx::Error>>()?))
    };
    rows.iter().map(read).collect()
}

async fn execute<D: Driver>(connection: &mut Connection<D>, statement: &Statement) -> Result<u64, sqlx::Error> {
    let text = Arc::clone(D::text(&statement.sql));
    Ok(D::changed(&D::Database::execute(connection, text, &statement.params).await?))
}

/// Does what a transaction consists of, between its beginning and its end.
pub(crate) async fn run<D: Driver>(
    database: &Arc<str>,
    connection: &mut Connection<D>,
    transaction: &Transaction,
) -> Result<Done, Failure> {
    let mut done = Done::default();
    if let Some(lock) = &transaction.lock
        && query::<D>(database, connection, &lock.rows, &[]).await?.is_empty()
    {
        for statement in &lock.absence {
            execute::<D>(connection, statement).await?;
        }
    }
    // Waiting for the lock may take long, and whoever keeps the right where it is has others wait for that.
    if let Some(fence) = &transaction.fence
        && query::<D>(database, connection, fence, &[]).await?.is_empty()
    {
        return Err(Failure::Fence);
    }
    if let Some(condition) = &transaction.condition {
        done.before = query::<D>(database, connection, &condition.query, condition.columns).await?;
        let digest = (condition.digest)(&done.before)?;
        if condition.expected.is_some_and(|expected| expected != digest) {
            return Err(Failure::Condition);
        }
    }
    for statement in &transaction.statements {
        done.changed.push(execute::<D>(connection, statement).await?);
    }
    if let Some(condition) = transaction.condition.as_ref().filter(|condition| condition.ask_again) {
        done.after = query::<D>(database, connection, &condition.query, condition.columns).await?;
    }
    Ok(done)
}
