-- Clients that registered themselves and never had a login: since when. NULL for all others.
ALTER TABLE client ADD COLUMN unused_since BIGINT;
CREATE INDEX client_unused ON client (unused_since) WHERE unused_since IS NOT NULL;

-- RFC 7638 thumbprint of the key by which the newest refresh token of a family was asked for.
ALTER TABLE token_family ADD COLUMN used_jkt TEXT;
