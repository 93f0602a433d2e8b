-- Counters of wrong guesses and of OTPs sent. subject: a person, an identifier that nobody has (as keyed hash), or a transaction.
CREATE TABLE attempt (
    subject TEXT NOT NULL PRIMARY KEY,
    used BIGINT NOT NULL,
    locks BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    keep_until BIGINT NOT NULL
);
CREATE INDEX attempt_keep_until ON attempt (keep_until);

-- One live one-time password per purpose and person, as keyed hash. person 0: an identifier that nobody has.
CREATE TABLE otp (
    purpose TEXT NOT NULL,
    person BIGINT NOT NULL,
    mac {bytes} NOT NULL,
    expires_at BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (purpose, person)
);
CREATE INDEX otp_expires_at ON otp (expires_at);

-- Argon2id, as PHC string, peppered.
CREATE TABLE pin (
    person {key},
    hash TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);
