//! Draws jobs and their course from those recorded, with other options, metrics and misfortunes, for the reference to be run on:
//! see `reference/README.md`.
//!
//! Arguments: a seed, how many traces, and the directory they go to.

mod job;
mod options;

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;

use anyhow::{Context, Result};
use fastrand::Rng;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde_json::Value;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [seed, count, directory] = &arguments[..] else {
        anyhow::bail!("expected a seed, how many traces to draw, and a directory for them")
    };
    let (seed, count, directory) = (seed.parse::<u64>()?, count.parse::<u64>()?, Path::new(directory));
    let recorded = recorded()?;
    let pool = options::Pool::of(&recorded);
    std::fs::create_dir_all(directory)?;
    for number in 0..count {
        let mut rng = Rng::with_seed(seed * 1_000_000 + number);
        let base = rng.choice(&recorded).context("nothing is recorded")?;
        let lines = job::drawn(base, &recorded, &pool, &mut rng);
        let file = File::create(directory.join(format!("drawn-{seed}-{number:05}.jsonl.gz")))?;
        let mut file = GzEncoder::new(file, Compression::fast());
        for line in lines {
            writeln!(file, "{line}")?;
        }
        file.finish()?;
    }
    Ok(())
}

/// The lines of each trace that is kept with the code.
fn recorded() -> Result<Vec<Vec<Value>>> {
    let files = replay::trace_files(&conformance::data().join("traces"))?;
    files.iter().map(|path| lines(path).with_context(|| path.display().to_string())).collect()
}

fn lines(path: &Path) -> Result<Vec<Value>> {
    let lines = BufReader::new(GzDecoder::new(File::open(path)?)).lines();
    lines.map(|line| Ok(serde_json::from_str(&line?)?)).collect()
}
