-- Receipts of approvals. A row is written once, and nothing of it changes but withdrawn_at.
-- holder: keyed hash of the person. content: who, what was agreed to and what was signed, sealed.
CREATE TABLE consent_receipt (
    id {key},
    holder {bytes} NOT NULL,
    client_mount TEXT NOT NULL,
    client_id TEXT NOT NULL,
    transaction_id BIGINT NOT NULL,
    content {bytes} NOT NULL,
    given_at BIGINT NOT NULL,
    expires_at BIGINT,
    withdrawn_at BIGINT
);
CREATE INDEX consent_receipt_holder ON consent_receipt (holder, id);
CREATE INDEX consent_receipt_withdrawn ON consent_receipt (withdrawn_at) WHERE withdrawn_at IS NOT NULL;

-- The receipt that each stands on. NULL: nothing was agreed to, or it is older than receipts.
ALTER TABLE consent ADD COLUMN receipt_id BIGINT;
ALTER TABLE consent ADD COLUMN used_at BIGINT;
ALTER TABLE authorization_code ADD COLUMN receipt_id BIGINT;
ALTER TABLE access_token ADD COLUMN receipt_id BIGINT;

-- Sessions of citizens on their own page, the person sealed.
CREATE TABLE account_session (
    id {key},
    secret_hash {bytes} NOT NULL,
    person {bytes} NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT
);
