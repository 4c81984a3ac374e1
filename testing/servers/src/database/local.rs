//! Servers from the machine's own binaries, in a temporary directory, as a user that is not root.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::{Running, Server, mysql_bundle, wait_until_up};
use crate::process::{run, spawn_for_this_process};

/// Begins the names of the directories; the process's id follows.
const PREFIX: &str = "flink-autoscaler-test-";

pub(super) fn start(server: Server) -> Result<Running> {
    remove_leftovers();
    let directory = directory(server)?;
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let (start, base, binary) = match server {
        Server::Postgres => postgres(&directory, port)?,
        Server::MariaDb => mariadb(&directory, port)?,
        Server::MySql => mysql(&directory, port)?,
    };
    let _process = spawn_for_this_process(start, directory.join("server.log"))?;
    let up = wait_until_up(server, &base, 60);
    up.with_context(|| format!("its log is {}", directory.join("server.log").display()))?;
    Ok(Running { server, base, origin: format!("started from {binary}") })
}

fn directory(server: Server) -> Result<PathBuf> {
    let path = std::env::temp_dir().join(format!("{PREFIX}{}-{}", std::process::id(), server.name().to_lowercase()));
    if path.exists() {
        std::fs::remove_dir_all(&path)?;
    }
    std::fs::create_dir_all(&path)?;
    if is_root() {
        run(Command::new("chown").arg("nobody").arg(&path))?;
    }
    Ok(path)
}

/// Directories of processes that are gone.
fn remove_leftovers() {
    let Ok(entries) = std::fs::read_dir(std::env::temp_dir()) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let process = name.strip_prefix(PREFIX).and_then(|rest| rest.split('-').next()?.parse::<u32>().ok());
        if process.is_some_and(|id| !Path::new(&format!("/proc/{id}")).exists()) {
            let _removed = std::fs::remove_dir_all(entry.path());
        }
    }
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n")
}

/// The command as a user that is not root: servers refuse to run as root.
fn as_user(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"]).arg(program);
    command
}

fn in_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let places = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    places.map(|place| place.join(name)).find(|file| file.exists())
}

/// A test's data may be lost.
const FLUSH_LAZILY: &str = "--innodb-flush-log-at-trx-commit=2";
const MYSQL_ONLY: [&str; 3] = ["--secure-file-priv=NULL", "--mysqlx=OFF", "--skip-log-bin"];

type Start = (Command, String, String);

fn postgres(directory: &Path, port: u16) -> Result<Start> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut places: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    places.sort();
    let bin = places.pop().filter(|bin| bin.join("initdb").exists());
    let bin = bin.or_else(|| in_path("initdb")?.parent().map(Path::to_owned));
    let bin = bin.context("there is no initdb; on Debian or Ubuntu: apt-get install -y postgresql")?;
    let data = directory.join("data");
    let mut init = as_user(&bin.join("initdb"));
    init.arg("-D").arg(&data).args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]);
    run(&mut init)?;
    let mut start = as_user(&bin.join("postgres"));
    start.arg("-D").arg(&data).args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]);
    start.args(["-c", "max_connections=200", "-k"]).arg(directory);
    Ok((start, format!("postgres://postgres@127.0.0.1:{port}"), bin.join("postgres").display().to_string()))
}

fn mariadb(directory: &Path, port: u16) -> Result<Start> {
    let how = "on Debian or Ubuntu: apt-get install -y mariadb-server";
    let install = in_path("mariadb-install-db").with_context(|| format!("there is no mariadb-install-db; {how}"))?;
    let server = in_path("mariadbd").with_context(|| format!("there is no mariadbd; {how}"))?;
    let data = directory.join("data");
    let mut init = as_user(&install);
    init.args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"]);
    init.arg(format!("--datadir={}", data.display()));
    run(&mut init)?;
    let mut start = as_user(&server);
    start.arg("--no-defaults").args(server_arguments(&data, directory, port));
    Ok((start, format!("mysql://root@127.0.0.1:{port}"), server.display().to_string()))
}

fn server_arguments(data: &Path, directory: &Path, port: u16) -> Vec<String> {
    vec![
        format!("--datadir={}", data.display()),
        format!("--socket={}", directory.join("server.sock").display()),
        format!("--pid-file={}", directory.join("server.pid").display()),
        format!("--port={port}"),
        "--bind-address=127.0.0.1".to_owned(),
        "--max-connections=200".to_owned(),
        "--skip-name-resolve".to_owned(),
        FLUSH_LAZILY.to_owned(),
    ]
}

fn mysql(directory: &Path, port: u16) -> Result<Start> {
    let data = directory.join("data");
    let server = mysql_bundle::command().or_else(|| {
        let mysqld = in_path("mysqld")?;
        // MariaDB calls itself mysqld, too.
        let version = Command::new(&mysqld).arg("--version").output().ok()?;
        let is_mariadb = String::from_utf8_lossy(&version.stdout).contains("MariaDB");
        (!is_mariadb).then(|| vec![mysqld.display().to_string(), "--no-defaults".to_owned()])
    });
    let Some(server) = server else { bail!("there is no mysqld that is MySQL's own") };
    let [program, arguments @ ..] = server.as_slice() else { bail!("no command of mysqld") };
    let mut init = as_user(Path::new(program));
    init.args(arguments).arg("--initialize-insecure").arg(format!("--datadir={}", data.display()));
    run(&mut init)?;
    let mut start = as_user(Path::new(program));
    start.args(arguments).args(server_arguments(&data, directory, port));
    start.args(MYSQL_ONLY);
    // Its root may come from "localhost" only, which without name resolution nobody does.
    let users = directory.join("users.sql");
    std::fs::write(&users, "CREATE USER test IDENTIFIED BY 'test';\nGRANT ALL ON *.* TO test WITH GRANT OPTION;\n")?;
    start.arg(format!("--init-file={}", users.display()));
    Ok((start, format!("mysql://test:test@127.0.0.1:{port}"), server.join(" ")))
}
