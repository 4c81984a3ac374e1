//! The options of the standalone process: everything under `autoscaler.standalone.`.

use std::time::Duration;

use super::configuration::Configuration;
use super::spec::{InvalidOption, options};
use super::value::{OptionValue, named_values};

/// What `state-store.type` can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateStoreType {
    /// On the heap.
    Memory,
    /// In a SQL database, by `jdbc.url`.
    Jdbc,
    /// In a SQLite file.
    Sqlite,
}

named_values!(StateStoreType, "MEMORY, JDBC or SQLITE", "MEMORY" => Self::Memory, "JDBC" => Self::Jdbc, "SQLITE" => Self::Sqlite);

/// What `event-handler.type` can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventHandlerType {
    /// To the log.
    Logging,
    /// Into a SQL database.
    Jdbc,
}

named_values!(EventHandlerType, "LOGGING or JDBC", "LOGGING" => Self::Logging, "JDBC" => Self::Jdbc);

/// One or more handlers, separated by commas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventHandlerTypes(pub Vec<EventHandlerType>);

impl OptionValue for EventHandlerTypes {
    const EXPECTED: &'static str = "LOGGING, JDBC, or both separated by a comma";

    fn read(text: &str) -> Option<Self> {
        let mut types = Vec::new();
        for name in text.split(',') {
            let kind = EventHandlerType::read(name.trim())?;
            if !types.contains(&kind) {
                types.push(kind);
            }
        }
        Some(Self(types))
    }
}

/// Whether the schema is brought up to date at start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MigrateMode {
    /// At start.
    Auto,
    /// By `flink-autoscaler migrate` only.
    Manual,
}

named_values!(MigrateMode, "AUTO or MANUAL", "AUTO" => Self::Auto, "MANUAL" => Self::Manual);

options! {
    /// The options of the process as a whole.
    StandaloneOptions, prefix "autoscaler.standalone." {
        #[doc = "Time between the starts of two cycles of a job."]
        control_loop_interval: Duration = "control-loop.interval", "10 s", &["scalingInterval"];
        #[doc = "Jobs worked on at once."]
        control_loop_parallelism: i32 = "control-loop.parallelism", "100", &[];
        #[doc = "Host of the cluster's REST API."]
        cluster_host: String = "fetcher.flink-cluster.host", "localhost", &["flinkClusterHost"];
        #[doc = "Port of the cluster's REST API."]
        cluster_port: i32 = "fetcher.flink-cluster.port", "8081", &["flinkClusterPort"];
        #[doc = "Where state is kept: MEMORY, JDBC (the database of jdbc.url) or SQLITE (the file of state-store.sqlite.file)."]
        state_store_type: StateStoreType = "state-store.type", "MEMORY", &[];
        #[doc = "File of the SQLITE state store; created where there is none."]
        sqlite_file: String = "state-store.sqlite.file", "flink-autoscaler.db", &[];
        #[doc = "Where events go: LOGGING, JDBC (the database of jdbc.url, else of the state store), or both: logging,jdbc."]
        event_handler_types: EventHandlerTypes = "event-handler.type", "LOGGING", &[];
        #[doc = "URL of the SQL database: jdbc:postgresql://, jdbc:mysql://, jdbc:mariadb://, postgres://, mysql:// or sqlite:."]
        jdbc_url: String = "jdbc.url", none, &[];
        #[doc = "User of the SQL database."]
        jdbc_username: String = "jdbc.username", none, &[];
        #[doc = "Environment variable that holds the SQL database's password."]
        jdbc_password_env_variable: String = "jdbc.password-env-variable", "JDBC_PWD", &[];
        #[doc = "File that holds the SQL database's password, instead of the variable."]
        jdbc_password_file: String = "jdbc.password-file", none, &[];
        #[doc = "Whether the schema is brought up to date at start: AUTO or MANUAL (then flink-autoscaler migrate does it)."]
        jdbc_migrate: MigrateMode = "jdbc.migrate", "AUTO", &[];
        #[doc = "Time within which the SQL database must answer."]
        jdbc_timeout: Duration = "jdbc.timeout", "10 s", &[];
        #[doc = "Connections to the SQL database at most."]
        jdbc_max_connections: i32 = "jdbc.max-connections", "10", &[];
        #[doc = "Age at which stored events are deleted; 0: never."]
        jdbc_event_handler_ttl: Duration = "jdbc.event-handler.ttl", "90 d", &[];
    }
}

impl StandaloneOptions {
    /// Reads and checks the options in `configuration`.
    ///
    /// # Errors
    /// The first option that can't be used: its key, its value and what is allowed.
    pub fn from_configuration(configuration: &Configuration) -> Result<Self, InvalidOption> {
        let options = Self::read_fields(configuration)?;
        let broken = |key: &str, value: &dyn std::fmt::Display, allowed: &str| {
            Err(InvalidOption::new(format!(
                "option autoscaler.standalone.{key} has the value '{value}': expected {allowed}"
            )))
        };
        if options.control_loop_interval.is_zero() {
            return broken("control-loop.interval", &"0", "more than 0");
        }
        if options.control_loop_parallelism < 1 {
            return broken("control-loop.parallelism", &options.control_loop_parallelism, "1 or more");
        }
        if options.jdbc_max_connections < 1 {
            return broken("jdbc.max-connections", &options.jdbc_max_connections, "1 or more");
        }
        if options.jdbc_timeout.is_zero() {
            return broken("jdbc.timeout", &"0", "more than 0");
        }
        if !(1..=65535).contains(&options.cluster_port) {
            return broken("fetcher.flink-cluster.port", &options.cluster_port, "1 to 65535");
        }
        Ok(options)
    }
}
