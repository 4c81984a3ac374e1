//! The contracts of a state store and of a lease, held by one of one's own.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::path::PathBuf;
use std::sync::Arc;

use autoscaler::autoscaler_core::Lease;
use custom_store::FileStore;
use tempfile::TempDir;
use testkit::lease::{Lasts, Place};
use testkit::store::{Fixture, SaveFault, Saves};

/// A full disk: what is written beside the files of jobs does not fit on it.
struct FullDisk(PathBuf);

impl FullDisk {
    fn beside(&self) -> Vec<PathBuf> {
        let files = std::fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().path());
        files.filter(|path| path.extension() == Some("json".as_ref())).map(|path| path.with_extension("new")).collect()
    }
}

#[async_trait::async_trait]
impl SaveFault for FullDisk {
    async fn begin(&self, n: usize) -> bool {
        // A save writes one file.
        if n > 0 {
            return false;
        }
        self.beside().iter().for_each(|file| std::os::unix::fs::symlink("/dev/full", file).unwrap());
        true
    }

    async fn end(&self, _: usize) {
        self.beside().iter().for_each(|file| std::fs::remove_file(file).unwrap());
    }
}

struct Directories(TempDir);

#[async_trait::async_trait]
impl Place for Directories {
    fn lease(&self) -> Arc<dyn Lease> {
        Arc::new(FileStore::new(self.0.path().join("here")))
    }

    fn elsewhere(&self) -> Arc<dyn Lease> {
        Arc::new(FileStore::new(self.0.path().join("there")))
    }

    fn name(&self) -> String {
        "here".to_owned()
    }

    async fn disturb(&self) {
        unreachable!("a lock on a file lasts as long as its process");
    }
}

fn main() {
    let mut all = testkit::store::trials("file", Saves::CanFail, || async {
        let directory = tempfile::tempdir().unwrap();
        let fault = FullDisk(directory.path().to_owned());
        Fixture::new(Arc::new(FileStore::new(directory.path())), directory).with_fault(fault)
    });
    all.extend(testkit::lease::trials("file", Lasts::AsItsProcess, || async {
        (Arc::new(Directories(tempfile::tempdir().unwrap())) as Arc<dyn Place>, ())
    }));
    testkit::suite::run(all);
}
