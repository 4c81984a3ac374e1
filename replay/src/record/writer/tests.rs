use std::sync::atomic::{AtomicBool, Ordering};

use super::super::entry_of::entry_of;
use super::*;

/// Keeps what is written, and fails while it is told to.
#[derive(Clone, Debug, Default)]
struct Disk {
    written: Arc<Mutex<String>>,
    is_full: Arc<AtomicBool>,
    /// Held while nothing can be written.
    hangs: Arc<Mutex<()>>,
}

impl Sink for Disk {
    fn begin(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn write(&mut self, _: &Entry, lines: &str) -> io::Result<()> {
        let _hangs = self.hangs.lock().unwrap();
        if self.is_full.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.written.lock().unwrap().push_str(lines);
        Ok(())
    }

    fn tidy(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn end_of(&mut self, _: &RecordedJob) -> io::Result<()> {
        Ok(())
    }

    fn files(&self) -> Vec<PathBuf> {
        Vec::new()
    }
}

impl Disk {
    /// What is written: `j` for a job, the second for a cycle.
    fn told(&self) -> String {
        let written = self.written.lock().unwrap();
        let lines = written.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let told = lines.map(|line| line["now"].as_i64().map_or("j".to_owned(), |now| (now / 1000 % 1000).to_string()));
        told.collect::<Vec<_>>().join(" ")
    }
}

#[test]
fn a_full_disk_costs_cycles_and_the_next_ones_are_told_what_they_begin_with() {
    let (disk, (queue, waiting)) = (Disk::default(), Queue::new());
    let job = Arc::new(RecordedJob::new(1));
    for number in 0..2 {
        queue.write(entry_of(&job, number));
    }
    queue.end();
    let (tell, ended) = channel();
    let mut writing = Writing::new(Box::new(disk.clone()), Arc::clone(&queue));
    let waiting = writing.work(waiting);
    disk.is_full.store(true, Ordering::Relaxed);
    // The first is refused; the second does not know yet, and is of no use without it.
    queue.write(entry_of(&job, 2));
    queue.write(entry_of(&job, 3));
    queue.end();
    let waiting = writing.work(waiting);
    disk.is_full.store(false, Ordering::Relaxed);
    queue.write(entry_of(&job, 4));
    queue.write(entry_of(&job, 5));
    queue.end();
    writing.work(waiting);
    writing.finish(&tell);
    assert_eq!(disk.told(), "j 0 1 j 4 5");
    let recorded = ended.recv().unwrap();
    assert_eq!((recorded.cycles, recorded.lost, recorded.is_whole), (4, 2, true));
}

#[test]
fn a_disk_that_hangs_delays_nobody() {
    let (disk, (queue, waiting)) = (Disk::default(), Queue::new());
    let hangs = disk.hangs.lock().unwrap();
    let writer = Writer::start(Box::new(disk.clone()), Arc::clone(&queue), waiting).unwrap();
    let job = Arc::new(RecordedJob::new(1));
    // More than there is room for: the rest is given up.
    for number in 0..20_000 {
        queue.write(entry_of(&job, number));
    }
    let lost = queue.take_lost();
    assert!((10_000..20_000).contains(&lost), "{lost}");
    assert!(!writer.end(Duration::ZERO).is_whole, "nobody waits for it at the end");
    drop(hangs);
}
