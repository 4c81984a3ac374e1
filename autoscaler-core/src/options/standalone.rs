//! The options of the standalone process: everything under `autoscaler.standalone.`.

use std::time::Duration;

use super::configuration::Configuration;
use super::spec::{InvalidOption, options};
use super::value::named_values;

/// What `state-store.type` can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateStoreType {
    /// On the heap.
    Memory,
    /// In a SQL database.
    Jdbc,
}

named_values!(StateStoreType, "MEMORY or JDBC", "MEMORY" => Self::Memory, "JDBC" => Self::Jdbc);

/// What `event-handler.type` can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventHandlerType {
    /// To the log.
    Logging,
    /// Into a SQL database.
    Jdbc,
}

named_values!(EventHandlerType, "LOGGING or JDBC", "LOGGING" => Self::Logging, "JDBC" => Self::Jdbc);

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
        #[doc = "Where state is kept: MEMORY or JDBC."]
        state_store_type: StateStoreType = "state-store.type", "MEMORY", &[];
        #[doc = "Where events go: LOGGING or JDBC."]
        event_handler_type: EventHandlerType = "event-handler.type", "LOGGING", &[];
        #[doc = "URL of the SQL database."]
        jdbc_url: String = "jdbc.url", none, &[];
        #[doc = "User of the SQL database."]
        jdbc_username: String = "jdbc.username", none, &[];
        #[doc = "Environment variable that holds the SQL database's password."]
        jdbc_password_env_variable: String = "jdbc.password-env-variable", "JDBC_PWD", &[];
        #[doc = "Age at which stored events are deleted."]
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
        if !(1..=65535).contains(&options.cluster_port) {
            return broken("fetcher.flink-cluster.port", &options.cluster_port, "1 to 65535");
        }
        Ok(options)
    }
}
