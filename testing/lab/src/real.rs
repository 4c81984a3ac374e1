//! `cargo xtask bench real`: both policies on a real Flink, side by side: each on a cluster of its own, with the same job,
//! under the same load at the same time, so that what else the machine does disturbs both alike.

mod course;
mod lane;
mod ledger;
mod options;
mod report;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use servers::flink::{DEFAULT_VERSION, Distribution};

use crate::paths;
use crate::signal::until_interrupted;
use course::{COURSES, Course};
use lane::Lane;
use report::{Report, Row};

/// The policies that are held against each other.
const POLICIES: [&str; 2] = ["reference", "responsive"];
/// How often both jobs are looked at.
const LOOK: Duration = Duration::from_secs(1);

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Flink's version: 1.20, 2.2, 1.20.5 …
    #[arg(long, default_value = DEFAULT_VERSION)]
    flink_version: String,
    /// The flink-autoscaler that is tried; without it, xtask builds this tree's.
    #[arg(long)]
    binary: PathBuf,
    /// The one course of load to run, load-x4 or spike; both one after the other without it.
    #[arg(long)]
    course: Option<String>,
    /// Where figures go as JSON, with what each job was scaled to and when; target/bench-real.json without it.
    #[arg(long)]
    json: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    until_interrupted(measure(arguments))
}

async fn measure(arguments: &Arguments) -> Result<()> {
    let named = |course: &&Course| arguments.course.as_ref().is_none_or(|name| name == course.name);
    let courses: Vec<&Course> = COURSES.iter().filter(named).collect();
    if courses.is_empty() {
        bail!("no such course: expected {}", COURSES.map(|course| course.name).join(" or "));
    }
    let distribution =
        Distribution::obtain(&arguments.flink_version, &paths::flink_cache(), &|line| println!("{line}"))?;
    let mut report = Report::new(&distribution.name);
    for course in courses {
        report.add(follow(course, &distribution, &arguments.binary).await?);
    }
    println!("\n{report}");
    let file = arguments.json.clone().unwrap_or_else(|| paths::target().join("bench-real.json"));
    std::fs::write(&file, report.json()?).with_context(|| format!("can't write {}", file.display()))?;
    println!("\nfigures and what was scaled when: {}", file.display());
    Ok(())
}

/// Runs a course under both policies.
async fn follow(course: &'static Course, distribution: &Distribution, binary: &std::path::Path) -> Result<Vec<Row>> {
    println!("{}: {} s on Flink {}", course.name, course.seconds(), distribution.name);
    let (first, second) = tokio::try_join!(
        Lane::begin(POLICIES[0], course, distribution, binary),
        Lane::begin(POLICIES[1], course, distribution, binary),
    )?;
    let mut lanes = [first, second];
    let began = Instant::now();
    let mut told = 0;
    while began.elapsed().as_secs() < course.seconds() {
        let [first, second] = &mut lanes;
        tokio::try_join!(first.look(began), second.look(began))?;
        if began.elapsed().as_secs() / 30 > told {
            told = began.elapsed().as_secs() / 30;
            println!("  {:>4} s  {}  {}", told * 30, lanes[0], lanes[1]);
        }
        tokio::time::sleep(LOOK).await;
    }
    Ok(lanes.into_iter().map(Lane::end).collect())
}
