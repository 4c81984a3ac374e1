//! `flink-autoscaler top` in a terminal: that of `script`, which comes with any Linux.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test")]

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use servers::standin::StandIn;

const QUICK: &[(&str, &str)] = &[
    ("job.autoscaler.enabled", "true"),
    ("job.autoscaler.stabilization.interval", "0 s"),
    ("job.autoscaler.metrics.window", "1 s"),
    ("job.autoscaler.utilization.max", "0.8"),
];
/// Nothing here takes longer on a machine that works.
const PATIENCE: Duration = Duration::from_secs(120);
const SIZE: (u16, u16) = (24, 100);

/// A process, ended with this.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _status = self.0.wait();
    }
}

/// A program in a terminal, with what is on its screen.
struct InTerminal {
    script: Ended,
    keys: ChildStdin,
    screen: Arc<Mutex<vt100::Parser>>,
}

impl InTerminal {
    fn start(command: &str) -> Self {
        let mut script = Command::new("script");
        script
            .args(["--quiet", "--flush", "--command"])
            .arg(format!("stty rows {} cols {}; exec {command}", SIZE.0, SIZE.1));
        script.arg("/dev/null").env("TERM", "xterm").env_remove("NO_COLOR");
        script.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut script = script.spawn().unwrap();
        let (keys, mut out) = (script.stdin.take().unwrap(), script.stdout.take().unwrap());
        let screen = Arc::new(Mutex::new(vt100::Parser::new(SIZE.0, SIZE.1, 0)));
        let into = Arc::clone(&screen);
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = out.read(&mut bytes) {
                into.lock().unwrap().process(&bytes[..count]);
            }
        });
        Self { script: Ended(script), keys, screen }
    }

    fn text(&self) -> String {
        self.screen.lock().unwrap().screen().contents()
    }

    /// Whether something on the screen has a colour.
    fn has_colours(&self) -> bool {
        let parser = self.screen.lock().unwrap();
        let cells = (0..SIZE.0).flat_map(|row| (0..SIZE.1).map(move |column| (row, column)));
        let mut cells = cells.filter_map(|(row, column)| parser.screen().cell(row, column));
        cells.any(|cell| cell.fgcolor() != vt100::Color::Default)
    }

    #[track_caller]
    fn until(&self, what: &str) {
        let start = Instant::now();
        while !self.text().contains(what) {
            assert!(start.elapsed() < PATIENCE, "never shown: {what:?}; there is:\n{}", self.text());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Waits until it has ended, with the terminal as it was.
    #[track_caller]
    fn ended(mut self) {
        let start = Instant::now();
        let is_back = |parser: &Mutex<vt100::Parser>| {
            let parser = parser.lock().unwrap();
            !parser.screen().alternate_screen() && !parser.screen().hide_cursor()
        };
        while self.script.0.try_wait().unwrap().is_none() || !is_back(&self.screen) {
            assert!(start.elapsed() < PATIENCE, "it does not end, or not whole:\n{}", self.text());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// The process that is asked, and where it answers.
fn running(cluster: &str, directory: &std::path::Path) -> (Ended, String) {
    let log = directory.join("log");
    let mut program = Command::new(env!("CARGO_BIN_EXE_flink-autoscaler"));
    program.args(["run", "--autoscaler.standalone.http.address=127.0.0.1:0"]);
    program.args(["--autoscaler.standalone.control-loop.interval=200 ms"]);
    program.args(["--autoscaler.standalone.fetcher.flink-cluster.host", cluster]);
    for name in ["FLINK_CONF_DIR", "RUST_LOG", "FLINK_AUTOSCALER_LOG_FORMAT", "FLINK_AUTOSCALER_HTTP_TOKEN"] {
        program.env_remove(name);
    }
    program.stdin(Stdio::null()).stdout(Stdio::null()).stderr(std::fs::File::create(&log).unwrap());
    let program = Ended(program.spawn().unwrap());
    let start = Instant::now();
    loop {
        let text = std::fs::read_to_string(&log).unwrap();
        if let Some((_, rest)) = text.split_once("API at ")
            && let Some((url, _)) = rest.split_once(char::is_whitespace)
        {
            return (program, url.to_owned());
        }
        assert!(start.elapsed() < PATIENCE, "it never listens: {text}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fleet_and_a_job_are_shown_live_and_the_terminal_is_put_back() {
    let cluster = StandIn::start().await;
    cluster.add_job(1, QUICK, None);
    cluster.add_job(2, &[], None);
    let url = cluster.url();
    let work = tokio::task::spawn_blocking(move || {
        let directory = tempfile::tempdir().unwrap();
        let (_process, url) = running(&url, directory.path());
        let top = format!("{} top --url {url} --interval 200ms", env!("CARGO_BIN_EXE_flink-autoscaler"));
        let mut terminal = InTerminal::start(&top);
        for text in ["job 1", "job 2", "RUNNING", "balanced", "sorted by name"] {
            terminal.until(text);
        }
        assert!(terminal.has_colours());
        terminal.press("\r");
        for text in ["vertex 1", "vertex 2", "can do/s", "scaled vertex 2: 1 → 2"] {
            terminal.until(text);
        }
        // Escape is told from the beginning of another key by what does not follow.
        terminal.press("\u{1b}");
        terminal.until("/ search");
        terminal.press("q");
        terminal.ended();

        // A signal ends it as a key does, and who wants no colours gets none.
        let terminal =
            InTerminal::start(&format!("sh -c 'echo $$ > {}/pid; NO_COLOR=1 exec {top}'", directory.path().display()));
        terminal.until("job 1");
        assert!(!terminal.has_colours());
        let pid = std::fs::read_to_string(directory.path().join("pid")).unwrap();
        assert!(Command::new("kill").arg(pid.trim()).status().unwrap().success());
        terminal.ended();
    });
    work.await.unwrap();
}
