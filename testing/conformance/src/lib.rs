//! Where the recordings are. Everything else here is tests and benchmarks.

use std::path::PathBuf;

/// Directory of the recordings: `CONFORMANCE_DIR`, else those kept with the code.
pub fn data() -> PathBuf {
    std::env::var_os("CONFORMANCE_DIR")
        .map_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/data").into(), PathBuf::from)
}
