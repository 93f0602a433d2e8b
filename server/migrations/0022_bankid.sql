-- What changed of persons, by claim names without values, until those who must be told of it are known.
CREATE TABLE person_change (
    id {key},
    person BIGINT NOT NULL REFERENCES person (id),
    claims TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);

-- Notifications on their way to relying parties. content: about whom and what, sealed. due_at: when the next attempt is.
CREATE TABLE notification (
    id {key},
    mount TEXT NOT NULL,
    client_id TEXT NOT NULL,
    content {bytes} NOT NULL,
    due_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL
);
CREATE INDEX notification_due ON notification (due_at);
