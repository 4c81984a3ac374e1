//! Reading what is recorded of a job, no more of it than is good for the process.

use std::path::{Path, PathBuf};

use autoscaler::autoscaler_core::Observation;
use autoscaler::autoscaler_core::time::Instant;
use autoscaler::page::{NotCompared, Question};
use replay::{JobLine, Observations, Observed, TraceError, recordings};
use tokio_util::sync::CancellationToken;

/// Files that are read, at most.
const FILES: usize = 32;
/// Readings of vertices that are kept, at most, which takes about 10 MB: beyond that every other observation is left out.
const READINGS: usize = 20_000;

/// What was observed of a job.
#[derive(Debug)]
pub(super) struct Read {
    /// The job as it was recorded last.
    pub(super) job: JobLine,
    /// Oldest first.
    pub(super) observed: Vec<(Instant, Observation)>,
}

impl Read {
    /// What a directory has of a job from an instant on.
    pub(super) fn of(directory: &Path, question: &Question, stop: &CancellationToken) -> Result<Self, NotCompared> {
        let mut kept: Option<Self> = None;
        for file in files(directory, question)? {
            let Some(mut cycles) = opened(&file, question.from)? else { continue };
            while let Some(Observed { at, observation, .. }) = cycles.next().transpose().map_err(not_read)? {
                if stop.is_cancelled() {
                    return Err(NotCompared::Ended);
                }
                let job = cycles.job();
                let is_asked_for = job.job_id == question.job.id && is_of(job, question);
                let Some(observation) = observation.filter(|_| is_asked_for) else { continue };
                let kept = kept.get_or_insert_with(|| Self { job: job.clone(), observed: Vec::new() });
                kept.job.config.clone_from(&job.config);
                kept.add(at, observation);
            }
        }
        kept.ok_or(NotCompared::NotRecorded)
    }

    fn add(&mut self, at: Instant, observation: Observation) {
        // A clock that was set back, or a copy of a recording.
        if self.observed.last().is_some_and(|(last, _)| *last >= at) {
            return;
        }
        let vertices = observation.topology.vertices().len().max(1);
        self.observed.push((at, observation));
        if self.observed.len() > (READINGS / vertices).max(2) {
            let mut left = self.observed.len();
            self.observed.retain(|_| {
                left -= 1;
                left.is_multiple_of(2)
            });
        }
    }
}

/// The files that may have something, oldest first: those that began since, and the one before them.
fn files(directory: &Path, question: &Question) -> Result<Vec<PathBuf>, NotCompared> {
    let mut files = Vec::new();
    for (began, file) in recordings(directory, &question.cluster, &question.job.key).map_err(not_read)? {
        files.push(file);
        if began <= question.from || files.len() == FILES {
            break;
        }
    }
    files.reverse();
    Ok(files)
}

/// A file; none where nothing is written in it yet. One that was packed meanwhile has another name.
fn opened(file: &Path, from: Instant) -> Result<Option<Observations>, NotCompared> {
    let mut packed = file.as_os_str().to_owned();
    packed.push(".gz");
    let is_there = std::fs::metadata(file);
    if is_there.as_ref().is_ok_and(|there| there.len() == 0) {
        return Ok(None);
    }
    let file = if is_there.is_ok() { file } else { Path::new(&packed) };
    Observations::open(file, from).map(Some).map_err(not_read)
}

/// Whether a recording says that it is of the job: the name of its file is not enough.
fn is_of(job: &JobLine, question: &Question) -> bool {
    let cluster = job.cluster.as_deref().is_none_or(|cluster| cluster == question.cluster.as_str());
    cluster && job.job_key == question.job.key.as_str()
}

/// Without the directory, which an option names.
fn not_read(error: TraceError) -> NotCompared {
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    NotCompared::Unusable(match &error {
        TraceError::BrokenLine { path, line, expected } => format!("{}, line {line}: {expected}", name(path)),
        TraceError::Unreadable { path, source } => format!("can't read {}: {source}", name(path)),
        _ => "the directory can't be read".to_owned(),
    })
}
