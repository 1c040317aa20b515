CREATE TABLE runs (
    id TEXT NOT NULL PRIMARY KEY,
    scope TEXT NOT NULL,
    accounts TEXT NOT NULL,
    tool_version TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    finished_at BIGINT NOT NULL,
    score BIGINT NOT NULL,
    coverage BIGINT NOT NULL,
    critical BIGINT NOT NULL,
    high BIGINT NOT NULL,
    medium BIGINT NOT NULL,
    low BIGINT NOT NULL,
    info BIGINT NOT NULL,
    new BIGINT NOT NULL,
    fixed BIGINT NOT NULL
);
CREATE INDEX runs_by_scope ON runs (scope, started_at);
CREATE TABLE run_accounts (
    run TEXT NOT NULL,
    account TEXT NOT NULL,
    taken_at BIGINT NOT NULL,
    PRIMARY KEY (run, account)
);
CREATE INDEX run_accounts_by_time ON run_accounts (account, taken_at);
CREATE TABLE episodes (
    fingerprint TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    account TEXT NOT NULL,
    check_id TEXT NOT NULL,
    severity TEXT NOT NULL,
    region TEXT NOT NULL,
    resource TEXT NOT NULL,
    discriminator TEXT NOT NULL,
    message TEXT NOT NULL,
    first_seen BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    reopened BIGINT NOT NULL,
    excepted BIGINT NOT NULL,
    new_run TEXT NOT NULL,
    closed_at BIGINT,
    closed_run TEXT,
    closed_how TEXT,
    PRIMARY KEY (fingerprint, opened_at)
);
CREATE INDEX episodes_by_account ON episodes (account, closed_at);
CREATE INDEX episodes_by_closing_run ON episodes (closed_run)
