-- Requests that clients pushed (RFC 9126). secret_hash: of the reference. asked: the parameters, sealed. used_at: when a
-- login that began with it ended.
CREATE TABLE pushed_request (
    id {key},
    secret_hash {bytes} NOT NULL,
    mount TEXT NOT NULL,
    client_id TEXT NOT NULL,
    asked {bytes} NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
