//! Texts as a ConfigMap holds them: the large ones compressed, as the operator has its own.

use std::io::{Read, Write};

use autoscaler_core::state::{RowPart, StatePart};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

/// Bytes of a text, at most: a small value must not fill the memory.
const LONGEST: u64 = 20_000_000;
/// Bytes from which on a text is compressed that the operator would not.
const LARGE: usize = 32_768;
/// How gzip begins in base64. No part's text begins so.
const MARK: &str = "H4sI";

/// Whether the operator has a part compressed, however small it is.
pub(crate) fn is_compressed_by_operator(part: StatePart) -> bool {
    matches!(part, StatePart::CollectedMetrics | StatePart::Row(RowPart::ScalingHistory | RowPart::ScalingTracking))
}

/// A part's text as a value.
pub fn pack(part: StatePart, text: String) -> String {
    // A cluster is a name, which could begin with anything.
    let is_large = is_compressed_by_operator(part) || (part != StatePart::Cluster && text.len() >= LARGE);
    if is_large { compress(&text).unwrap_or(text) } else { text }
}

pub(crate) fn compress(text: &str) -> std::io::Result<String> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes())?;
    Ok(BASE64_STANDARD.encode(encoder.finish()?))
}

/// A value as the part's text, compressed or plain.
///
/// # Errors
/// Says what is wrong with it.
pub fn unpack(part: StatePart, value: &str) -> Result<String, String> {
    if part == StatePart::Cluster || !value.starts_with(MARK) {
        return Ok(value.to_owned());
    }
    // Some tools break lines.
    let value: String = value.split_ascii_whitespace().collect();
    let bytes = BASE64_STANDARD.decode(value).map_err(|error| format!("it is no base64: {error}"))?;
    let mut text = String::new();
    let mut reader = GzDecoder::new(bytes.as_slice()).take(LONGEST + 1);
    reader.read_to_string(&mut text).map_err(|error| format!("it can't be decompressed: {error}"))?;
    if text.len() as u64 > LONGEST {
        return Err(format!("decompressed it has more than {LONGEST} bytes"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HISTORY: StatePart = StatePart::Row(RowPart::ScalingHistory);
    const OVERRIDES: StatePart = StatePart::Row(RowPart::ParallelismOverrides);

    #[test]
    fn what_is_packed_is_unpacked_and_plain_is_read_too() {
        for text in ["{}", "{a: 'b'}", ""] {
            let packed = pack(HISTORY, text.to_owned());
            assert!(packed.starts_with(MARK), "{packed}");
            assert_eq!(unpack(HISTORY, &packed).unwrap(), text);
            assert_eq!(unpack(HISTORY, text).unwrap(), text);
            assert_eq!(pack(OVERRIDES, text.to_owned()), text, "for people to read");
        }
        let long = "x".repeat(LARGE);
        let packed = pack(OVERRIDES, long.clone());
        assert!(packed.len() < 200);
        assert_eq!(unpack(OVERRIDES, &packed).unwrap(), long);
        assert_eq!(unpack(StatePart::Cluster, &pack(StatePart::Cluster, "H4sI".to_owned())).unwrap(), "H4sI");
    }

    #[test]
    fn what_the_java_operator_writes_is_read() {
        // `printf '{}' | gzip | base64`, with a line break.
        assert_eq!(unpack(HISTORY, "H4sIAAAAAAAAA6uu\nBQBDv6ajAgAAAA==").unwrap(), "{}");
    }

    #[test]
    fn what_would_fill_the_memory_is_refused() {
        let bomb = compress(&"0".repeat(usize::try_from(LONGEST).unwrap() + 1)).unwrap();
        assert!(bomb.len() < 100_000);
        assert!(unpack(HISTORY, &bomb).unwrap_err().contains("more than"));
        let whole = pack(HISTORY, "abc".repeat(100));
        assert!(unpack(HISTORY, &whole[..whole.len() - 8]).is_err(), "cut");
        assert!(unpack(HISTORY, "H4sI!").is_err());
    }
}
