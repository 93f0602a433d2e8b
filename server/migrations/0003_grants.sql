-- What an approval yields. Who, and what of them may be told, lies sealed in approval.
CREATE TABLE authorization_code (
    id {key},
    secret_hash {bytes} NOT NULL,
    mount TEXT NOT NULL,
    client_id TEXT NOT NULL,
    -- SHA-256
    redirect_hash {bytes} NOT NULL,
    -- RFC 7636, S256. Empty where the request had none
    code_challenge TEXT NOT NULL,
    approval {bytes} NOT NULL,
    consent_expires_at BIGINT,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    -- what the first use got, so that a second can revoke it
    access_token_id BIGINT
);
CREATE TABLE access_token (
    id {key},
    secret_hash {bytes} NOT NULL,
    mount TEXT NOT NULL,
    client_id TEXT NOT NULL,
    -- the code it came from. NULL where a client got it for itself
    code_id BIGINT,
    -- sealed, as in the code
    approval {bytes},
    -- of a client's own token, separated by spaces
    scope TEXT,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
);
