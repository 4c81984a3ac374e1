//! nginx in front of a cluster: TLS, passwords, tokens.

pub mod certificates;
pub mod tunnels;

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

/// Long enough for a machine with something else to do.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running nginx; dropping it ends it.
#[derive(Debug)]
pub struct Gateway {
    directory: tempfile::TempDir,
    port: u16,
    nginx: Child,
}

/// What a server of nginx's configuration holds: directives.
fn configuration(directory: &Path, port: u16, tls: bool, server: &str) -> String {
    let at = directory.display();
    let listen = if tls { format!("{port} ssl") } else { port.to_string() };
    format!(
        "daemon off; master_process off; pid {at}/pid; error_log {at}/error.log notice;\n\
         events {{}}\n\
         http {{\n\
           access_log {at}/access.log; client_body_temp_path {at}/body; proxy_temp_path {at}/proxy;\n\
           fastcgi_temp_path {at}/fastcgi; uwsgi_temp_path {at}/uwsgi; scgi_temp_path {at}/scgi;\n\
           server {{ listen 127.0.0.1:{listen};\n{server}\n}}\n\
         }}\n"
    )
}

impl Gateway {
    /// Starts nginx on a free port, with these directives in its server. `@` in them stands for the directory of
    /// `files`, names and texts, which it is handed.
    ///
    /// # Errors
    /// There is no nginx, or it does not start.
    pub fn start(tls: bool, server: &str, files: &[(&str, &str)]) -> Result<Self> {
        let directory = tempfile::tempdir()?;
        for (name, text) in files {
            std::fs::write(directory.path().join(name), text)?;
        }
        let server = server.replace('@', &directory.path().display().to_string());
        // Somebody may take the port before nginx does.
        for _ in 0..5 {
            let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
            let file = directory.path().join("nginx.conf");
            std::fs::write(&file, configuration(directory.path(), port, tls, &server))?;
            let mut nginx = Command::new(nginx()?)
                .arg("-p")
                .arg(directory.path())
                .arg("-c")
                .arg(&file)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()?;
            if listens(&mut nginx, &directory.path().join("pid"), port)? {
                return Ok(Self { directory, port, nginx });
            }
            let errors = std::fs::read_to_string(directory.path().join("error.log")).unwrap_or_default();
            ensure!(errors.contains("Address already in use"), "nginx does not start: {errors}");
        }
        bail!("no port for nginx is free for long enough")
    }

    /// The port it listens at, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// A file of the directory it was started in.
    pub fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Lines about requests that came so far.
    ///
    /// # Errors
    /// There is no such file.
    pub fn requests(&self) -> Result<Vec<String>> {
        let text = std::fs::read_to_string(self.directory.path().join("access.log"))?;
        Ok(text.lines().map(str::to_owned).collect())
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ended_before = self.nginx.kill();
        let _ended = self.nginx.wait();
    }
}

/// Whether a server listens, or has ended before.
fn listens(server: &mut Child, pid: &Path, port: u16) -> Result<bool> {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if server.try_wait()?.is_some() {
            return Ok(false);
        }
        // It writes the file once the port is its own.
        if pid.exists() && std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Ok(true);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    bail!("nothing listens at {port} within {PATIENCE:?}")
}

fn nginx() -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Where Debian has it is on no user's path.
    let directories =
        std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin"), PathBuf::from("/usr/local/sbin")]);
    let found = directories.map(|directory| directory.join("nginx")).find(|program| program.is_file());
    found.context("there is no nginx; on Debian or Ubuntu: apt-get install -y nginx; elsewhere: https://nginx.org")
}
