//! What a job's own configuration changes of the process's options.

use autoscaler::autoscaler_core::options::{Configuration, JobOptions, OptionSpec, Origin};
use autoscaler::autoscaler_core::{JobAutoScalerContext, JobConfiguration};
use chrono_tz::Tz;

use super::super::report::{Finding, Level};
use super::super::{configuration, contradictions, unused};
use super::Looked;
use crate::cli::time_zone;

/// What it sets, and what is odd about that and not about the process's options.
pub(super) fn check(looked: &Looked<'_>, own: &JobConfiguration, context: &JobAutoScalerContext) -> Vec<Finding> {
    let mut found: Vec<Finding> = set(looked, own).into_iter().collect();
    if let Ok(options) = context.options() {
        let is_own = |key: &str| context.configuration().origin(key) == Some(&Origin::Job);
        let remarks = options.remarks.iter().filter(|remark| is_own(&remark.key));
        found.extend(remarks.map(|remark| Finding::says_it_all(Level::Warning, remark.text.clone())));
        found.extend(quotas(context, options));
        let zone = time_zone::time_zone(std::env::var_os("TZ")).0;
        let of_process = JobOptions::from_configuration(looked.base);
        let known = of_process.map(|options| contradictions::of_job(&options, looked.interval, zone));
        found.extend(new(looked, options, &known.unwrap_or_default(), zone));
    }
    let of_process = unused::check(looked.table, looked.base);
    let merged = of_jobs_only(context.configuration());
    found.extend(unused::check(looked.table, &merged).into_iter().filter(|finding| !of_process.contains(finding)));
    found
}

fn set(looked: &Looked<'_>, own: &JobConfiguration) -> Option<Finding> {
    let shown = own.entries().iter().filter_map(|(key, value)| {
        let names = |row: &&OptionSpec| row.key == key || row.alternatives.iter().any(|name| name == key);
        let row = looked.table.rows().filter(|row| row.key.starts_with("job.autoscaler.")).find(names)?;
        Some(format!("{key}: {}", configuration::shown(looked.table, row, value)))
    });
    let shown: Vec<String> = shown.collect();
    (!shown.is_empty()).then(|| Finding::ok(format!("its own configuration sets {}", shown.join(", "))))
}

fn new(looked: &Looked<'_>, options: &JobOptions, known: &[Finding], zone: Tz) -> Vec<Finding> {
    let of_job = contradictions::of_job(options, looked.interval, zone);
    of_job.into_iter().filter(|finding| !known.contains(finding)).collect()
}

/// Quotas are counted in TaskManagers, whose size has to be known.
fn quotas(context: &JobAutoScalerContext, options: &JobOptions) -> Vec<Finding> {
    let (cpu, memory) = (context.parsed.task_manager_cpu, context.parsed.task_manager_memory_bytes);
    let mut found = Vec::new();
    if options.quota_cpu.is_some() && cpu.is_none() {
        found.push(("job.autoscaler.quota.cpu", "taskmanager.cpu.cores"));
    }
    if options.quota_memory.is_some() && memory.is_none() {
        found.push(("job.autoscaler.quota.memory", "taskmanager.memory.process.size"));
    }
    let finding = |(quota, size): (&str, &str)| {
        Finding::warning(
            format!("{quota} has no effect: {size} is not known"),
            format!("set {size} in the cluster's configuration, or in the options of the process"),
        )
    };
    found.into_iter().map(finding).collect()
}

/// A job's configuration without what is for the process.
fn of_jobs_only(configuration: &Configuration) -> Configuration {
    let mut kept = configuration.clone();
    let others: Vec<String> = configuration
        .iter()
        .map(|(key, _)| key)
        .filter(|key| !key.contains("job.autoscaler."))
        .map(str::to_owned)
        .collect();
    others.iter().for_each(|key| kept.remove(key));
    kept
}
