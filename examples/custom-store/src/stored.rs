//! A job's file.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

/// A job's file: texts of the codec by part, and a number that grows with every save, also where the job was removed.
#[derive(Default, serde::Deserialize, serde::Serialize)]
pub(crate) struct Stored {
    pub(crate) key: String,
    pub(crate) revision: u64,
    pub(crate) parts: BTreeMap<String, Option<String>>,
}

pub(crate) fn read(path: &Path) -> io::Result<Stored> {
    Ok(serde_json::from_slice(&fs::read(path)?)?)
}
