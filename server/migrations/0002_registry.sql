-- Persons. Identifiers, biographics and biometrics lie apart, each sealed under a key of its own.
CREATE TABLE person (
    id {key},
    status TEXT NOT NULL,
    biographics {bytes} NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- lookup is a keyed hash of the identifier: whoever has only the database cannot try identifiers against it.
CREATE TABLE person_identifier (
    lookup {bytes} PRIMARY KEY,
    person BIGINT NOT NULL REFERENCES person (id),
    kind TEXT NOT NULL,
    place BIGINT NOT NULL,
    sealed {bytes} NOT NULL
);

CREATE INDEX person_identifier_of ON person_identifier (person);

CREATE TABLE person_photo (
    person {key} REFERENCES person (id),
    sealed {bytes} NOT NULL
);
