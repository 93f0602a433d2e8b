-- Client assertions that were used (RFC 7523 §3, jti).
CREATE TABLE used_assertion (
    -- the first half of a SHA-256 over mount, client and jti
    jti_hash {bytes} PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX used_assertion_expiry ON used_assertion (expires_at);
