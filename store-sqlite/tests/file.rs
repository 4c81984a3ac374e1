//! What is particular to a file: its names, its size, its one writer.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use autoscaler_core::metric::{GlobalSample, ScalingMetric, VertexSample};
use autoscaler_core::options::{Configuration, Origin};
use autoscaler_core::registry::{Backends, Opening};
use autoscaler_core::{Acquired, AutoScalerStateStore, ErrorKind, Fence, JobKey, JobState, LeaseTerms};
use sql_database::{ConnectSettings, DatabaseOptions, Migrate, Statement, Transaction};
use store_sqlite::SqliteStateStore;
use testkit::synthetic::SyntheticJob;
use tokio::sync::Barrier;

fn open(file: &Path) -> SqliteStateStore {
    SqliteStateStore::open(&format!("sqlite:{}", file.display()), &ConnectSettings::default()).unwrap()
}

fn terms() -> LeaseTerms {
    LeaseTerms::new("a test", Duration::from_secs(15))
}

async fn acquired(file: &Path) -> Acquired {
    open(file).lease().acquire(&terms()).await.unwrap()
}

/// Another name of a file is the same file.
#[cfg(unix)]
#[tokio::test]
async fn links_meet_at_one_lease() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("state.db");
    let held = acquired(&file).await;
    assert!(matches!(held, Acquired::Held(_)));
    std::os::unix::fs::symlink(&file, directory.path().join("symbolic.db")).unwrap();
    std::fs::hard_link(&file, directory.path().join("hard.db")).unwrap();
    let roundabout = directory.path().join("..").join(directory.path().file_name().unwrap()).join("state.db");
    for name in [directory.path().join("symbolic.db"), directory.path().join("hard.db"), roundabout] {
        let Acquired::Occupied(occupied) = acquired(&name).await else { panic!("{}: two have it", name.display()) };
        assert_eq!(occupied.error.kind(), ErrorKind::Conflict, "{}: {}", name.display(), occupied.error.chain());
    }
    drop(held);
    assert!(matches!(acquired(&directory.path().join("symbolic.db")).await, Acquired::Held(_)));
}

/// Whoever opens a new file at the same time as others waits for them, and is not told that it is locked.
#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn a_new_file_can_be_opened_by_many_at_once() {
    for _ in 0..200 {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("state.db");
        let all = Arc::new(Barrier::new(8));
        let each = (0..8).map(|_| {
            let (store, all) = (open(&file), Arc::clone(&all));
            tokio::spawn(async move {
                let version = Statement::new("SELECT 'x' FROM sqlite_master");
                all.wait().await;
                store.database().as_it_is().fetch(&version, &[sql_database::Column::Text]).await
            })
        });
        for opened in each.collect::<Vec<_>>() {
            assert!(opened.await.unwrap().unwrap().is_empty());
        }
    }
}

/// A lock file that can't even be opened, as in a file system over a network that is away, costs the others on the
/// program's one thread nothing, and is given up on.
#[cfg(unix)]
#[tokio::test]
async fn a_lease_in_a_file_system_that_hangs_is_given_up_on() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("state.db");
    // To open a pipe for writing means to wait for somebody who reads.
    let lock = directory.path().join("state.db.lock");
    assert!(std::process::Command::new("mkfifo").arg(&lock).status().unwrap().success());
    let settings = ConnectSettings::default().with_timeout(Duration::from_secs(1));
    let store = SqliteStateStore::open(&format!("sqlite:{}", file.display()), &settings).unwrap();
    let mut steps = 0;
    let others = async {
        loop {
            tokio::time::sleep(Duration::from_millis(20)).await;
            steps += 1;
        }
    };
    let (lease, terms) = (store.lease(), terms());
    let error = tokio::select! {
        taken = lease.acquire(&terms) => taken.unwrap_err(),
        () = others => unreachable!("they go on for ever"),
    };
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{}", error.chain());
    assert!(error.chain().to_string().contains("did not answer within 1s"), "{}", error.chain());
    assert!(steps > 1, "nothing else was done meanwhile");
    // Whoever still waits for the file comes to its end.
    drop(std::fs::File::options().read(true).write(true).open(&lock).unwrap());
}

/// Store and event handler that name one file in two ways have one database, and so one writer.
#[tokio::test]
async fn two_spellings_are_one_database() {
    let directory = tempfile::tempdir().unwrap();
    let mut backends = Backends::new();
    store_sqlite::register(&mut backends);
    let mut configuration = Configuration::new();
    let file = directory.path().join("state.db");
    configuration.set("autoscaler.standalone.state-store.sqlite.file", file.display().to_string(), Origin::Flag);
    let store = backends.stores.named("o", "sqlite").unwrap();
    let mut opening = Opening::new(&configuration, &mut backends.extensions);
    let opened = (store.open)(&mut opening).unwrap();
    assert!(opened.lease.is_some());
    let other = format!("jdbc:sqlite:{}", directory.path().join(".").join("state.db").display());
    sql_database::register::open_database(&mut opening, &other).unwrap();
    assert_eq!(sql_database::register::open_databases(&mut backends.extensions).databases().len(), 1);
}

/// A hard link, too.
#[cfg(unix)]
#[tokio::test]
async fn two_names_are_one_database() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("state.db");
    open(&file).jobs().await.unwrap();
    std::fs::hard_link(&file, directory.path().join("hard.db")).unwrap();
    std::os::unix::fs::symlink(&file, directory.path().join("symbolic.db")).unwrap();
    let mut backends = Backends::new();
    store_sqlite::register(&mut backends);
    let configuration = Configuration::new();
    let mut opening = Opening::new(&configuration, &mut backends.extensions);
    for name in ["state.db", "hard.db", "symbolic.db"] {
        let url = format!("sqlite://{}", directory.path().join(name).display());
        sql_database::register::open_database(&mut opening, &url).unwrap();
    }
    assert_eq!(sql_database::register::open_databases(&mut backends.extensions).databases().len(), 1);
}

/// Transactions that wait at the same time are one, and one that fails takes none down with it.
#[tokio::test(flavor = "multi_thread")]
async fn a_save_that_fails_costs_others_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(&directory.path().join("state.db"));
    store.jobs().await.unwrap();
    let database = Arc::clone(store.database().as_it_is());
    let mut writes = Vec::new();
    for number in 0..60 {
        let (table, job) =
            if number % 10 == 3 { ("no_such_table", "x") } else { ("t_flink_autoscaler_state_store", "job") };
        let insert =
            Statement::new(format!("INSERT INTO {table} (job_key, state_type, state_value) VALUES (?, ?, '')"));
        let insert = insert.with(job).with(number.to_string());
        let database = Arc::clone(&database);
        writes.push(tokio::spawn(async move { database.transact(Transaction::of(vec![insert])).await }));
    }
    let (mut good, mut bad) = (0, 0);
    for write in writes {
        match write.await.unwrap() {
            Ok(_) => good += 1,
            Err(_) => bad += 1,
        }
    }
    assert_eq!((good, bad), (54, 6));
    let count = Statement::new("SELECT COUNT(*) FROM t_flink_autoscaler_state_store");
    let rows = database.fetch(&count, &[sql_database::Column::Integer]).await.unwrap();
    assert_eq!(rows[0].integer(0).unwrap(), 54);
}

/// A window of observations of five vertices takes about as much of the file as its texts are long.
#[tokio::test]
async fn the_file_is_not_much_larger_than_what_it_holds() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("state.db");
    let store = open(&file);
    let vertices: Vec<_> = (1..=5).map(|vertex| testkit::job::id(vertex).parse().unwrap()).collect();
    let mut sample = VertexSample::default();
    for metric in [ScalingMetric::Load, ScalingMetric::ObservedTpr, ScalingMetric::Lag, ScalingMetric::NumRecordsIn] {
        sample.set(metric, 12_345.678_901);
    }
    for job in 0..10 {
        let mut state = JobState::default();
        for cycle in 0..90 {
            state.collected_metrics.insert(
                SyntheticJob::instant(cycle),
                &vertices,
                &[sample; 5],
                GlobalSample::default(),
            );
        }
        store.save(&JobKey::new(format!("{job:032}")), &state, &Fence::open()).await.unwrap();
    }
    let database = store.database();
    let sum = Statement::new("SELECT SUM(LENGTH(observation)) FROM t_flink_autoscaler_observation");
    let rows = database.as_it_is().fetch(&sum, &[sql_database::Column::Integer]).await.unwrap();
    let held = u64::try_from(rows[0].integer(0).unwrap()).unwrap();
    let pages = Statement::new("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()");
    let rows = database.as_it_is().fetch(&pages, &[sql_database::Column::Integer]).await.unwrap();
    let size = u64::try_from(rows[0].integer(0).unwrap()).unwrap();
    assert!(held > 500_000, "{held} bytes are too few to tell");
    assert!(size * 10 < held * 18, "{size} bytes for {held}");
}

/// Who looks after the schema by hand opens the store so that it is left alone.
#[tokio::test]
async fn a_schema_can_be_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", directory.path().join("state.db").display());
    let by_hand = DatabaseOptions::new(Migrate::Check);
    let store = SqliteStateStore::open_with(&url, &ConnectSettings::default(), by_hand).unwrap();
    assert_eq!(store.jobs().await.unwrap_err().kind(), ErrorKind::Refused);
    sql_database::schema::migrate(store.database().as_it_is().as_ref()).await.unwrap();
    assert_eq!(store.jobs().await.unwrap(), []);
}
