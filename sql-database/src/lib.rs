//! What SQL backends share.
//!
//! - [`SqlDatabase`]: a database as its users see it: statements, rows, migrations; implemented by `store-jdbc-postgres`,
//!   `store-mysql` and `store-sqlite`
//! - [`DatabaseUrl`]: `jdbc:` and native URLs
//! - [`SqlStateStore`]: the state store over any of them
//! - [`migrate`]: bringing a schema up to date
//! - [`driver!`]: what an implementation over a sqlx pool has in common with the others
//!
//! The SQL is written once, with `?` for parameters; what differs between databases is asked of [`SqlDatabase`].

mod database;
mod driver;
mod error;
pub mod migrate;
mod settings;
mod store;
mod url;

pub use database::{Column, Param, Row, SqlDatabase, Statement};
pub use error::{Refusal, SqlError};
pub use settings::Settings;
pub use store::SqlStateStore;
pub use url::{DatabaseUrl, InvalidUrl, Parameters, Scheme};

#[doc(hidden)]
pub use sqlx;
