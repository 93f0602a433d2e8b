-- Where a wallet's key lives, as the phone's maker attested: software, hardware, strongbox, app. NULL where nothing was.
ALTER TABLE wallet_key ADD COLUMN key_security TEXT;
