//! What SQL backends share.
//!
//! - [`SqlDatabase`]: a database as its users see it: statements, rows, transactions, migrations; implemented by
//!   `store-jdbc-postgres`, `store-mysql` and `store-sqlite`
//! - [`Database`]: one whose schema is seen to before it is first used
//! - [`DatabaseUrl`]: `jdbc:` and native URLs; [`ConnectSettings`]: what is set besides
//! - [`SqlStateStore`]: the state store over any of them
//! - [`RowLease`]: the right to act, a row of a server's database
//! - [`schema`]: bringing a schema up to date
//! - [`register`]: options, and the drivers that store and event handler share
//!
//! The SQL is written once, with `?` for parameters; what differs between databases is asked of [`SqlDatabase`].

mod checked;
mod config;
mod database;
mod driver;
mod error;
mod lease;
mod migration;
mod password;
mod peer;
mod pooled;
pub mod register;
pub mod schema;
mod secrets;
mod server;
mod shape;
mod statement;
mod store;
mod table_shape;
mod transaction;
mod url;

pub use checked::Database;
pub use config::{Access, ConnectSettings, DatabaseOptions, Migrate};
pub use database::SqlDatabase;
pub use driver::{Connection, Driver, Speaks};
pub use error::SqlError;
pub use lease::RowLease;
pub use password::PasswordFile;
pub use pooled::{Pooled, WithPassword};
pub use secrets::Secrets;
pub use statement::{Column, Dialect, LeaseDialect, Param, Row, Sql, Statement, Upsert};
pub use store::SqlStateStore;
pub use transaction::{Condition, Done, Failure, Lock, Transaction};
pub use url::{DatabaseUrl, InvalidUrl, Parameters, Scheme};

pub use server::Server;
