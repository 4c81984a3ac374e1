//! tinyproxy: a proxy that lets TLS through by CONNECT.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

use super::listens;

/// A running tinyproxy; dropping it ends it.
#[derive(Debug)]
pub struct Tunnels {
    directory: tempfile::TempDir,
    port: u16,
    tinyproxy: Child,
}

impl Tunnels {
    /// Starts tinyproxy on a free port, with these directives.
    ///
    /// # Errors
    /// There is no tinyproxy, or it does not start.
    pub fn start(directives: &str) -> Result<Self> {
        let directory = tempfile::tempdir()?;
        let at = directory.path().display().to_string();
        // Somebody may take the port before it does.
        for _ in 0..5 {
            let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
            let file = directory.path().join("tinyproxy.conf");
            let own = format!(
                "Port {port}\nListen 127.0.0.1\nAllow 127.0.0.1\nPidFile \"{at}/pid\"\nLogFile \"{at}/log\"\nLogLevel Connect\n"
            );
            std::fs::write(&file, format!("{own}{directives}\n"))?;
            let mut tinyproxy = Command::new("tinyproxy")
                .args(["-d", "-c"])
                .arg(&file)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .context("there is no tinyproxy; on Debian or Ubuntu: apt-get install -y tinyproxy-bin")?;
            if listens(&mut tinyproxy, &directory.path().join("pid"), port)? {
                return Ok(Self { directory, port, tinyproxy });
            }
        }
        bail!("tinyproxy does not start")
    }

    /// The port it listens at, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What it has logged so far.
    ///
    /// # Errors
    /// There is no such file.
    pub fn log(&self) -> Result<String> {
        Ok(std::fs::read_to_string(self.directory.path().join("log"))?)
    }
}

impl Drop for Tunnels {
    fn drop(&mut self) {
        let _ended_before = self.tinyproxy.kill();
        let _ended = self.tinyproxy.wait();
    }
}
