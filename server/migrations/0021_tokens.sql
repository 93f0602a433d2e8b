-- What an approval of access while away became: one row for all refresh tokens and access tokens that came of one code,
-- whose id it has. Which refresh token of it is good follows from seed and generation (grants/refresh.rs). No token is
-- stored. The tokens of a revoked one are dead, whenever they were given.
CREATE TABLE token_family (
    id {key},
    seed {bytes} NOT NULL,
    generation BIGINT NOT NULL,
    mount TEXT NOT NULL,
    client_id TEXT NOT NULL,
    -- sealed, as in the code
    approval {bytes} NOT NULL,
    receipt_id BIGINT,
    -- RFC 7638 thumbprint of the key that its refresh tokens are bound to. Public clients only (RFC 9449, section 5)
    dpop_jkt TEXT,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX token_family_expires ON token_family (expires_at);

-- RFC 7638 thumbprint of the key that a code (RFC 9449, section 10) or a token is bound to.
ALTER TABLE authorization_code ADD COLUMN dpop_jkt TEXT;
ALTER TABLE access_token ADD COLUMN dpop_jkt TEXT;
