//! `pipeline.jobvertex-parallelism-overrides`, by which a job is rescaled through its resource.

use std::collections::BTreeMap;

use autoscaler_core::VertexId;
use autoscaler_core::options::value::OptionValue;

use crate::resource::FlinkSpec;

/// The key in `flinkConfiguration`.
pub const OVERRIDES: &str = "pipeline.jobvertex-parallelism-overrides";

/// The subtasks that vertices are to have.
pub type Overrides = BTreeMap<VertexId, i32>;

/// The overrides that a spec has can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "pipeline.jobvertex-parallelism-overrides in flinkConfiguration is no text of vertices and their parallelism, such as \
     'bc764cd8ddf7a0cff126f51c16239658:2'; write it so, or remove it"
)]
pub struct UnreadableOverrides;

impl FlinkSpec {
    /// The text of the overrides, as it is written.
    pub fn overrides_text(&self) -> Option<String> {
        self.entries().remove(OVERRIDES)
    }

    /// The overrides; empty where there are none.
    ///
    /// # Errors
    /// They are there and can't be read, as a whole or in part.
    pub fn overrides(&self) -> Result<Overrides, UnreadableOverrides> {
        let entries = self.entries();
        let is_below = |key: &String| key.strip_prefix(OVERRIDES).is_some_and(|rest| rest.starts_with('.'));
        // YAML below the key instead of a text: each vertex would be a key of its own.
        if entries.keys().any(is_below) {
            return Err(UnreadableOverrides);
        }
        entries.get(OVERRIDES).map_or(Ok(Overrides::new()), |text| read_overrides(text))
    }
}

/// Reads what [`overrides_text`] writes, and as Flink writes it.
///
/// # Errors
/// Some of it is no vertex with a parallelism.
pub fn read_overrides(text: &str) -> Result<Overrides, UnreadableOverrides> {
    let map = BTreeMap::<String, String>::read(text).ok_or(UnreadableOverrides)?;
    let entry = |(vertex, parallelism): (String, String)| Some((vertex.parse().ok()?, parallelism.parse().ok()?));
    map.into_iter().map(|pair| entry(pair).ok_or(UnreadableOverrides)).collect()
}

/// The text of overrides, in order of vertex: equal overrides have equal texts.
pub fn overrides_text(overrides: &Overrides) -> String {
    let entries: Vec<String> =
        overrides.iter().map(|(vertex, parallelism)| format!("{vertex}:{parallelism}")).collect();
    entries.join(",")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn spec(configuration: Value) -> FlinkSpec {
        serde_json::from_value(json!({"flinkConfiguration": configuration})).unwrap()
    }

    fn vertex(number: u32) -> VertexId {
        format!("{number:032x}").parse().unwrap()
    }

    #[test]
    fn a_text_is_read_back_wherever_it_stands() {
        let overrides = Overrides::from([(vertex(2), 8), (vertex(1), 3)]);
        let text = overrides_text(&overrides);
        assert_eq!(text, format!("{}:3,{}:8", vertex(1), vertex(2)));
        let flat = spec(json!({OVERRIDES: text}));
        assert_eq!(flat.overrides().as_ref(), Ok(&overrides));
        let nested = spec(json!({"pipeline": {"jobvertex-parallelism-overrides": text, "name": "a"}}));
        assert_eq!(nested.overrides(), Ok(overrides));
        let none = spec(json!({}));
        assert_eq!(none.overrides(), Ok(Overrides::new()));
    }

    #[rstest::rstest]
    #[case(json!("a:2"))]
    #[case(json!("00000000000000000000000000000001:two"))]
    #[case(json!("00000000000000000000000000000001"))]
    #[case(json!({"00000000000000000000000000000001": 2}))]
    fn what_is_no_map_of_vertices_is_not_taken_for_none(#[case] value: Value) {
        assert_eq!(spec(json!({OVERRIDES: value})).overrides(), Err(UnreadableOverrides));
    }
}
