use super::super::entry_of::entry_of;
use super::*;
use crate::{Trace, trace_files};

const LARGE: u64 = 1 << 30;
const LONG: Duration = Duration::from_secs(86400);

fn limits(file_bytes: u64, total_bytes: u64) -> Limits {
    Limits { file_bytes, file_age: LONG, total_bytes }
}

fn job(id: u64) -> Arc<RecordedJob> {
    Arc::new(RecordedJob::new(id))
}

/// Writes cycles `from` to `to` of a job, the last one not.
fn write(sink: &mut Directory, job: &Arc<RecordedJob>, from: u32, to: u32) {
    for number in from..to {
        let entry = entry_of(job, number);
        sink.write(&entry, &entry.lines().unwrap()).unwrap();
        sink.tidy().unwrap();
    }
}

/// The cycles' seconds in every trace of a directory, each trace checked to begin with its job.
fn cycles(directory: &Path) -> Vec<Vec<i64>> {
    let cycles_of = |file: &PathBuf| {
        let text = Trace::open(file).unwrap().text().unwrap();
        let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines[0]["kind"], "job", "{}", file.display());
        let now = lines.iter().filter_map(|line| line["now"].as_i64());
        now.map(|now| now / 1000 - 1_700_000_000).collect()
    };
    trace_files(directory).unwrap().iter().map(cycles_of).collect()
}

fn bytes(directory: &Path) -> u64 {
    std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len()).sum()
}

#[test]
fn a_file_that_is_full_is_packed_and_no_cycle_is_lost() {
    let directory = tempfile::tempdir().unwrap();
    let mut sink = Directory::open(directory.path(), limits(LEAST_BYTES, LARGE)).unwrap();
    let (first, second) = (job(1), job(2));
    for number in 0..600 {
        write(&mut sink, &first, number, number + 1);
        write(&mut sink, &second, number, number + 1);
    }
    let found = cycles(directory.path());
    assert!(found.len() >= 4, "{}", found.len());
    for of_job in [&found[..found.len() / 2], &found[found.len() / 2..]] {
        assert_eq!(of_job.concat(), (0..600).collect::<Vec<i64>>());
    }
    let files = trace_files(directory.path()).unwrap();
    let plain: Vec<_> = files.iter().filter(|file| file.extension().unwrap() == "jsonl").collect();
    assert_eq!(plain.len(), 2, "only those that are written: {files:?}");
    sink.end_of(&first).unwrap();
    assert!(!plain[0].exists() && crate::trace::packed_name(plain[0]).exists(), "of a job that is gone it is packed");
}

#[test]
fn a_file_that_is_old_is_packed() {
    let directory = tempfile::tempdir().unwrap();
    let old = Limits { file_age: Duration::ZERO, ..limits(LARGE, LARGE) };
    let mut sink = Directory::open(directory.path(), old).unwrap();
    write(&mut sink, &job(1), 0, 4);
    assert_eq!(cycles(directory.path()), [[0], [1], [2], [3]]);
}

#[test]
fn the_oldest_go_when_all_are_too_large_and_what_is_not_ours_stays() {
    let directory = tempfile::tempdir().unwrap();
    let foreign = directory.path().join("trace-001.jsonl");
    std::fs::write(&foreign, "{\"kind\":\"job\"}\n".repeat(20_000)).unwrap();
    let most = 160 << 10;
    let mut sink = Directory::open(directory.path(), limits(LEAST_BYTES, most)).unwrap();
    let jobs: Vec<_> = (1..=4).map(job).collect();
    let own = |directory: &Path| bytes(directory) - foreign.metadata().unwrap().len();
    for number in 0..1000 {
        jobs.iter().for_each(|job| write(&mut sink, job, number, number + 1));
        assert!(own(directory.path()) <= most, "{} bytes", own(directory.path()));
    }
    let foreign_is_there = foreign.exists();
    std::fs::remove_file(&foreign).unwrap();
    let found = cycles(directory.path()).concat();
    assert!(foreign_is_there && found.contains(&999) && !found.contains(&0));
    assert!(found.len() > 200, "{}: there is room for more", found.len());
}

#[test]
fn what_a_kill_left_is_packed_by_the_next() {
    let directory = tempfile::tempdir().unwrap();
    let name = "a-8081_orders_1_20231114T221320Z.jsonl";
    let line = "{\"kind\":\"job\",\"jobKey\":\"k\"}\n";
    std::fs::write(directory.path().join(name), line).unwrap();
    std::fs::write(directory.path().join(format!("{name}.gz.tmp")), "half").unwrap();
    let mut sink = Directory::open(directory.path(), limits(LARGE, LARGE)).unwrap();
    assert!(matches!(Directory::open(directory.path(), limits(LARGE, LARGE)), Err(RecordError::InUse)));
    sink.begin().unwrap();
    let files = trace_files(directory.path()).unwrap();
    assert_eq!(files, [directory.path().join(format!("{name}.gz"))]);
    assert_eq!(Trace::open(&files[0]).unwrap().text().unwrap(), line);
    assert_eq!(sink.files(), files);
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 2, "that, and the lock");
}

#[test]
fn a_directory_that_vanishes_costs_what_was_written_meanwhile() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("traces");
    let mut sink = Directory::open(&path, limits(LARGE, LARGE)).unwrap();
    let job = job(1);
    write(&mut sink, &job, 0, 3);
    std::fs::remove_dir_all(&path).unwrap();
    let entry = entry_of(&job, 3);
    assert!(sink.write(&entry, &entry.lines().unwrap()).is_err());
    job.lose();
    std::fs::create_dir(&path).unwrap();
    write(&mut sink, &job, 4, 6);
    assert_eq!(cycles(&path), [[4, 5]]);
}
