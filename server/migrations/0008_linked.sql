-- Link codes, shown as QR: each is claimed once. `browser` is the kind of browser that shows it, never a fingerprint.
CREATE TABLE link_code (
    id {key},
    secret_hash {bytes} NOT NULL,
    mount TEXT NOT NULL,
    transaction_id BIGINT NOT NULL,
    browser TEXT,
    expires_at BIGINT NOT NULL,
    claimed_at BIGINT
);
CREATE INDEX link_code_expires ON link_code (expires_at);

-- What a wallet holds once it has claimed a code. It lives as long as the transaction, whose stage is its state.
-- `answer` is what the browser was given for the approval, sealed, so that a lost answer can be given again.
CREATE TABLE linked_transaction (
    id {key},
    secret_hash {bytes} NOT NULL,
    mount TEXT NOT NULL,
    transaction_id BIGINT NOT NULL UNIQUE,
    answer {bytes},
    linked_at BIGINT NOT NULL
);
CREATE INDEX linked_transaction_linked_at ON linked_transaction (linked_at);
