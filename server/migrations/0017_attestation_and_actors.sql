-- Where a wallet's key lives, as the phone's maker attested: software, hardware, strongbox, app. NULL where nothing was.
ALTER TABLE wallet_key ADD COLUMN key_security TEXT;

-- Who did it, where that is neither the person nor the client that the event is about: mount:client_id of whoever's token it
-- was, or command.
ALTER TABLE audit_event ADD COLUMN actor TEXT;

-- Finds a person's sessions: keyed hash of the person. NULL in sessions that began before this step.
ALTER TABLE account_session ADD COLUMN person_hash {bytes};
CREATE INDEX account_session_person ON account_session (person_hash, id) WHERE person_hash IS NOT NULL;
