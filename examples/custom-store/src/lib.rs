//! A state store of one's own: a file for each job, replaced as a whole, so that a save is there or is not.

mod lease;
mod stored;

use std::fs::{self, File};
use std::io::{self, ErrorKind::NotFound};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use autoscaler::autoscaler_core::registry::{Backends, Opened};
use autoscaler::autoscaler_core::state::codec::{decode_whole, encode_whole};
use autoscaler::autoscaler_core::{AutoScalerStateStore, ErrorKind, Fence, JobKey, JobState, LoadedState};
use autoscaler::autoscaler_core::{PortError, Revision};
use sha2::{Digest, Sha256};
use stored::{Stored, read};

autoscaler::autoscaler_core::options! {
    /// The options of the file store.
    FileStoreOptions, prefix "autoscaler.standalone.state-store.file." {
        #[doc = "Directory of the FILE state store; made where there is none."]
        directory: String = "directory", "flink-autoscaler-state", &[];
    }
}

/// Makes the store one that options can name.
pub fn register(backends: &mut Backends) {
    backends.add_options(FileStoreOptions::SPECS);
    backends.stores.add("FILE", "in the files of a directory, one for each job", |opening| {
        let store = Arc::new(FileStore::new(FileStoreOptions::read(opening.configuration)?.directory));
        Ok(Opened::<dyn AutoScalerStateStore>::new(Arc::clone(&store) as _).with_lease(store))
    });
}

/// State in the files of a directory, of which one at a time is at work.
#[derive(Clone, Debug)]
pub struct FileStore(PathBuf, Arc<Mutex<()>>);

impl FileStore {
    /// A store in a directory, which is made when something is saved.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self(directory.into(), Arc::default())
    }

    /// Works on a job's file, or on the directory, once nothing else does. Of what is not there the answer is the default.
    async fn on_disk<T, W>(&self, what: &str, job: Option<&JobKey>, work: W) -> Result<T, PortError>
    where
        T: Default + Send + 'static,
        W: FnOnce(&Path) -> io::Result<T> + Send + 'static,
    {
        // Any text may be a key, so a digest of it is the file's name.
        let path = job.map_or(self.0.clone(), |job| self.0.join(format!("{:x}.json", Sha256::digest(job.as_str()))));
        let error = PortError::new(ErrorKind::Unavailable, format!("can't {what} {}", path.display()));
        let turn = Arc::clone(&self.1);
        let done = tokio::task::spawn_blocking(move || (turn.lock(), work(&path)).1).await;
        match done.unwrap_or_else(|error| Err(error.into())) {
            Err(cause) if cause.kind() == NotFound => Ok(T::default()),
            answer => answer.map_err(|cause| error.caused_by(cause)),
        }
    }
}

fn conflict(job: &JobKey) -> PortError {
    PortError::new(ErrorKind::Conflict, "another wrote its state").with("job", job.as_str())
}

#[async_trait::async_trait]
impl AutoScalerStateStore for FileStore {
    async fn load(&self, job: &JobKey) -> Result<LoadedState, PortError> {
        let stored = self.on_disk("read", Some(job), read).await?;
        let mut loaded = LoadedState::new(JobState::default(), Revision(stored.revision));
        for (part, text) in stored.parts {
            let read = |(part, text): (_, String)| decode_whole(&mut loaded.state, part, &text).err();
            loaded.unreadable.extend(part.parse().ok().zip(text).and_then(read));
        }
        Ok(loaded)
    }

    async fn save(&self, job: &JobKey, state: &JobState, fence: &Fence) -> Result<Revision, PortError> {
        let (key, fence) = (job.to_string(), *fence);
        let text = |part| encode_whole(state, part).map(|text| (part.name().to_owned(), text));
        let changes = state.changed_parts().map(text).collect::<Result<Vec<_>, _>>()?;
        let write = move |path: &Path| {
            let Stored { revision, mut parts, .. } = if path.try_exists()? { read(path)? } else { Stored::default() };
            if fence.revision.is_some_and(|known| known != Revision(revision)) {
                return Ok(None);
            }
            let now = std::time::UNIX_EPOCH.elapsed().map_or(0, |time| time.as_secs() << 20).max(revision + 1);
            parts.extend(changes);
            // The whole new file or the whole old one, whenever the power goes.
            let (directory, beside) = (path.parent().unwrap_or(path), path.with_extension("new"));
            fs::create_dir_all(directory)?;
            fs::write(&beside, serde_json::to_vec(&Stored { key, revision: now, parts })?)?;
            File::open(&beside)?.sync_all()?;
            fs::rename(&beside, path)?;
            File::open(directory)?.sync_all().map(|()| Some(Revision(now)))
        };
        self.on_disk("write", Some(job), write).await?.ok_or_else(|| conflict(job))
    }

    async fn remove(&self, job: &JobKey, fence: &Fence) -> Result<(), PortError> {
        let known = fence.revision;
        let remove = move |path: &Path| match known {
            Some(known) if known != Revision(read(path)?.revision) => Ok(true),
            _ => fs::remove_file(path).map(|()| false),
        };
        if self.on_disk("remove", Some(job), remove).await? { Err(conflict(job)) } else { Ok(()) }
    }

    async fn jobs(&self) -> Result<Vec<JobKey>, PortError> {
        let list = |directory: &Path| {
            let paths = fs::read_dir(directory)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
            let files = paths.iter().filter(|path| path.extension() == Some("json".as_ref()));
            files.map(|path| Ok(JobKey::new(read(path)?.key))).collect::<io::Result<std::collections::BTreeSet<_>>>()
        };
        Ok(self.on_disk("list", None, list).await?.into_iter().collect())
    }
}
