//! Archives that depend on nothing but what is in them.

use std::io::Write;

use anyhow::Result;
use flate2::{Compression, GzBuilder};

/// A file in an archive.
#[derive(Debug)]
pub(crate) struct Entry {
    path: String,
    content: Vec<u8>,
    mode: u32,
}

impl Entry {
    pub(crate) fn file(path: String, content: Vec<u8>) -> Self {
        Self { path, content, mode: 0o644 }
    }

    /// One that can be run.
    pub(crate) fn program(path: String, content: Vec<u8>) -> Self {
        Self { path, content, mode: 0o755 }
    }
}

/// The files in this order, root's, all of one time in seconds since 1970.
pub(crate) fn tar(entries: &[Entry], time: u64) -> Result<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    for entry in entries {
        let mut header = tar::Header::new_ustar();
        header.set_size(entry.content.len() as u64);
        header.set_mode(entry.mode);
        header.set_mtime(time);
        header.set_uid(0);
        header.set_gid(0);
        archive.append_data(&mut header, &entry.path, entry.content.as_slice())?;
    }
    Ok(archive.into_inner()?)
}

pub(super) fn gzipped(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut gzip = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    gzip.write_all(bytes)?;
    Ok(gzip.finish()?)
}
