//! Flink's own derivation of a TaskManager's memory pools from a configuration, for total process size, total Flink
//! size, or task heap and managed size.

use crate::options::Configuration;
use crate::options::value::{MemorySize, OptionValue};

const MB: u64 = 1 << 20;

/// The pools of a TaskManager that tuning leaves alone or goes by, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MemoryModel {
    pub(super) framework_off_heap: u64,
    pub(super) task_off_heap: u64,
    pub(super) managed: u64,
    pub(super) jvm_overhead: u64,
}

/// The sizes a configuration sets, or Flink's defaults.
struct Configured<'a>(&'a Configuration);

/// A pool that is a share of another, within limits.
#[derive(Clone, Copy)]
struct Share {
    min: u64,
    max: u64,
    fraction: f64,
}

impl Configured<'_> {
    /// A size that is set; `Some(None)` if it is not, `None` if its text is no size.
    fn optional(&self, keys: &[&str]) -> Option<Option<u64>> {
        match keys.iter().find_map(|key| self.0.get(key)) {
            Some(text) => MemorySize::read(text).map(|size| Some(size.0)),
            None => Some(None),
        }
    }

    fn size(&self, key: &str, default: u64) -> Option<u64> {
        Some(self.optional(&[key])?.unwrap_or(default))
    }

    /// Fractions are single-precision in Flink.
    fn fraction(&self, key: &str, default: f32) -> Option<f64> {
        match self.0.get(key) {
            Some(text) => text.trim().parse::<f32>().ok().map(f64::from),
            None => Some(f64::from(default)),
        }
    }

    fn share(&self, [min, max, fraction]: [&str; 3], defaults: Share) -> Option<Share> {
        let share = Share {
            min: self.size(min, defaults.min)?,
            max: self.size(max, defaults.max)?,
            #[expect(
                clippy::cast_possible_truncation,
                reason = "the default is given as a double and meant as a float"
            )]
            fraction: self.fraction(fraction, defaults.fraction as f32)?,
        };
        (share.min <= share.max && (0.0..1.0).contains(&share.fraction)).then_some(share)
    }

    fn overhead(&self) -> Option<Share> {
        let keys = [
            "taskmanager.memory.jvm-overhead.min",
            "taskmanager.memory.jvm-overhead.max",
            "taskmanager.memory.jvm-overhead.fraction",
        ];
        self.share(keys, Share { min: 192 * MB, max: 1024 * MB, fraction: 0.1 })
    }

    fn network(&self) -> Option<Share> {
        let keys =
            ["taskmanager.memory.network.min", "taskmanager.memory.network.max", "taskmanager.memory.network.fraction"];
        self.share(keys, Share { min: 64 * MB, max: i64::MAX.unsigned_abs(), fraction: 0.1 })
    }
}

impl Share {
    fn within_limits(&self, bytes: u64) -> u64 {
        self.max.min(self.min.max(bytes))
    }

    /// The share of `base`.
    fn of(&self, base: u64) -> Option<u64> {
        Some(self.within_limits(truncated_product(base, self.fraction)?))
    }

    /// The share of base and share together, given the base alone.
    fn on_top_of(&self, base: u64) -> Option<u64> {
        Some(self.within_limits(truncated_product(base, self.fraction / (1.0 - self.fraction))?))
    }

    fn contains(&self, bytes: u64) -> bool {
        (self.min..=self.max).contains(&bytes)
    }
}

/// `bytes * factor` on the factor's shortest decimal form, without its fraction.
fn truncated_product(bytes: u64, factor: f64) -> Option<u64> {
    let text = factor.to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let fraction = &fraction[..fraction.len().min(18)];
    let digits: u128 = format!("{whole}{fraction}").parse().ok()?;
    let scale = 10u128.pow(u32::try_from(fraction.len()).ok()?);
    u64::try_from(u128::from(bytes).checked_mul(digits)? / scale).ok()
}

impl MemoryModel {
    /// The pools by `configuration`; none where Flink would refuse to start with it.
    pub(super) fn derive(configuration: &Configuration) -> Option<Self> {
        let configured = Configured(configuration);
        let process = configured.optional(&["taskmanager.memory.process.size"])?;
        let flink = configured.optional(&["taskmanager.memory.flink.size"])?;
        let task_heap = configured.optional(&["taskmanager.memory.task.heap.size"])?;
        let managed = configured.optional(&["taskmanager.memory.managed.size", "taskmanager.memory.size"])?;
        let framework_off_heap = configured.size("taskmanager.memory.framework.off-heap.size", 128 * MB)?;
        let task_off_heap = configured.size("taskmanager.memory.task.off-heap.size", 0)?;
        let framework_heap = configured.size("taskmanager.memory.framework.heap.size", 128 * MB)?;
        let metaspace = configured.size("taskmanager.memory.jvm-metaspace.size", 256 * MB)?;
        let fixed = framework_heap.checked_add(framework_off_heap)?.checked_add(task_off_heap)?;

        // Flink's order: the most exact pair of sizes wins. Heap and managed memory fix its own memory, whatever the totals
        // say; a total of Flink's memory comes next, a total of the process last. A total that was passed over must
        // still agree, within the limits of what is left between it and the rest: network or overhead.
        let (total_flink, overhead) = match (task_heap, managed, flink, process) {
            (Some(task_heap), Some(managed), _, _) => {
                let without_network = fixed.checked_add(task_heap)?.checked_add(managed)?;
                let network = match flink {
                    Some(total) => total
                        .checked_sub(without_network)
                        .filter(|rest| configured.network().is_some_and(|n| n.contains(*rest)))?,
                    None => configured.network()?.on_top_of(without_network)?,
                };
                let total = without_network.checked_add(network)?;
                (total, overhead_of(&configured, total, metaspace, process)?)
            }
            (_, _, Some(total), _) => (total, overhead_of(&configured, total, metaspace, process)?),
            (_, _, None, Some(process)) => {
                let overhead = configured.overhead()?.of(process)?;
                (process.checked_sub(metaspace.checked_add(overhead)?)?, overhead)
            }
            _ => return None,
        };
        let managed = match managed {
            Some(managed) => managed,
            None => truncated_product(total_flink, configured.fraction("taskmanager.memory.managed.fraction", 0.4)?)?,
        };
        let rest = total_flink.checked_sub(fixed.checked_add(managed)?)?;
        match task_heap {
            Some(task_heap) => {
                let network = rest.checked_sub(task_heap)?;
                configured.network().filter(|share| share.contains(network))?;
            }
            None => {
                rest.checked_sub(configured.network()?.of(total_flink)?)?;
            }
        }
        Some(Self { framework_off_heap, task_off_heap, managed, jvm_overhead: overhead })
    }
}

/// JVM overhead next to a known total of Flink's own memory: what the process size leaves, or a share on top.
fn overhead_of(configured: &Configured<'_>, total_flink: u64, metaspace: u64, process: Option<u64>) -> Option<u64> {
    let share = configured.overhead()?;
    let below = total_flink.checked_add(metaspace)?;
    match process {
        Some(process) => process.checked_sub(below).filter(|overhead| share.contains(*overhead)),
        None => share.on_top_of(below),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn derive(entries: &[(&str, &str)]) -> Option<MemoryModel> {
        let entries = entries.iter().map(|(key, value)| (format!("taskmanager.memory.{key}"), (*value).to_owned()));
        MemoryModel::derive(&entries.collect())
    }

    #[test]
    fn of_a_process_size() {
        // overhead: 0.1 of 4 GiB = 409.6 MiB; Flink: 4096 - 256 - 409.6 = 3430.4 MiB; managed: 0.4 of it
        let model = derive(&[("process.size", "4 gb")]).unwrap();
        assert_eq!(model.jvm_overhead / MB, 409);
        assert_eq!(model.managed / MB, 1372);
        assert_eq!(model.framework_off_heap, 128 * MB);
    }

    #[test]
    fn of_a_flink_size() {
        // overhead: (1280 + 256) * 0.1 / 0.9 = 170.67 MiB, at least 192
        assert_eq!(derive(&[("flink.size", "1280 mb")]).unwrap().jvm_overhead, 192 * MB);
    }

    #[rstest]
    #[case(&[])]
    #[case(&[("process.size", "300 mb")])] // smaller than metaspace and overhead
    #[case(&[("process.size", "lots")])]
    #[case(&[("process.size", "1 gb"), ("network.min", "2 gb")])]
    #[case(&[("process.size", "4 gb"), ("flink.size", "1 gb")])] // would leave 2816 MiB of overhead, at most 1024
    #[case(&[("process.size", "4 gb"), ("managed.fraction", "1.5")])]
    fn refuses_what_flink_refuses(#[case] entries: &[(&str, &str)]) {
        assert_eq!(derive(entries), None);
    }
}
