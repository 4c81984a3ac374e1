//! A file that is written line by line, and whole after each.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::trace::packed_name;

/// A trace that is being written. It is open only while something is added, so that thousands of jobs can have one.
#[derive(Debug)]
pub(super) struct TraceFile {
    path: PathBuf,
    /// Bytes that are whole lines.
    len: u64,
    /// Whether there may be a part of a line behind them.
    is_torn: bool,
    /// Whether each addition is packed, by itself: what is there can be read whenever the process ends.
    is_packed: bool,
}

impl TraceFile {
    /// Makes a file that must not be there.
    pub(super) fn create(path: PathBuf) -> io::Result<Self> {
        File::options().write(true).create_new(true).open(&path)?;
        let is_packed = path.extension().is_some_and(|extension| extension == "gz");
        Ok(Self { path, len: 0, is_torn: false, is_packed })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// Adds whole lines, or nothing: what a full disk left of them is cut off.
    pub(super) fn append(&mut self, lines: &str) -> io::Result<()> {
        let mut file = File::options().append(true).open(&self.path)?;
        if self.is_torn {
            file.set_len(self.len)?;
            self.is_torn = false;
        }
        let packed = if self.is_packed { Some(packed(lines.as_bytes())?) } else { None };
        let bytes = packed.as_deref().unwrap_or(lines.as_bytes());
        if let Err(error) = file.write_all(bytes) {
            self.is_torn = file.set_len(self.len).is_err();
            return Err(error);
        }
        self.len += bytes.len() as u64;
        Ok(())
    }
}

fn packed(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    encoder.finish()
}

fn pack_into(path: &Path, half: &Path, target: &Path) -> io::Result<u64> {
    let mut encoder = GzEncoder::new(File::create(half)?, Compression::default());
    io::copy(&mut File::open(path)?, &mut encoder)?;
    let length = encoder.finish()?.metadata()?.len();
    std::fs::rename(half, target)?;
    Ok(length)
}

/// Packs a file that is no longer written: the packed one is whole from the moment it has its name. Returns it, and its
/// length in bytes.
pub(super) fn pack(path: &Path) -> io::Result<(PathBuf, u64)> {
    let target = packed_name(path);
    let mut half = target.as_os_str().to_owned();
    half.push(".tmp");
    let half = PathBuf::from(half);
    let written = pack_into(path, &half, &target);
    if written.is_err() {
        // What is left of it is of no use; the next start tries again.
        let _gone = std::fs::remove_file(&half);
    }
    let length = written?;
    std::fs::remove_file(path)?;
    Ok((target, length))
}
