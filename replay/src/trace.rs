//! Trace files.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use crate::line::TraceLine;

/// The longest line that is read; a cycle of a thousand vertices has about 2 MB.
const MAX_LINE_BYTES: u64 = 64 << 20;

/// A trace that can't be read any further.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TraceError {
    /// The file or directory can't be opened or read.
    #[error("can't read {path}")]
    Unreadable {
        /// The file or directory.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A line is not what it should be.
    #[error("{path}, line {line}: {expected}")]
    BrokenLine {
        /// The file.
        path: PathBuf,
        /// The line's number, from 1.
        line: usize,
        /// What was expected, and what is there.
        expected: String,
    },
    /// A directory without traces.
    #[error("{0} has no traces: expected files named *.jsonl or *.jsonl.gz")]
    Empty(PathBuf),
}

/// A trace, read line by line.
pub struct Trace {
    path: PathBuf,
    reader: Box<dyn BufRead + Send>,
    line: usize,
    failed: bool,
    is_cut_off: bool,
}

impl std::fmt::Debug for Trace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Trace").field("path", &self.path).field("line", &self.line).finish_non_exhaustive()
    }
}

impl Trace {
    /// Opens a file; one that ends in `.gz` is unpacked.
    ///
    /// # Errors
    /// It can't be opened.
    pub fn open(path: &Path) -> Result<Self, TraceError> {
        let file = File::open(path).map_err(|source| TraceError::Unreadable { path: path.to_owned(), source })?;
        let reader: Box<dyn BufRead + Send> = if path.extension().is_some_and(|extension| extension == "gz") {
            Box::new(BufReader::new(MultiGzDecoder::new(file)))
        } else {
            Box::new(BufReader::new(file))
        };
        Ok(Self { path: path.to_owned(), reader, line: 0, failed: false, is_cut_off: false })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the file ended in the middle of a line, as that of a recording that was killed may. Known at its end; the
    /// part of a line is left out.
    pub fn is_cut_off(&self) -> bool {
        self.is_cut_off
    }

    /// The rest of the file, unpacked.
    ///
    /// # Errors
    /// It can't be read, or is no text.
    pub fn text(mut self) -> Result<String, TraceError> {
        let mut text = String::new();
        let read = self.reader.read_to_string(&mut text);
        read.map_err(|source| TraceError::Unreadable { path: self.path.clone(), source })?;
        Ok(text)
    }

    /// An error about the line that was read last.
    pub fn broken(&self, expected: impl Into<String>) -> TraceError {
        TraceError::BrokenLine { path: self.path.clone(), line: self.line, expected: expected.into() }
    }

    fn read_line(&mut self) -> Result<Option<TraceLine>, TraceError> {
        loop {
            let mut bytes = Vec::new();
            let unreadable = |source| TraceError::Unreadable { path: self.path.clone(), source };
            let read = match self.reader.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut bytes) {
                Ok(read) => read,
                // In the middle of what is packed.
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                    self.is_cut_off = true;
                    return Ok(None);
                }
                Err(error) => return Err(unreadable(error)),
            };
            if read == 0 {
                return Ok(None);
            }
            self.line += 1;
            if bytes.len() as u64 == MAX_LINE_BYTES {
                return Err(self.broken(format!("expected a line of less than {MAX_LINE_BYTES} bytes")));
            }
            if bytes.last() != Some(&b'\n') && is_part_of_a_line(&bytes) {
                self.is_cut_off = true;
                return Ok(None);
            }
            let text = String::from_utf8(bytes).map_err(|error| self.broken(format!("expected UTF-8: {error}")))?;
            if !text.trim().is_empty() {
                return TraceLine::read(&text).map(Some).map_err(|expected| self.broken(expected));
            }
        }
    }
}

/// Whether JSON ends in the middle.
fn is_part_of_a_line(bytes: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_err_and(|error| error.is_eof())
}

/// Lines up to the first that can't be read.
impl Iterator for Trace {
    type Item = Result<TraceLine, TraceError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let line = self.read_line();
        self.failed = line.is_err();
        line.transpose()
    }
}

/// The traces that a path names: the file itself, or every `*.jsonl` and `*.jsonl.gz` of a directory, by name.
///
/// # Errors
/// The directory can't be read or has none.
pub fn trace_files(path: &Path) -> Result<Vec<PathBuf>, TraceError> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let unreadable = |source| TraceError::Unreadable { path: path.to_owned(), source };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path).map_err(unreadable)? {
        let file = entry.map_err(unreadable)?.path();
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".jsonl") || name.ends_with(".jsonl.gz") {
            files.push(file);
        }
    }
    // One that is packed stands beside what it was packed from for a moment, or after a kill.
    let packed: BTreeSet<PathBuf> =
        files.iter().filter(|file| file.extension().is_some_and(|end| end == "gz")).cloned().collect();
    files.retain(|file| !packed.contains(&packed_name(file)));
    files.sort();
    if files.is_empty() { Err(TraceError::Empty(path.to_owned())) } else { Ok(files) }
}

/// The name of a trace once it is packed.
pub(crate) fn packed_name(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".gz");
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors_of(text: &str) -> String {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("t.jsonl");
        std::fs::write(&path, text).unwrap();
        let error = Trace::open(&path).unwrap().find_map(Result::err).unwrap().to_string();
        error.replace(&path.display().to_string(), "t.jsonl")
    }

    #[test]
    fn a_broken_line_is_told_with_its_number() {
        let job = r#"{"kind":"job","jobKey":"k","jobId":"00000000000000000000000000000001","config":{}}"#;
        for (text, expected) in [
            (format!("{job}\n\n{{\n"), "t.jsonl, line 3: expected an object with a kind"),
            (format!("{job}\n{{\"kind\":\"cycle\"}}"), "t.jsonl, line 2: expected a cycle: missing field `now`"),
            ("{\"kind\":\"song\"}".to_owned(), "line 1: expected the kind job, cycle or restart, not 'song'"),
            (job.replace("0000000001", "1"), "line 1: expected a job: '00000000000000000000001' is not a Flink id"),
        ] {
            let error = errors_of(&text);
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn nothing_is_read_behind_a_broken_line() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("t.jsonl");
        std::fs::write(&path, "{\"kind\":\"restart\"}\n{\n{\"kind\":\"restart\"}\n").unwrap();
        let lines: Vec<_> = Trace::open(&path).unwrap().collect();
        assert_eq!((lines.len(), lines[1].is_err()), (2, true));
    }

    #[test]
    fn an_empty_directory_is_told() {
        let directory = tempfile::tempdir().unwrap();
        assert!(matches!(trace_files(directory.path()), Err(TraceError::Empty(_))));
        assert!(matches!(Trace::open(&directory.path().join("no")), Err(TraceError::Unreadable { .. })));
    }
}
