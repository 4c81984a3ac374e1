CREATE TABLE IF NOT EXISTS t_flink_autoscaler_state_store (
    id          BIGSERIAL PRIMARY KEY,
    update_time TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    job_key     TEXT      NOT NULL,
    state_type  TEXT      NOT NULL,
    state_value TEXT      NOT NULL,
    UNIQUE (job_key, state_type)
);

CREATE TABLE IF NOT EXISTS t_flink_autoscaler_event_handler (
    id          BIGSERIAL PRIMARY KEY,
    create_time TIMESTAMP    NOT NULL DEFAULT CURRENT_TIMESTAMP,
    update_time TIMESTAMP    NOT NULL DEFAULT CURRENT_TIMESTAMP,
    job_key     VARCHAR(191) NOT NULL,
    reason      VARCHAR(500) NOT NULL,
    event_type  VARCHAR(100) NOT NULL,
    message     TEXT         NOT NULL,
    event_count INTEGER      NOT NULL,
    event_key   VARCHAR(100) NOT NULL
);

CREATE INDEX IF NOT EXISTS i_flink_autoscaler_event_key
    ON t_flink_autoscaler_event_handler (job_key, reason, event_key);

CREATE INDEX IF NOT EXISTS i_flink_autoscaler_event_time
    ON t_flink_autoscaler_event_handler (job_key, reason, create_time);
