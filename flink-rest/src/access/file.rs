//! Files that may change while the process runs.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::problem::AccessProblem;

/// The largest file that is read, bytes.
const LARGEST: u64 = 4 << 20;

/// A file that is looked at again while the process runs.
#[derive(Clone)]
pub struct AccessFile {
    path: PathBuf,
    /// The option that names it, if one does.
    option: Option<Arc<str>>,
}

/// The path is left out where an option names it: somebody may have put a secret there instead of its file.
impl fmt::Debug for AccessFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what())
    }
}

impl AccessFile {
    /// The file at a path; errors name it.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), option: None }
    }

    /// The file at a path that an option has; errors name the option.
    pub fn of_option(path: &str, option: &str) -> Self {
        Self { path: PathBuf::from(path.trim()), option: Some(option.into()) }
    }

    fn what(&self) -> String {
        // What is no path at all may be the secret itself.
        let is_path = |path: &Path| {
            path.parent().is_some_and(|directory| !directory.as_os_str().is_empty() && directory.is_dir())
        };
        match &self.option {
            None => format!("file {}", self.path.display()),
            Some(option) if is_path(&self.path) => format!("option {option}: file {}", self.path.display()),
            Some(option) => format!("option {option}: the file"),
        }
    }

    /// That it can't be used, or what is in it.
    pub(crate) fn problem(&self, problem: impl Into<String>) -> AccessProblem {
        AccessProblem::new(self.what(), problem)
    }

    /// What is in it.
    ///
    /// # Errors
    /// It can't be read, is no regular file, is empty or too large.
    pub(super) fn read(&self) -> Result<Vec<u8>, AccessProblem> {
        let unusable = |error| self.problem("can't be used").caused_by(error);
        let bytes = small_file::read(&self.path, LARGEST).map_err(unusable)?;
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Err(self.problem("is empty"));
        }
        Ok(bytes)
    }
}
