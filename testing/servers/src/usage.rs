//! What a process has taken of the machine, by Linux's `/proc`.

use std::time::Duration;

use anyhow::{Context, Result};

/// Linux counts CPU time for user space in hundredths of a second, on every machine.
const TICK: Duration = Duration::from_millis(10);

/// CPU time of a process so far, of its user and system part, ended threads included.
///
/// # Errors
/// There is no such process, or no `/proc`.
pub fn cpu_time(process: u32) -> Result<Duration> {
    let path = format!("/proc/{process}/stat");
    let stat = std::fs::read_to_string(&path).with_context(|| format!("can't read {path}"))?;
    ticks(&stat).map(|ticks| TICK * ticks).with_context(|| format!("{path} has no CPU times"))
}

/// User and system time in ticks. The program's name, in parentheses, may contain anything.
fn ticks(stat: &str) -> Option<u32> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut times = fields.split_whitespace().skip(11).map(str::parse::<u32>);
    Some(times.next()?.ok()? + times.next()?.ok()?)
}

/// Resident memory of a process in bytes.
///
/// # Errors
/// There is no such process, or no `/proc`.
pub fn resident_bytes(process: u32) -> Result<u64> {
    let path = format!("/proc/{process}/status");
    let status = std::fs::read_to_string(&path).with_context(|| format!("can't read {path}"))?;
    kibibytes(&status, "VmRSS:").map(|kibibytes| kibibytes * 1024).with_context(|| format!("{path} has no VmRSS"))
}

fn kibibytes(status: &str, key: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_and_system_time_add_up() {
        let stat = "4242 (a (strange) name) S 1 4242 4242 0 -1 4194304 1 2 3 4 150 50 0 0 20 0 3 0 1 2 3";
        assert_eq!(ticks(stat), Some(200));
        assert_eq!(ticks("4242 (cut"), None);
    }

    #[test]
    fn resident_memory_is_found() {
        assert_eq!(kibibytes("VmPeak:\t  9 kB\nVmRSS:\t   1234 kB\n", "VmRSS:"), Some(1234));
        assert!(resident_bytes(std::process::id()).is_ok_and(|bytes| bytes > 100_000));
    }
}
