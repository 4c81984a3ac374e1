//! A state store of one's own: a directory for each job, a file for each part of its state.
//!
//! What it shows: implement `AutoScalerStateStore`, use the core's codec for the texts, and have `testkit::store` check the
//! contract (`tests/suite.rs`). It is an example and no store for production: a crash between two files leaves a save
//! half done, which the contract forbids and only a transaction, or a rename of one file, can give.

use std::path::PathBuf;

use async_trait::async_trait;
use autoscaler_core::state::codec::{StatePart, decode, encode};
use autoscaler_core::{AutoScalerStateStore, JobKey, JobState, LoadedState, PortError};
use tokio::fs;
use tokio::sync::Mutex;

/// State in files.
#[derive(Debug)]
pub struct DirectoryStore {
    root: PathBuf,
    /// Files are not transactions: one change at a time.
    changing: Mutex<()>,
}

impl DirectoryStore {
    /// A store in a directory.
    pub fn new(root: PathBuf) -> Self {
        Self { root, changing: Mutex::new(()) }
    }

    /// A job's directory; its key in hex, as any text may be a key.
    fn job(&self, job: &JobKey) -> PathBuf {
        let hex: Vec<String> = job.as_str().bytes().map(|byte| format!("{byte:02x}")).collect();
        // File systems know no name longer than 255 bytes, so it takes several levels.
        let mut path = self.root.clone();
        hex.chunks(100).for_each(|part| path.push(part.concat()));
        path.join("state")
    }
}

fn failed(what: &str, error: &std::io::Error) -> PortError {
    PortError::transient(format!("can't {what} the state's file: {error}"))
}

#[async_trait]
impl AutoScalerStateStore for DirectoryStore {
    async fn load(&self, job: &JobKey) -> Result<LoadedState, PortError> {
        let mut loaded = LoadedState::default();
        for part in StatePart::ALL {
            match fs::read_to_string(self.job(job).join(part.name())).await {
                Ok(text) => loaded.unreadable.extend(decode(&mut loaded.state, part, &text).err()),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(failed("read", &error)),
            }
        }
        Ok(loaded)
    }

    async fn save(&self, job: &JobKey, state: &JobState) -> Result<(), PortError> {
        let _alone = self.changing.lock().await;
        let directory = self.job(job);
        fs::create_dir_all(&directory).await.map_err(|error| failed("make", &error))?;
        fs::write(directory.join("key"), job.as_str()).await.map_err(|error| failed("write", &error))?;
        for part in state.changed_parts() {
            let file = directory.join(part.name());
            let done = match encode(state, part) {
                Some(text) => fs::write(&file, text).await,
                None => fs::remove_file(&file)
                    .await
                    .or_else(|error| if error.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(error) }),
            };
            done.map_err(|error| failed("write", &error))?;
        }
        Ok(())
    }

    async fn remove(&self, job: &JobKey) -> Result<(), PortError> {
        let _alone = self.changing.lock().await;
        match fs::remove_dir_all(self.job(job)).await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(failed("remove", &error)),
            _ => Ok(()),
        }
    }

    async fn jobs(&self) -> Result<Vec<JobKey>, PortError> {
        let mut jobs = Vec::new();
        let mut directories = vec![self.root.clone()];
        while let Some(directory) = directories.pop() {
            let mut entries = fs::read_dir(&directory).await.map_err(|error| failed("list", &error))?;
            while let Some(entry) = entries.next_entry().await.map_err(|error| failed("list", &error))? {
                let path = entry.path();
                if path.is_dir() {
                    directories.push(path);
                } else if entry.file_name() == "key" {
                    let text = fs::read_to_string(&path).await.map_err(|error| failed("read", &error))?;
                    jobs.push(JobKey::new(text));
                }
            }
        }
        jobs.sort_unstable();
        Ok(jobs)
    }
}
