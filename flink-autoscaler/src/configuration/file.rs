//! Flink's configuration files: `config.yaml`, or the older `flink-conf.yaml`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use autoscaler::autoscaler_core::options::Origin;

use small_file::SmallFileError;

use super::{Loaded, lines, yaml};

/// A configuration is far smaller; whatever is larger is none.
const MAX_BYTES: u64 = 8 << 20;

/// A configuration file that can't be read. Messages show nothing of its content, which may be secret.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigFileError {
    /// The directory has neither file.
    #[error("FLINK_CONF_DIR names {0}, which has neither config.yaml nor flink-conf.yaml")]
    Missing(PathBuf),
    /// The file can't be read.
    #[error("{path} can't be used as a configuration")]
    Unusable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: SmallFileError,
    },
    /// The file is not YAML, or not a map.
    #[error("{path} is no configuration: {problem}")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong, with its line.
        problem: String,
    },
}

/// Reads the configuration file of a directory. With both there the older one counts, as it does for Flink 1.x.
///
/// # Errors
/// There is none, or it can't be read.
pub(super) fn read_directory(directory: &Path) -> Result<Loaded, ConfigFileError> {
    let (older, newer) = (directory.join("flink-conf.yaml"), directory.join("config.yaml"));
    let mut loaded = Loaded::default();
    let (path, content) = if let Some(text) = read_text(&older)? {
        if newer.exists() {
            loaded.remarks.push(format!("{} is left alone: {} is there and counts", newer.display(), older.display()));
        }
        (older, Ok(lines::read(&text)))
    } else if let Some(text) = read_text(&newer)? {
        (newer, yaml::read(&text))
    } else {
        return Err(ConfigFileError::Missing(directory.to_owned()));
    };
    let content = content.map_err(|problem| ConfigFileError::Invalid { path: path.clone(), problem })?;
    loaded.remarks.extend(content.remarks.into_iter().map(|remark| format!("{}, {remark}", path.display())));
    let origin = Origin::File(Arc::from(path.display().to_string()));
    for (key, value) in content.entries {
        loaded.configuration.set(key, value, origin.clone());
    }
    Ok(loaded)
}

/// The text of a file; none if there is no file.
fn read_text(path: &Path) -> Result<Option<String>, ConfigFileError> {
    let text = match small_file::read_text(path, MAX_BYTES) {
        Ok(text) => text,
        Err(error) if error.is_missing() => return Ok(None),
        Err(source) => return Err(ConfigFileError::Unusable { path: path.to_owned(), source }),
    };
    // Editors on Windows begin a file with a byte order mark, which is no part of the first key.
    Ok(Some(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        files.iter().for_each(|(name, text)| std::fs::write(directory.path().join(name), text).unwrap());
        directory
    }

    /// What is said of a directory that can't be used.
    fn problem(directory: &tempfile::TempDir) -> String {
        format!("{:#}", anyhow::Error::from(read_directory(directory.path()).unwrap_err()))
    }

    #[test]
    fn of_both_files_the_older_counts_and_that_is_said() {
        let both = directory(&[("config.yaml", b"a.b: new"), ("flink-conf.yaml", b"a.b: old\n")]);
        let loaded = read_directory(both.path()).unwrap();
        assert_eq!(loaded.configuration.get("a.b"), Some("old"));
        assert!(loaded.remarks[0].contains("config.yaml is left alone"), "{:?}", loaded.remarks);
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_a_key() {
        for name in ["config.yaml", "flink-conf.yaml"] {
            let marked = directory(&[(name, "\u{feff}a.b: 1\r\nc.d: 2\r\n".as_bytes())]);
            let configuration = read_directory(marked.path()).unwrap().configuration;
            assert_eq!(configuration.iter().collect::<Vec<_>>(), [("a.b", "1"), ("c.d", "2")], "{name}");
        }
    }

    #[test]
    fn what_is_no_configuration_is_refused() {
        assert!(matches!(read_directory(directory(&[]).path()), Err(ConfigFileError::Missing(_))));
        for name in ["config.yaml", "flink-conf.yaml"] {
            let large = vec![b' '; usize::try_from(MAX_BYTES).unwrap() + 1];
            for (bytes, problem) in
                [(large.as_slice(), "larger than 8388608 bytes"), (&[0xff, 0xfe], "no text in UTF-8")]
            {
                let said = self::problem(&directory(&[(name, bytes)]));
                assert!(said.contains(problem), "{said}");
            }
            let folder = directory(&[]);
            std::fs::create_dir(folder.path().join(name)).unwrap();
            assert!(problem(&folder).contains("no regular file"));
        }
    }

    #[cfg(unix)]
    #[test]
    fn an_endless_file_is_refused() {
        let folder = directory(&[]);
        std::os::unix::fs::symlink("/dev/zero", folder.path().join("config.yaml")).unwrap();
        assert!(problem(&folder).contains("no regular file"));
    }
}
