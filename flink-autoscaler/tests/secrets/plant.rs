//! Planting secrets and looking for them.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Programs that run at once.
const AT_ONCE: usize = 4;
/// Long enough for a machine with something else to do.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

pub(crate) fn program(arguments: &[impl AsRef<std::ffi::OsStr>]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_flink-autoscaler"));
    program.args(arguments).stdin(Stdio::null());
    for variable in ["FLINK_CONF_DIR", "RUST_LOG", "JDBC_PWD", "FLINK_AUTOSCALER_LOG_FORMAT"] {
        program.env_remove(variable);
    }
    program
}

/// Secrets that were planted, and those that came out.
#[derive(Default)]
pub(crate) struct Planted {
    count: AtomicUsize,
    looked: AtomicUsize,
    found: Mutex<Vec<String>>,
}

impl Planted {
    /// A secret that nothing else contains.
    pub(crate) fn secret(&self) -> String {
        format!("pl4nt{}x", self.count.fetch_add(1, Ordering::Relaxed))
    }

    /// Does something for each key, several at once.
    pub(crate) fn each(&self, keys: &[String], plant: impl Fn(&str) + Sync) {
        let next = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..AT_ONCE {
                scope.spawn(|| {
                    while let Some(key) = keys.get(next.fetch_add(1, Ordering::Relaxed)) {
                        plant(key);
                    }
                });
            }
        });
    }

    /// Looks for a secret in what came out.
    pub(crate) fn look(&self, what: &str, secret: &str, output: &str) {
        self.looked.fetch_add(1, Ordering::Relaxed);
        if let Some(line) = output.lines().find(|line| line.to_ascii_lowercase().contains(secret)) {
            let cut: String = line.chars().take(400).collect();
            self.found.lock().unwrap().push(format!("{what}: {cut}"));
        }
    }

    /// Runs a command that ends by itself.
    pub(crate) fn command(&self, what: &str, secret: &str, arguments: &[String]) {
        let empty = tempfile::tempdir().unwrap();
        let mut program = program(arguments);
        // A `run` that is not refused goes on.
        if arguments.first().is_some_and(|command| command == "run") {
            return self.run(what, secret, empty.path(), &arguments[1..], &[]);
        }
        let output = program.current_dir(empty.path()).output().unwrap();
        let all = [output.stdout, output.stderr].concat();
        self.look(what, secret, &String::from_utf8_lossy(&all));
    }

    /// Runs the daemon until it has tried its cluster, or has ended.
    pub(crate) fn run(
        &self,
        what: &str,
        secret: &str,
        directory: &Path,
        arguments: &[String],
        environment: &[(&str, &str)],
    ) {
        let arguments: Vec<String> = std::iter::once("run".to_owned()).chain(arguments.iter().cloned()).collect();
        let child = Child::start(&arguments, environment);
        child.wait_for(&["list the cluster's jobs", "right to act"]);
        let output = child.ended(directory);
        self.look(what, secret, &output);
    }

    /// Fails where one came out.
    pub(crate) fn report(&self, what: &str) {
        let found = self.found.lock().unwrap();
        let (count, looked) = (self.count.load(Ordering::Relaxed), self.looked.load(Ordering::Relaxed));
        println!("{what}: {count} secrets planted, looked for {looked} times, {} came out", found.len());
        assert!(looked >= count, "nobody looked for some of them");
        assert!(found.is_empty(), "{} of {count} came out:\n{}", found.len(), found.join("\n"));
    }
}

/// A program that runs, with what it has said so far.
pub(crate) struct Child {
    child: std::process::Child,
    said: Arc<Mutex<String>>,
    lines: Receiver<String>,
}

impl Child {
    pub(crate) fn start(arguments: &[String], environment: &[(&str, &str)]) -> Self {
        let mut program = program(arguments);
        program.envs(environment.iter().copied()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = program.spawn().unwrap();
        let said = Arc::<Mutex<String>>::default();
        let (sender, lines) = channel();
        let streams: [Box<dyn Read + Send>; 2] =
            [Box::new(child.stdout.take().unwrap()), Box::new(child.stderr.take().unwrap())];
        for stream in streams {
            let (said, sender) = (Arc::clone(&said), sender.clone());
            std::thread::spawn(move || {
                for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
                    let line = String::from_utf8_lossy(&line).into_owned();
                    said.lock().unwrap().push_str(&format!("{line}\n"));
                    let _gone = sender.send(line);
                }
            });
        }
        Self { child, said, lines }
    }

    /// Until a line with one of these texts comes, or none any more.
    pub(crate) fn wait_for(&self, texts: &[&str]) {
        let deadline = Instant::now() + PATIENCE;
        while let Ok(line) = self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            if texts.iter().any(|text| line.contains(text)) {
                return;
            }
        }
        assert!(Instant::now() < deadline, "it neither ends nor says anything");
    }

    /// Has it end, and returns all that it said and left in its directory's files, but not those that were planted.
    pub(crate) fn ended(mut self, directory: &Path) -> String {
        let id = self.child.id().to_string();
        let _ended_before = Command::new("kill").args(["-TERM", &id]).stderr(Stdio::null()).status();
        self.child.wait().unwrap();
        while self.lines.recv().is_ok() {}
        let mut all = self.said.lock().unwrap().clone();
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_file() && name.starts_with("state.db") {
                let content = std::fs::read(&path).unwrap();
                all.push_str(&format!("{name} {}\n", String::from_utf8_lossy(&content).replace('\n', " ")));
            }
        }
        all
    }
}

/// Waits for something to be so.
pub(crate) async fn until(mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "it never is");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
