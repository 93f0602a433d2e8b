-- What happened, in the order of time: id holds the millisecond. Nothing here names a person: subject is a keyed hash.
CREATE TABLE audit_event (
    id {key},
    kind TEXT NOT NULL,
    mount TEXT NOT NULL,
    client_id TEXT,
    subject {bytes},
    -- the login it belongs to
    transaction_id BIGINT,
    -- the thing it is about: a wallet key, a linked transaction, a case
    object_id BIGINT,
    -- why, where it is a refusal or has a reason
    reason TEXT
);
CREATE INDEX audit_event_subject ON audit_event (subject, id) WHERE subject IS NOT NULL;

-- What somebody must look at: at most one per login.
CREATE TABLE audit_case (
    id {key},
    mount TEXT NOT NULL,
    client_id TEXT NOT NULL,
    subject {bytes},
    transaction_id BIGINT NOT NULL UNIQUE,
    cause TEXT NOT NULL,
    reason TEXT NOT NULL,
    closed_at BIGINT,
    closed_by TEXT,
    resolution TEXT
);
