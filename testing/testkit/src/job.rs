//! A job's context, built from options.

use std::sync::Arc;

use autoscaler_core::options::Configuration;
use autoscaler_core::ports::ListedJob;
use autoscaler_core::{ClusterName, JobAutoScalerContext, JobStatus, ParsedConfiguration};

/// The name of the cluster that runs the jobs made here.
pub const CLUSTER: &str = "test cluster";

/// The id in hex of the `number`th job or vertex.
pub fn id(number: u32) -> String {
    format!("{number:032x}")
}

/// A running job as its cluster lists it.
pub fn listed(number: u32) -> ListedJob {
    ListedJob::new(id(number).parse().unwrap(), format!("job {number}"), JobStatus::Running)
}

/// A running job with these options.
pub fn context(number: u32, options: &[(&str, &str)]) -> JobAutoScalerContext {
    let entries = options.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    let configuration: Configuration = entries.collect();
    let parsed = Arc::new(ParsedConfiguration::new(configuration));
    JobAutoScalerContext::new(ClusterName::new(CLUSTER), &listed(number), parsed)
}
