//! An API server that can be taken away, which others of the process must not meet.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::{ApiServer, server, with_resources};

/// An API server of one test's own, from programs that are built here whatever `TEST_KUBECONFIG` names.
#[derive(Debug)]
pub struct FaultyApiServer {
    own: server::Own,
    process: u32,
}

impl FaultyApiServer {
    /// Starts one, which blocks.
    ///
    /// # Panics
    /// It can't be started; the message says why.
    pub fn start() -> Self {
        let own = server::Own::new().unwrap();
        let process = own.start().unwrap();
        with_resources(&own.server).unwrap();
        Self { own, process }
    }

    /// What tests ask.
    pub fn server(&self) -> ApiServer {
        self.own.server.clone()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        ([127, 0, 0, 1], self.own.port).into()
    }

    /// Sends it a signal, such as STOP.
    pub fn signal(&self, signal: &str) {
        crate::process::signal(self.process, signal);
    }

    /// SIGKILL, and a start on the same etcd and at the same address after some time, which blocks until it is ready.
    pub fn restart(&mut self, after: Duration) {
        self.signal("KILL");
        // Whoever waits for it takes its entry away.
        while Path::new(&format!("/proc/{}", self.process)).exists() {
            std::thread::sleep(Duration::from_millis(5));
        }
        std::thread::sleep(after);
        self.process = self.own.start().unwrap();
    }
}

impl Drop for FaultyApiServer {
    fn drop(&mut self) {
        // It ends with the process in any case.
        let _killed = Command::new("kill").arg("-KILL").arg(self.process.to_string()).status();
    }
}
