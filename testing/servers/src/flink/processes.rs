//! JobManager and TaskManager as plain `java` processes, without Flink's scripts.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

use super::Distribution;

const JOB_MANAGER: &str = "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint";
const TASK_MANAGER: &str = "org.apache.flink.runtime.taskexecutor.TaskManagerRunner";

/// What Java 17 must open for Flink.
const OPENED: &[&str] = &[
    "java.base/java.lang",
    "java.base/java.net",
    "java.base/java.io",
    "java.base/java.nio",
    "java.base/sun.nio.ch",
    "java.base/java.lang.reflect",
    "java.base/java.text",
    "java.base/java.time",
    "java.base/java.util",
    "java.base/java.util.concurrent",
    "java.base/java.util.concurrent.atomic",
    "java.base/java.util.concurrent.locks",
];
const EXPORTED: &[&str] =
    &["java.base/sun.net.util", "java.rmi/sun.rmi.registry", "java.security.jgss/sun.security.krb5"];

/// Memory of the TaskManager's pools.
const TASK_MANAGER_MEMORY: &[(&str, &str)] = &[
    ("framework.heap.size", "128m"),
    ("task.heap.size", "512m"),
    ("managed.size", "64m"),
    ("network.min", "256m"),
    ("network.max", "256m"),
    ("framework.off-heap.size", "128m"),
    ("task.off-heap.size", "0b"),
    ("jvm-metaspace.size", "192m"),
    ("jvm-overhead.min", "192m"),
    ("jvm-overhead.max", "192m"),
];

/// What the pools add up to, as `taskmanager.memory.process.size`.
pub(super) const TASK_MANAGER_PROCESS_SIZE: &str = "1472m";

/// Whether processes end with us, or stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lifetime {
    /// They are killed when this process ends, however it ends.
    Ours,
    /// They stay until told.
    Detached,
}

pub(super) fn start_job_manager(distribution: &Distribution, directory: &Path, lifetime: Lifetime) -> Result<Child> {
    let mut java = java(distribution, directory, "jobmanager", "512m", lifetime);
    java.arg(JOB_MANAGER).arg("--configDir").arg(directory.join("conf"));
    spawn(java, directory, "jobmanager")
}

pub(super) fn start_task_manager(distribution: &Distribution, directory: &Path, lifetime: Lifetime) -> Result<Child> {
    let mut java = java(distribution, directory, "taskmanager", "640m", lifetime);
    java.arg(TASK_MANAGER).arg("--configDir").arg(directory.join("conf")).arg("-Dtaskmanager.cpu.cores=2.0");
    for (key, size) in TASK_MANAGER_MEMORY {
        java.arg(format!("-Dtaskmanager.memory.{key}={size}"));
    }
    spawn(java, directory, "taskmanager")
}

fn java(distribution: &Distribution, directory: &Path, name: &str, heap: &str, lifetime: Lifetime) -> Command {
    let mut command = match lifetime {
        Lifetime::Ours if has_setpriv() => {
            let mut command = Command::new("setpriv");
            command.args(["--pdeathsig", "KILL", "java"]);
            command
        }
        Lifetime::Ours | Lifetime::Detached => Command::new("java"),
    };
    command.args(["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", &format!("-Xmx{heap}")]);
    for module in OPENED {
        command.arg(format!("--add-opens={module}=ALL-UNNAMED"));
    }
    for module in EXPORTED {
        command.arg(format!("--add-exports={module}=ALL-UNNAMED"));
    }
    let log = directory.join("conf").join("log4j.properties");
    command.arg(format!("-Dlog4j.configurationFile=file:{}", log.display()));
    command.arg(format!("-Dlog.file={}", directory.join(format!("{name}.log")).display()));
    command.args(["-cp", &distribution.class_path()]);
    command
}

/// Linux's `setpriv` can have a process killed when its parent ends, however that ends.
fn has_setpriv() -> bool {
    cfg!(target_os = "linux")
        && Command::new("setpriv").arg("--version").output().is_ok_and(|output| output.status.success())
}

fn spawn(mut command: Command, directory: &Path, name: &str) -> Result<Child> {
    let output = File::create(directory.join(format!("{name}.out")))?;
    #[cfg(unix)]
    // A group of its own: Ctrl-C in the terminal is ours to handle.
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
    command.spawn().with_context(|| format!("can't start the {name}"))
}
