//! Scenarios from files.

use std::path::Path;

use super::Scenario;
use crate::error::SimulateError;

/// Reads a scenario from a file in YAML, with the files of load it names.
///
/// # Errors
/// A file can't be read, or is not what it should be.
pub fn read_scenario(path: &Path) -> Result<Scenario, SimulateError> {
    let text =
        std::fs::read_to_string(path).map_err(|source| SimulateError::Unreadable { path: path.to_owned(), source })?;
    let mut scenario: Scenario = serde_saphyr::from_str(&text).map_err(|error| SimulateError::Malformed {
        path: path.to_owned(),
        // The parser shows the lines around it, too.
        problem: error.to_string().lines().next().unwrap_or_default().to_owned(),
    })?;
    let directory = path.parent().unwrap_or(Path::new("."));
    for vertex in &mut scenario.vertices {
        vertex.load = vertex.load.take().map(|load| load.with_file(directory)).transpose()?;
    }
    Ok(scenario)
}
