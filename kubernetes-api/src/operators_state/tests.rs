use autoscaler_core::VertexId;
use autoscaler_core::metric::ScalingMetric;

use super::*;

const VERTEX: &str = "bc764cd8ddf7a0cff126f51c16239658";

/// As the operator's own classes write it.
const RECORDED: &str = include_str!("recorded.json");

fn recorded() -> BTreeMap<String, String> {
    serde_json::from_str(RECORDED).unwrap()
}

/// The state of data that can be read.
fn read(data: &BTreeMap<String, String>) -> JobState {
    let (state, unreadable) = read_operators_data(data);
    assert!(unreadable.is_empty(), "{unreadable:?}");
    state
}

#[test]
fn what_the_operators_own_knows_is_taken_over_whole_and_given_back() {
    let mut state = read(&recorded());
    let vertex: VertexId = VERTEX.parse().unwrap();
    let (at, scaling) = &state.scaling_history.get().vertices[&vertex][0];
    assert_eq!((at.timestamp_millis(), scaling.new_parallelism), (1_795_169_583_303, 4));
    assert_eq!(scaling.metrics.average(ScalingMetric::TrueProcessingRate), 92.5);
    let restarts: Vec<_> = state.scaling_tracking.get().records.values().collect();
    assert_eq!((restarts[0].unwrap().num_milliseconds(), *restarts[1]), (20_022, None));
    assert_eq!(state.collected_metrics.get().len(), 1);
    assert_eq!(state.parallelism_overrides.get()[&vertex], 4);
    assert_eq!(state.config_overrides.get().overrides["taskmanager.memory.process.size"], "4 gb");
    assert_eq!(state.delayed_scale_down.get().vertices[&vertex].recommendations.len(), 1);
    assert!(state.is_changed(), "all of it is to be stored");

    let data = operators_data(&state).unwrap();
    assert_eq!(data.keys().collect::<Vec<_>>(), recorded().keys().collect::<Vec<_>>());
    let overrides = |data: &BTreeMap<String, String>| data["parallelismOverrides"].split(',').count();
    assert_eq!((overrides(&data), data["parallelismOverrides"].contains('{')), (2, false), "as a text of Flink's");
    for (key, is_compressed) in [("scalingHistory", true), ("collectedMetrics", true), ("delayedScaleDown", false)] {
        assert_eq!(data[key].starts_with("H4sI"), is_compressed, "{key}");
    }
    let mut again = read(&data);
    again.mark_stored();
    state.mark_stored();
    assert_eq!(format!("{again:?}"), format!("{state:?}"));
}

#[test]
fn plain_texts_are_read_and_what_is_damaged_is_told() {
    let history = StatePart::Row(RowPart::ScalingHistory);
    let mut data = recorded();
    data.insert("ofLater".to_owned(), "anything".to_owned());
    let plain = unpack(history, &data["scalingHistory"]).unwrap();
    assert!(plain.starts_with("---\n"), "{plain}");
    data.insert("scalingHistory".to_owned(), plain);
    assert_eq!(format!("{:?}", read(&data)), format!("{:?}", read(&recorded())));
    for (key, value) in [("scalingHistory", "H4sI!"), ("scalingTracking", "[]"), ("parallelismOverrides", "nonsense")] {
        let mut data = recorded();
        data.insert(key.to_owned(), value.to_owned());
        let (state, unreadable) = read_operators_data(&data);
        assert_eq!(unreadable.iter().map(|row| row.part.name()).collect::<Vec<_>>(), [key]);
        assert_eq!(state.present_parts().count(), 5);
    }
    assert_eq!(read(&BTreeMap::new()).present_parts().count(), 0);
}

#[test]
fn what_the_operator_would_not_keep_is_left_out_from_the_oldest_on() {
    let mut text = String::new();
    let lines: String = (0..20).map(|number| format!("    {number:032x}: {{LOAD: 0.{number}7}}\n")).collect();
    for second in 10..50 {
        text += &format!("\"2026-11-20T10:13:{second}Z\":\n  vertexMetrics:\n{lines}  globalMetrics: {{}}\n");
    }
    let state = read(&BTreeMap::from([("collectedMetrics".to_owned(), text)]));
    let kept = |largest, longest| read(&within(&state, largest, longest).unwrap());
    assert_eq!(kept(100_000, 1_000_000).collected_metrics.get().len(), 40);
    let whole: usize = operators_data(&state).unwrap().iter().map(|(key, value)| key.len() + value.len()).sum();
    for kept in [kept(whole - 1, 1_000_000), kept(100_000, 20_000)] {
        let (all, kept) = (state.collected_metrics.get(), kept.collected_metrics.get());
        assert!(!kept.is_empty() && kept.len() < all.len(), "{} of {}", kept.len(), all.len());
        assert_eq!(kept.end(), all.end());
    }
    let error = within(&read(&recorded()), 100, 1_000_000).unwrap_err();
    assert!(error.to_string().contains("without its observations"), "{error}");
}

#[test]
fn the_object_is_as_the_operator_makes_it() {
    let (namespace, name, uid) = ("orders".to_owned(), "checkout".to_owned(), "u".to_owned());
    let of = ResourceRef { kind: Kind::FlinkSessionJob, namespace, name, uid, reset_nonce: None };
    let object = operators_config_map(&of, &BTreeMap::from([("a".to_owned(), "b".to_owned())]));
    let expected = json!({
        "apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "b"},
        "metadata": {
            "name": "autoscaler-checkout", "namespace": "orders", "labels": {"component": "autoscaler", "app": "checkout"},
            "ownerReferences": [{
                "apiVersion": "flink.apache.org/v1beta1", "kind": "FlinkSessionJob", "name": "checkout", "uid": "u",
            }],
        },
    });
    assert_eq!(object, expected);
}
