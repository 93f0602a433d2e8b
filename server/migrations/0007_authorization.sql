-- Login transactions. What was asked and who answered is sealed, the rest is what statements look for.
CREATE TABLE authorization_transaction (
    id {key},
    secret_hash {bytes} NOT NULL,
    mount TEXT NOT NULL,
    client_id TEXT NOT NULL,
    browser {bytes} NOT NULL,
    session {bytes},
    details_hash TEXT NOT NULL,
    request {bytes} NOT NULL,
    stage TEXT NOT NULL,
    state {bytes} NOT NULL,
    claim_details_calls BIGINT NOT NULL,
    link_codes BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX authorization_transaction_expires ON authorization_transaction (expires_at);

-- What a person agreed to for a client, so that it is not asked again.
CREATE TABLE consent (
    client_mount TEXT NOT NULL,
    client_id TEXT NOT NULL,
    person BIGINT NOT NULL,
    asked_hash TEXT NOT NULL,
    decision {bytes} NOT NULL,
    signature TEXT,
    statement TEXT,
    key_id BIGINT,
    given_at BIGINT NOT NULL,
    expires_at BIGINT,
    PRIMARY KEY (client_mount, client_id, person)
);
CREATE INDEX consent_person ON consent (person);
CREATE INDEX consent_expires ON consent (expires_at);

-- Nonces that eSignet's and GovStack's clients used lately, as keyed hashes: each is good once.
CREATE TABLE authorization_nonce (
    nonce_hash {bytes} NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX authorization_nonce_expires ON authorization_nonce (expires_at);
