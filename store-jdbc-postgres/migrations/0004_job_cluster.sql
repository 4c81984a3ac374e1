-- On which cluster a job was when its state was stored last: whose state it is to remove.
CREATE TABLE IF NOT EXISTS t_flink_autoscaler_job_cluster (
    job_key VARCHAR(191) NOT NULL,
    cluster TEXT         NOT NULL,
    PRIMARY KEY (job_key)
);
