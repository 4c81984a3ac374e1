-- Every statement can be run again: MySQL commits each of them by itself, and a process may die in between.
CREATE TABLE IF NOT EXISTS t_flink_autoscaler_state_store (
    id          BIGINT       NOT NULL AUTO_INCREMENT PRIMARY KEY,
    update_time DATETIME     NOT NULL DEFAULT CURRENT_TIMESTAMP,
    job_key     VARCHAR(191) NOT NULL,
    state_type  VARCHAR(100) NOT NULL,
    state_value LONGTEXT     NOT NULL,
    UNIQUE KEY un_job_state_type (job_key, state_type)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE IF NOT EXISTS t_flink_autoscaler_event_handler (
    id          BIGINT       NOT NULL AUTO_INCREMENT PRIMARY KEY,
    create_time DATETIME     NOT NULL DEFAULT CURRENT_TIMESTAMP,
    update_time DATETIME     NOT NULL DEFAULT CURRENT_TIMESTAMP,
    job_key     VARCHAR(191) NOT NULL,
    reason      VARCHAR(191) NOT NULL,
    event_type  VARCHAR(100) NOT NULL,
    message     LONGTEXT     NOT NULL,
    event_count INT          NOT NULL,
    event_key   VARCHAR(100) NOT NULL,
    KEY job_key_reason_event_key (job_key, reason, event_key),
    KEY job_key_reason_create_time (job_key, reason, create_time)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
