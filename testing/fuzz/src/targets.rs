//! What is fuzzed.

use std::collections::BTreeMap;
use std::time::Duration;

use autoscaler_core::options::value::{MemorySize, OptionValue};
use autoscaler_core::options::{AdjustMode, Configuration, ExcludedPeriod, JobOptions, MetricAggregator};
use autoscaler_core::scaling_report::ScalingReport;
use autoscaler_core::state::StatePart;
use autoscaler_core::state::codec::{decode_whole, encode_whole};
use autoscaler_core::time::from_epoch_millis;
use autoscaler_core::{Autoscaler, JobState};
use flink_rest::FlinkClusterOptions;
use flink_rest::wire::{JobDetails, MetricValue};
use replay::{Replay, TraceLine};

/// Something that reads texts from outside.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name.
    pub name: &'static str,
    /// Takes any bytes; a panic is a finding.
    pub run: fn(&[u8]),
}

/// All targets.
pub const TARGETS: &[Target] = &[
    Target { name: "option_values", run: option_values },
    Target { name: "options", run: options },
    Target { name: "periods", run: periods },
    Target { name: "trace_lines", run: trace_lines },
    Target { name: "state_rows", run: state_rows },
    Target { name: "scaling_report", run: scaling_report },
    Target { name: "flink_answers", run: flink_answers },
];

/// The target of a name.
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

fn option_values(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let _ = bool::read(text);
    let _ = i32::read(text);
    let _ = f64::read(text);
    let _ = Duration::read(text);
    let _ = MemorySize::read(text).map(|size| size.to_string());
    let _ = Vec::<String>::read(text);
    let _ = BTreeMap::<String, String>::read(text);
    let _ = MetricAggregator::read(text);
    let _ = AdjustMode::read(text);
}

/// Lines of `key value`, read as a job's options and as where clusters are.
fn options(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let pairs = text.lines().filter_map(|line| line.split_once(' '));
    let configuration: Configuration = pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    let _ = JobOptions::from_configuration(&configuration);
    let _ = FlinkClusterOptions::url(&configuration);
    let _ = flink_rest::recorded::read_addresses(&configuration);
}

fn periods(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(period) = text.parse::<ExcludedPeriod>() else { return };
    for millis in [0, 1_700_000_000_000, 4_102_444_799_999] {
        if let Some(instant) = from_epoch_millis(millis) {
            let _ = period.includes(instant, chrono_tz::Europe::Berlin);
        }
    }
}

/// Lines of a trace, run as far as they can be read.
fn trace_lines(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut replay: Option<Replay> = None;
    for line in text.lines() {
        match (TraceLine::read(line), &mut replay) {
            (Ok(TraceLine::Job(job)), _) => replay = Some(Replay::new(job, Configuration::new(), Autoscaler::new())),
            (Ok(TraceLine::Cycle(cycle)), Some(replay)) => {
                let _ = replay.cycle(&cycle).map(|cycle| replay::expectation(replay, &cycle.report));
            }
            (Ok(TraceLine::Restart), Some(replay)) => {
                let _ = replay.restart();
            }
            _ => return,
        }
    }
}

/// A row that is read is written so that it is read as the same.
fn state_rows(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for part in StatePart::ALL {
        let mut state = JobState::default();
        if decode_whole(&mut state, part, text).is_err() {
            assert!(state == JobState::default(), "a row that was refused left something behind");
            continue;
        }
        let encoded = encode_whole(&state, part);
        let Ok(Some(written)) = encoded else {
            unreachable!("{part}: a row that was read can't be stored: {encoded:?}");
        };
        let mut again = JobState::default();
        assert!(decode_whole(&mut again, part, &written).is_ok(), "{part}: our own row can't be read: {written}");
        assert!(again == state, "{part}: a state changes by being stored as {written}");
    }
}

fn scaling_report(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(report) = text.parse::<ScalingReport>() {
        assert!(report.to_string().parse::<ScalingReport>().is_ok(), "our own report can't be read: {report}");
    }
}

fn flink_answers(bytes: &[u8]) {
    if let Ok(details) = serde_json::from_slice::<JobDetails<'_>>(bytes) {
        let _ = details.running_since();
        let _ = details.topology();
    }
    let _ = serde_json::from_slice::<Vec<MetricValue>>(bytes);
    let _ = flink_rest::recorded::read_job_list(bytes);
    let _ = flink_rest::wire::error_message(bytes);
}
