//! A job's context, built from options.

use std::sync::Arc;

use autoscaler_core::options::{Configuration, JobOptions};
use autoscaler_core::{JobAutoScalerContext, JobKey, JobStatus};

/// The id in hex of the `number`th job or vertex.
pub fn id(number: u32) -> String {
    format!("{number:032x}")
}

/// A running job with these options.
pub fn context(number: u32, options: &[(&str, &str)]) -> JobAutoScalerContext {
    let entries = options.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    let configuration: Configuration = entries.collect();
    JobAutoScalerContext {
        key: JobKey::new(id(number)),
        id: id(number).parse().unwrap(),
        name: format!("job {number}").into(),
        status: JobStatus::Running,
        options: JobOptions::from_configuration(&configuration).map(Arc::new),
        configuration: Arc::new(configuration),
        task_manager_cpu: None,
        task_manager_memory_bytes: None,
        time_zone: chrono_tz::UTC,
        plugins: Arc::default(),
    }
}
