//! Where recordings go, and how large they may become.

use std::time::Duration;

use autoscaler_core::options::value::MemorySize;

autoscaler_core::options! {
    /// The options of recording.
    RecordOptions, prefix "autoscaler.standalone.record." {
        #[doc = "Directory in which every cycle of every job is recorded, for flink-autoscaler replay: a file for each job. Without it nothing is."]
        directory: String = "directory", none, &[];
        #[doc = "Size of a job's file at which it is packed and the next one begun."]
        max_file_size: MemorySize = "max-file-size", "64 mb", &[] => at_least(65536.0);
        #[doc = "Age of a job's file at which it is packed and the next one begun."]
        max_file_age: Duration = "max-file-age", "1 d", &[] => at_least(1.0);
        #[doc = "Size of all recordings in the directory together, above which the oldest are deleted."]
        max_total_size: MemorySize = "max-total-size", "1 gb", &[] => at_least(1048576.0);
    }
}

impl Default for RecordOptions {
    fn default() -> Self {
        let directory = None;
        let (max_file_size, max_total_size) = (MemorySize(64 << 20), MemorySize(1 << 30));
        Self { directory, max_file_size, max_file_age: Duration::from_secs(86400), max_total_size }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use autoscaler_core::options::Configuration;

    #[test]
    fn the_default_is_what_the_table_says() {
        assert_eq!(RecordOptions::checked(&Configuration::new()).unwrap(), RecordOptions::default());
    }
}
