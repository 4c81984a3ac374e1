//! `config-values.jsonl` and `excluded-periods.jsonl`.

use std::collections::BTreeMap;
use std::time::Duration;

use autoscaler_core::options::value::{MemorySize, OptionValue};
use autoscaler_core::options::{AdjustMode, ExcludedPeriod, MetricAggregator};
use autoscaler_core::time::from_epoch_millis;
use serde_json::{Value, json};

fn lines(name: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(conformance::data().join(name)).expect(name);
    text.lines().filter(|line| !line.trim().is_empty()).map(|line| serde_json::from_str(line).expect(line)).collect()
}

/// What a text reads as, in the form of the recording.
fn read(kind: &str, text: &str) -> Option<Value> {
    let double =
        |value: f64| if value.is_finite() { json!(value) } else { json!(autoscaler_core::decimal::java_text(value)) };
    match kind {
        "duration" => Duration::read(text).map(|d| json!(i64::try_from(d.as_nanos()).unwrap())),
        "memory" => MemorySize::read(text).map(|size| json!(size.0)),
        "list" => Vec::<String>::read(text).map(|list| json!(list)),
        "map" => BTreeMap::<String, String>::read(text).map(|map| json!(map)),
        "double" => f64::read(text).map(double),
        "int" => i32::read(text).map(|value| json!(value)),
        "boolean" => bool::read(text).map(|value| json!(value)),
        "aggregator" => MetricAggregator::read(text).map(|a| json!(format!("{a:?}").to_uppercase())),
        "adjust-mode" => AdjustMode::read(text).map(|mode| {
            json!(match mode {
                AdjustMode::EvenlySpread => "EVENLY_SPREAD",
                AdjustMode::MaximizeUtilisation => "MAXIMIZE_UTILISATION",
            })
        }),
        other => panic!("unknown type {other}"),
    }
}

#[test]
fn option_texts_read_as_recorded() {
    let lines = lines("config-values.jsonl");
    assert!(!lines.is_empty());
    let differs = |line: &&Value| {
        let read = read(line["type"].as_str().unwrap(), line["text"].as_str().unwrap());
        if read.as_ref() != line.get("value") {
            println!("{line}: {read:?}");
        }
        read.as_ref() != line.get("value")
    };
    assert_eq!(lines.iter().filter(differs).count(), 0);
}

#[test]
fn excluded_periods_include_as_recorded() {
    let lines = lines("excluded-periods.jsonl");
    assert!(!lines.is_empty());
    for line in lines {
        let expression = line["expression"].as_str().unwrap();
        let period = expression.parse::<ExcludedPeriod>();
        assert_eq!(period.is_ok(), line["valid"].as_bool().unwrap(), "{expression}: {period:?}");
        let Ok(period) = period else { continue };
        for (instants, expected) in [("included", true), ("excluded", false)] {
            for millis in line[instants].as_array().unwrap() {
                let instant = from_epoch_millis(millis.as_i64().unwrap()).unwrap();
                assert_eq!(period.includes(instant, chrono_tz::UTC), expected, "{expression} at {instant}");
            }
        }
    }
}
