//! `cargo xtask bench core`: one cycle of the decision core.

use anyhow::{Context, Result, ensure};
use xshell::{Shell, cmd};

use crate::cargo::cargo;
use crate::paths;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Count instructions with valgrind's callgrind, which is the same on a busy machine, instead of timing.
    #[arg(long)]
    instructions: bool,
}

/// Vertices of the jobs measured.
const VERTICES: [u32; 3] = [5, 50, 1000];
/// Cycles over which instructions are averaged.
const CYCLES: u32 = 100;

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let shell = Shell::new()?;
    shell.change_dir(paths::root());
    if arguments.instructions {
        return instructions(&shell);
    }
    Ok(cargo(&shell).args(["bench", "--package", "conformance", "--bench", "cycle"]).run()?)
}

/// A hundred cycles more cost a hundred cycles more: the rest, filling the window, is subtracted.
fn instructions(shell: &Shell) -> Result<()> {
    let has_valgrind = cmd!(shell, "valgrind --version").quiet().ignore_stdout().ignore_stderr().run().is_ok();
    ensure!(has_valgrind, "counting instructions needs valgrind; on Debian or Ubuntu: apt-get install -y valgrind");
    cargo(shell).args(["build", "--release", "--package", "conformance", "--example", "cycles"]).run()?;
    let binary = paths::target().join("release").join("examples").join("cycles");
    for vertices in VERTICES {
        let mut counts = [0u64; 2];
        for (count, cycles) in counts.iter_mut().zip([0, CYCLES]) {
            let (vertices, cycles) = (vertices.to_string(), cycles.to_string());
            let run =
                cmd!(shell, "valgrind --tool=callgrind --callgrind-out-file=/dev/null {binary} {vertices} {cycles}");
            let report = run.quiet().read_stderr()?;
            let line = report.lines().find_map(|line| line.split_once("Collected : "));
            *count = line.context("callgrind's report has no count")?.1.trim().parse()?;
        }
        println!("{vertices} vertices: {} instructions a cycle", (counts[1] - counts[0]) / u64::from(CYCLES));
    }
    Ok(())
}
