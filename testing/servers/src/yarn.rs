//! A real YARN on this machine: a ResourceManager, a NodeManager, and a ZooKeeper for Flink's high availability, as plain `java`
//! processes; and Flink's applications on it.
//!
//! Hadoop's jars are those of `HADOOP_HOME`, or come from Maven Central once and are kept under `target/yarn`. It all is on one host
//! without Kerberos, and its file system is the machine's own.

mod cluster;
mod configuration;
mod containers;
mod flink;
mod hadoop;

pub use cluster::Yarn;
pub use containers::clear;
pub use flink::{FlinkOnYarn, Submission};
pub use hadoop::Hadoop;
