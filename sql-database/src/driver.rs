//! What implementations over sqlx have in common.

/// Functions that run statements on a connection of `$database`: `query` and `run`. `$text` picks the text of a statement
/// as this database has it, and `$kind` understands the server's errors.
#[macro_export]
macro_rules! driver {
    ($database:ty, $text:path, $kind:path) => {
        type RawConnection = <$database as $crate::sqlx::Database>::Connection;

        fn bound<'q>(
            statement: &$crate::Statement,
        ) -> $crate::sqlx::query::Query<'q, $database, <$database as $crate::sqlx::Database>::Arguments> {
            let text = std::sync::Arc::clone($text(&statement.sql));
            let mut query = $crate::sqlx::query($crate::sqlx::AssertSqlSafe(text));
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
            database: &std::sync::Arc<str>,
            row: &<$database as $crate::sqlx::Database>::Row,
            columns: &[$crate::Column],
        ) -> Result<$crate::Row, $crate::sqlx::Error> {
            use $crate::sqlx::Row as _;
            use $crate::sqlx::types::chrono::NaiveDateTime;
            let value = |(index, column): (usize, &$crate::Column)| {
                Ok(match column {
                    $crate::Column::Text => $crate::Param::Text(row.try_get(index)?),
                    $crate::Column::Integer => $crate::Param::Integer(match row.try_get::<i64, _>(index) {
                        Ok(number) => number,
                        Err(_) => i64::from(row.try_get::<i32, _>(index)?),
                    }),
                    $crate::Column::Instant => {
                        $crate::Param::Instant(row.try_get::<NaiveDateTime, _>(index)?.and_utc())
                    }
                })
            };
            let values = columns.iter().enumerate().map(value).collect::<Result<_, $crate::sqlx::Error>>()?;
            Ok($crate::Row::new(std::sync::Arc::clone(database), values))
        }

        /// Answers a query.
        async fn query(
            database: &std::sync::Arc<str>,
            connection: &mut RawConnection,
            statement: &$crate::Statement,
            columns: &[$crate::Column],
        ) -> Result<Vec<$crate::Row>, $crate::sqlx::Error> {
            let rows = bound(statement).fetch_all(connection).await?;
            rows.iter().map(|row| read_row(database, row, columns)).collect()
        }

        /// Does what a transaction consists of, between its beginning and its end.
        async fn run(
            database: &std::sync::Arc<str>,
            connection: &mut RawConnection,
            transaction: &$crate::Transaction,
        ) -> Result<$crate::Done, $crate::Failure> {
            let mut done = $crate::Done::default();
            if let Some(fence) = &transaction.fence
                && bound(fence).fetch_all(&mut *connection).await?.is_empty()
            {
                return Err($crate::Failure::Fence);
            }
            if let Some(lock) = &transaction.lock
                && bound(&lock.rows).fetch_all(&mut *connection).await?.is_empty()
            {
                for statement in &lock.absence {
                    bound(statement).execute(&mut *connection).await?;
                }
            }
            if let Some(condition) = &transaction.condition {
                done.before = query(database, connection, &condition.query, condition.columns).await?;
                let digest = (condition.digest)(&done.before)?;
                if condition.expected.is_some_and(|expected| expected != digest) {
                    return Err($crate::Failure::Condition);
                }
            }
            for statement in &transaction.statements {
                done.changed.push(bound(statement).execute(&mut *connection).await?.rows_affected());
            }
            if let Some(condition) = transaction.condition.as_ref().filter(|condition| condition.ask_again) {
                done.after = query(database, connection, &condition.query, condition.columns).await?;
            }
            Ok(done)
        }
    };
}

/// A database behind a pool of connections, as a server's driver uses it: `fetch` and `transact`, each within one deadline.
/// A connection on which anything failed is closed: nobody knows what it is in the middle of. Needs what [`driver!`] makes.
#[macro_export]
macro_rules! pooled {
    ($database:ty, $kind:path, $begin:literal) => {
        /// Times that a transaction which collides with others is run at most.
        const ATTEMPTS: u32 = 5;

        /// A pool of connections, and the time within which each call on it ends.
        #[derive(Clone, Debug)]
        pub(crate) struct Pooled {
            pub(crate) pool: $crate::sqlx::Pool<$database>,
            pub(crate) name: std::sync::Arc<str>,
            pub(crate) timeout: std::time::Duration,
            /// The file of its password, and how that gets into the options to connect with.
            pub(crate) password: Option<(std::sync::Arc<$crate::PasswordFile>, WithPassword)>,
            /// What no error may repeat.
            pub(crate) secrets: $crate::Secrets,
            /// Where its server is; none where there is no server.
            pub(crate) server: Option<std::sync::Arc<$crate::Server>>,
        }

        type ConnectOptions = <RawConnection as $crate::sqlx::Connection>::Options;
        type WithPassword = fn(ConnectOptions, &str) -> ConnectOptions;

        impl Pooled {
            pub(crate) fn failed(&self, error: $crate::sqlx::Error) -> $crate::SqlError {
                self.hide($crate::SqlError::from_sqlx(&self.name, error, $kind))
            }

            /// An error in which no password is.
            pub(crate) fn hide(&self, error: $crate::SqlError) -> $crate::SqlError {
                self.secrets.hide(error, self.password.as_ref().map(|(file, _)| file.as_ref()))
            }

            /// Whether a refused connection is worth another attempt: with the password that is in its file by now.
            pub(crate) fn has_new_password(&self, refused: &$crate::sqlx::Error) -> bool {
                let is_denied = |error| $kind(error) == autoscaler_core::ErrorKind::Denied;
                if !refused.as_database_error().is_some_and(is_denied) {
                    return false;
                }
                let Some((file, with_password)) = &self.password else { return false };
                let Some(password) = file.changed() else { return false };
                let options = (*self.pool.connect_options()).clone();
                self.pool.set_connect_options(with_password(options, $crate::secret(&password)));
                true
            }

            /// Why a server can't be connected to. A pool would go on trying until its time is up, and then only say that
            /// it is.
            async fn try_server(&self) -> Result<(), $crate::sqlx::Error> {
                let Some(server) = &self.server else { return Ok(()) };
                // One at a time: a server that comes back is not to be overrun.
                let _probing = server.probe().await;
                if self.pool.size() > 0 {
                    return Ok(());
                }
                let options = self.pool.connect_options();
                let connect = <RawConnection as $crate::sqlx::Connection>::connect_with(&options);
                let connection = server.reached(self.timeout, connect).await?;
                let _closed = $crate::sqlx::Connection::close(connection).await;
                Ok(())
            }

            async fn connected(&self) -> Result<$crate::sqlx::pool::PoolConnection<$database>, $crate::sqlx::Error> {
                if self.pool.size() == 0 {
                    self.try_server().await?;
                }
                self.pool.acquire().await
            }

            async fn acquire(&self) -> Result<$crate::sqlx::pool::PoolConnection<$database>, $crate::sqlx::Error> {
                match self.connected().await {
                    Err(refused) if self.has_new_password(&refused) => self.connected().await,
                    ended => ended,
                }
            }

            /// Runs `work` on a connection. Waiting for one counts, too.
            async fn within<T>(
                &self,
                work: impl AsyncFnOnce(&mut RawConnection) -> Result<T, $crate::Failure>,
            ) -> Result<T, $crate::SqlError> {
                let mut held = None;
                let all = async {
                    let connection = held.insert(self.acquire().await?);
                    work(connection).await
                };
                let ended = $crate::tokio::time::timeout(self.timeout, all).await;
                let error = match ended {
                    Ok(Ok(value)) => return Ok(value),
                    Ok(Err($crate::Failure::Condition)) => return Err($crate::SqlError::changed(&self.name)),
                    Ok(Err($crate::Failure::Fence)) => return Err($crate::SqlError::passed_on(&self.name)),
                    Ok(Err($crate::Failure::Answer(error))) => error,
                    Ok(Err($crate::Failure::Database(error))) => self.failed(error),
                    Err(_) if held.is_none() && self.server.is_some() && self.pool.size() == 0 => {
                        $crate::SqlError::unreached(&self.name, self.timeout)
                    }
                    Err(_) => $crate::SqlError::timeout(&self.name, self.timeout),
                };
                if let Some(connection) = &mut held {
                    connection.close_on_drop();
                }
                Err(error)
            }

            async fn fetch(
                &self,
                statement: &$crate::Statement,
                columns: &[$crate::Column],
            ) -> Result<Vec<$crate::Row>, $crate::SqlError> {
                self.within(async |connection| Ok(query(&self.name, connection, statement, columns).await?)).await
            }

            pub(crate) async fn transact(
                &self,
                transaction: &$crate::Transaction,
            ) -> Result<$crate::Done, $crate::SqlError> {
                self.within(async |connection| {
                    let mut attempt = 1;
                    loop {
                        match self.attempt(connection, transaction).await {
                            Err($crate::Failure::Database(error)) if attempt < ATTEMPTS && collides(&error) => {
                                attempt += 1;
                            }
                            ended => return ended,
                        }
                    }
                })
                .await
            }

            async fn attempt(
                &self,
                connection: &mut RawConnection,
                transaction: &$crate::Transaction,
            ) -> Result<$crate::Done, $crate::Failure> {
                let mut begun = $crate::sqlx::Connection::begin_with(connection, $begin).await?;
                match run(&self.name, &mut begun, transaction).await {
                    Ok(done) => {
                        begun.commit().await?;
                        Ok(done)
                    }
                    // The connection is about to be closed; a failed end of it would hide what failed first.
                    Err($crate::Failure::Database(error)) if !collides(&error) => Err(error.into()),
                    Err(failure) => {
                        begun.rollback().await?;
                        Err(failure)
                    }
                }
            }
        }

        /// Whether others were writing the same rows at the same time, which they are not when it is tried again.
        fn collides(error: &$crate::sqlx::Error) -> bool {
            let error = error.as_database_error();
            error.is_some_and(|error| $kind(error) == autoscaler_core::ErrorKind::Conflict)
        }
    };
}
