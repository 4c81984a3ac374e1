//! ScalingRealizer over Flink's resource-requirements endpoint: rescales a job in place
