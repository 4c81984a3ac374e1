//! How many partitions a source reads, told from the names of its metrics.

use std::collections::HashSet;

/// Number of distinct (cluster, topic, partition) among the names of Kafka's and Pulsar's per-partition metrics; 0
/// when there is none.
pub(super) fn count<'a>(names: impl Iterator<Item = &'a str>) -> u32 {
    let partitions: HashSet<Partition<'a>> = names.filter_map(|name| kafka(name).or_else(|| pulsar(name))).collect();
    u32::try_from(partitions.len()).unwrap_or(u32::MAX)
}

/// Cluster (Kafka's dynamic source only), topic and partition.
type Partition<'a> = (Option<&'a str>, &'a str, &'a str);

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// `….[kafkaCluster.CLUSTER.]KafkaSourceReader.topic.TOPIC.partition.N.currentOffset`
fn kafka(name: &str) -> Option<Partition<'_>> {
    let (head, partition) = name.strip_suffix(".currentOffset")?.rsplit_once(".partition.")?;
    let (prefix, topic) = head.split_once(".KafkaSourceReader.topic.")?;
    let cluster = prefix.split_once(".kafkaCluster.").map(|(_, cluster)| cluster);
    (is_number(partition) && !topic.is_empty()).then_some((cluster, topic, partition))
}

/// `….PulsarConsumer.TOPIC-partition-N.….numMsgsReceived`
fn pulsar(name: &str) -> Option<Partition<'_>> {
    let (_, rest) = name.strip_suffix(".numMsgsReceived")?.split_once(".PulsarConsumer.")?;
    rest.rmatch_indices("-partition-").find_map(|(at, separator)| {
        let (partition, _consumer) = rest[at + separator.len()..].split_once('.')?;
        (at > 0 && is_number(partition)).then_some((None, &rest[..at], partition))
    })
}

#[cfg(test)]
mod tests {
    use super::count;
    use rstest::rstest;

    #[rstest]
    #[case(&["Source__a.KafkaSourceReader.topic.t.partition.0.currentOffset", "Source__a.KafkaSourceReader.topic.t.partition.1.currentOffset"], 2)]
    #[case(&["Source__a.KafkaSourceReader.topic.t.partition.0.currentOffset", "Source__b.KafkaSourceReader.topic.t.partition.0.currentOffset"], 1)]
    #[case(&["S.kafkaCluster.x.KafkaSourceReader.topic.t.partition.0.currentOffset", "S.kafkaCluster.y.KafkaSourceReader.topic.t.partition.0.currentOffset"], 2)]
    #[case(&["S.KafkaSourceReader.topic.a.partition.3.b.partition.0.currentOffset"], 1)]
    #[case(&["S.KafkaSourceReader.topic.t.partition.x.currentOffset", "S.KafkaSourceReader.topic.t.partition.0.committedOffset"], 0)]
    #[case(&["S.PulsarConsumer.persistent://t/n/o-partition-4.sub.numMsgsReceived"], 1)]
    #[case(&["S.PulsarConsumer.o-partition-4.numMsgsReceived"], 0)]
    #[case(&[], 0)]
    fn counts_distinct_partitions(#[case] names: &[&str], #[case] expected: u32) {
        assert_eq!(count(names.iter().copied()), expected);
    }
}
