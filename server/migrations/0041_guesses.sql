-- How often a client was told, since `until` less an hour, that something is wrong of a person.
CREATE TABLE verification_guess (
    person BIGINT NOT NULL,
    client_mount TEXT NOT NULL,
    client_id TEXT NOT NULL,
    wrong BIGINT NOT NULL,
    until BIGINT NOT NULL,
    PRIMARY KEY (person, client_mount, client_id)
);
CREATE INDEX verification_guess_until ON verification_guess (until);
