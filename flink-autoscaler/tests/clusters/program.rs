//! The program, and what it says.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Long enough for a machine with something else to do.
const PATIENCE: Duration = Duration::from_secs(120);

/// Options under which jobs are scaled within a few seconds.
const OPTIONS: [(&str, &str); 6] = [
    ("autoscaler.standalone.control-loop.interval", "100 ms"),
    ("autoscaler.standalone.http.address", "off"),
    ("job.autoscaler.enabled", "true"),
    ("job.autoscaler.stabilization.interval", "0 s"),
    ("job.autoscaler.metrics.window", "2 s"),
    ("job.autoscaler.utilization.max", "0.8"),
];

/// A program that runs; dropping it kills it.
pub(crate) struct Program {
    child: Child,
    said: Arc<Mutex<String>>,
}

impl Program {
    pub(crate) fn start(options: &[(&str, String)], environment: &[(&str, String)]) -> Self {
        let mut program = Command::new(env!("CARGO_BIN_EXE_flink-autoscaler"));
        for variable in ["FLINK_CONF_DIR", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"]
        {
            program.env_remove(variable);
        }
        program.arg("run").env("RUST_LOG", "info,flink_autoscaler::cycle=debug").stdin(Stdio::null());
        program.args(OPTIONS.map(|(key, value)| format!("--{key}={value}")));
        program.args(
            options.iter().map(|(key, value)| format!("--autoscaler.standalone.fetcher.flink-cluster.{key}={value}")),
        );
        program.envs(environment.iter().map(|(key, value)| (key, value)));
        let mut child = program.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let (said, stream) = (Arc::<Mutex<String>>::default(), child.stderr.take().unwrap());
        let saying = Arc::clone(&said);
        std::thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                saying.lock().unwrap().push_str(&format!("{line}\n"));
            }
        });
        Self { child, said }
    }

    /// Everything it has said.
    pub(crate) fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// How many lines hold all of these.
    pub(crate) fn lines(&self, parts: &[&str]) -> usize {
        self.said().lines().filter(|line| parts.iter().all(|part| line.contains(part))).count()
    }

    /// Waits for something to be so.
    pub(crate) fn until(&self, what: &str, is_so: impl Fn() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !is_so() {
            assert!(Instant::now() < deadline, "it never is so that {what}:\n{}", self.said());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ended_before = self.child.kill();
        let _ended = self.child.wait();
    }
}
