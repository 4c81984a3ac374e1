-- What a policy of ours remembers of a job. A table of its own: the Java process fails on rows of its table that it does
-- not know.
CREATE TABLE IF NOT EXISTS t_flink_autoscaler_policy_memory (
    job_key TEXT NOT NULL,
    policy  TEXT NOT NULL,
    memory  TEXT NOT NULL,
    PRIMARY KEY (job_key, policy)
);
