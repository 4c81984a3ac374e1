#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub use autoscaler_core;
pub use autoscaler_runtime;

#[cfg(feature = "flink-rest")]
pub use flink_rest;
#[cfg(feature = "handler-jdbc")]
pub use handler_jdbc;
#[cfg(feature = "handler-kubernetes")]
pub use handler_kubernetes;
#[cfg(feature = "handler-logging")]
pub use handler_logging;
#[cfg(feature = "http-endpoint")]
pub use http_endpoint;
#[cfg(feature = "observer-prometheus")]
pub use observer_prometheus;
#[cfg(feature = "page")]
pub use page;
#[cfg(feature = "realizer-kubernetes")]
pub use realizer_kubernetes;
#[cfg(feature = "realizer-rest")]
pub use realizer_rest;
#[cfg(feature = "source-kubernetes")]
pub use source_kubernetes;
#[cfg(feature = "source-yarn")]
pub use source_yarn;
#[cfg(feature = "sql")]
pub use sql_database;
#[cfg(feature = "store-jdbc-postgres")]
pub use store_jdbc_postgres;
#[cfg(feature = "store-kubernetes")]
pub use store_kubernetes;
#[cfg(feature = "store-memory")]
pub use store_memory;
#[cfg(feature = "store-mysql")]
pub use store_mysql;
#[cfg(feature = "store-sqlite")]
pub use store_sqlite;

use autoscaler_core::registry::Backends;
#[cfg(any(
    feature = "source-kubernetes",
    feature = "store-kubernetes",
    feature = "handler-kubernetes",
    feature = "realizer-kubernetes"
))]
use k8s_openapi as _; // Chooses the version of its types.

#[cfg(all(
    feature = "handler-jdbc",
    not(any(feature = "store-sqlite", feature = "store-jdbc-postgres", feature = "store-mysql"))
))]
compile_error!(
    "feature handler-jdbc writes events into a SQL database, and none is in this build: turn on store-sqlite, \
     store-jdbc-postgres or store-mysql, too"
);

/// Registers a crate's backends where its feature is on, and takes note of the feature where it is off.
macro_rules! register {
    ($backends:ident, $($feature:literal: $krate:ident, $kind:ident $name:literal;)*) => {$(
        #[cfg(feature = $feature)]
        $krate::register(&mut $backends);
        #[cfg(not(feature = $feature))]
        $backends.$kind.add_missing($name, $feature);
    )*};
}

/// Every backend that the features of this build chose, to be named by options. Of those that it lacks it knows the
/// feature to build with.
pub fn compiled_in() -> Backends {
    let mut backends = Backends::new();
    register! { backends,
        "flink-rest": flink_rest, sources "FLINK_CLUSTER";
        "source-kubernetes": source_kubernetes, sources "KUBERNETES";
        "source-yarn": source_yarn, sources "YARN";
        "realizer-rest": realizer_rest, realizers "REST";
        "realizer-kubernetes": realizer_kubernetes, realizers "KUBERNETES";
        "store-memory": store_memory, stores "MEMORY";
        "store-sqlite": store_sqlite, stores "SQLITE";
        "store-jdbc-postgres": store_jdbc_postgres, stores "JDBC";
        "store-mysql": store_mysql, stores "JDBC";
        "store-kubernetes": store_kubernetes, stores "KUBERNETES";
        "handler-logging": handler_logging, handlers "LOGGING";
        "handler-jdbc": handler_jdbc, handlers "JDBC";
        "handler-kubernetes": handler_kubernetes, handlers "KUBERNETES";
    }
    // What options do not pick, but configure.
    #[cfg(feature = "observer-prometheus")]
    observer_prometheus::register(&mut backends);
    #[cfg(feature = "http-endpoint")]
    http_endpoint::register(&mut backends);
    backends
}

#[cfg(test)]
mod tests;
