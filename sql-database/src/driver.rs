//! What implementations over a sqlx pool have in common.

/// Functions that run statements on a pool of `$database`: `fetch_rows` and `execute_all`, with a deadline each. A connection on
/// which anything failed is closed: nobody knows what it is in the middle of. (SQLite ends a transaction by itself when the
/// disk is full, which sqlx does not notice.) `$refusal` understands
/// the server's errors.
#[macro_export]
macro_rules! driver {
    ($database:ty, $refusal:path) => {
        type Connection = $crate::sqlx::pool::PoolConnection<$database>;
        type SqlResult<T> = Result<T, $crate::SqlError>;

        async fn acquire(
            pool: &$crate::sqlx::Pool<$database>,
            name: &str,
            deadline: std::time::Duration,
        ) -> SqlResult<Connection> {
            let acquired = tokio::time::timeout(deadline, pool.acquire()).await;
            match acquired {
                Ok(acquired) => acquired.map_err(|error| $crate::SqlError::from_sqlx(name, &error, $refusal)),
                Err(_) => Err($crate::SqlError::Timeout { database: name.to_owned(), deadline }),
            }
        }

        fn bound<'q>(
            sql: &str,
            statement: &$crate::Statement,
        ) -> $crate::sqlx::query::Query<'q, $database, <$database as $crate::sqlx::Database>::Arguments> {
            let mut query = $crate::sqlx::query($crate::sqlx::AssertSqlSafe(sql.to_owned()));
            for param in &statement.params {
                query = match param {
                    $crate::Param::Text(text) => query.bind(text.clone()),
                    $crate::Param::Integer(number) => query.bind(*number),
                    $crate::Param::Instant(instant) => query.bind(instant.naive_utc()),
                };
            }
            query
        }

        /// Reads a row's columns. Numbers may be narrower than 64 bits.
        fn read_row(
            row: &<$database as $crate::sqlx::Database>::Row,
            columns: &[$crate::Column],
        ) -> Result<$crate::Row, $crate::sqlx::Error> {
            use $crate::sqlx::Row as _;
            let value = |(index, column): (usize, &$crate::Column)| {
                Ok(match column {
                    $crate::Column::Text => $crate::Param::Text(row.try_get(index)?),
                    $crate::Column::Integer => $crate::Param::Integer(match row.try_get::<i64, _>(index) {
                        Ok(number) => number,
                        Err(_) => i64::from(row.try_get::<i32, _>(index)?),
                    }),
                    $crate::Column::Instant => {
                        $crate::Param::Instant(row.try_get::<chrono::NaiveDateTime, _>(index)?.and_utc())
                    }
                })
            };
            columns.iter().enumerate().map(value).collect::<Result<_, $crate::sqlx::Error>>().map($crate::Row)
        }

        /// Runs `work` on a connection of the pool within the deadline.
        async fn within<T>(
            pool: &$crate::sqlx::Pool<$database>,
            name: &str,
            deadline: std::time::Duration,
            work: impl AsyncFnOnce(&mut Connection) -> Result<T, $crate::sqlx::Error>,
        ) -> SqlResult<T> {
            let mut connection = acquire(pool, name, deadline).await?;
            match tokio::time::timeout(deadline, work(&mut connection)).await {
                Ok(Ok(value)) => Ok(value),
                Ok(Err(error)) => {
                    connection.close_on_drop();
                    Err($crate::SqlError::from_sqlx(name, &error, $refusal))
                }
                Err(_) => {
                    connection.close_on_drop();
                    Err($crate::SqlError::Timeout { database: name.to_owned(), deadline })
                }
            }
        }

        /// Answers a query; `sql` is its text as this database has it.
        async fn fetch_rows(
            pool: &$crate::sqlx::Pool<$database>,
            name: &str,
            deadline: std::time::Duration,
            sql: &str,
            statement: &$crate::Statement,
            columns: &[$crate::Column],
        ) -> SqlResult<Vec<$crate::Row>> {
            within(pool, name, deadline, async |connection| {
                let rows = bound(sql, statement).fetch_all(&mut **connection).await?;
                rows.iter().map(|row| read_row(row, columns)).collect()
            })
            .await
        }

        /// Runs statements in one transaction; each comes with its text as this database has it.
        async fn execute_all(
            pool: &$crate::sqlx::Pool<$database>,
            name: &str,
            deadline: std::time::Duration,
            begin: &'static str,
            statements: &[(std::borrow::Cow<'_, str>, &$crate::Statement)],
        ) -> SqlResult<Vec<u64>> {
            within(pool, name, deadline, async |connection| {
                let mut transaction = $crate::sqlx::Connection::begin_with(&mut **connection, begin).await?;
                let mut changed = Vec::with_capacity(statements.len());
                for (sql, statement) in statements {
                    let result = bound(sql, statement).execute(&mut *transaction).await?;
                    changed.push(result.rows_affected());
                }
                transaction.commit().await?;
                Ok(changed)
            })
            .await
        }
    };
}
