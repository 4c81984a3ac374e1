//! An autoscaler for Apache Flink: library facade and the flink-autoscaler binary
