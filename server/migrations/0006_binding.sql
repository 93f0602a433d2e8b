-- Keys of wallets, each of one person. thumbprint: RFC 7638. certificate: the leaf as PEM, x5t: base64url SHA-256 of its DER.
CREATE TABLE wallet_key (
    id {key},
    person BIGINT NOT NULL,
    thumbprint TEXT NOT NULL UNIQUE,
    jwk TEXT NOT NULL,
    alg TEXT NOT NULL,
    profile TEXT NOT NULL,
    mount TEXT NOT NULL,
    proven BIGINT NOT NULL,
    name {bytes} NOT NULL,
    certificate TEXT NOT NULL,
    x5t TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX wallet_key_person ON wallet_key (person);
CREATE INDEX wallet_key_x5t ON wallet_key (x5t);

-- What a wallet signs to prove a key, good once.
CREATE TABLE binding_challenge (
    id {key},
    secret_hash {bytes} NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX binding_challenge_expires_at ON binding_challenge (expires_at);

-- Tokens signed by wallets, as hash, so that each is taken once.
CREATE TABLE wallet_token (
    hash TEXT NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX wallet_token_expires_at ON wallet_token (expires_at);

-- The binding certificate authority, newest last, its key sealed.
CREATE TABLE binding_authority (
    id BIGINT NOT NULL PRIMARY KEY,
    certificate TEXT NOT NULL,
    sealed_key {bytes} NOT NULL,
    expires_at BIGINT NOT NULL
);
