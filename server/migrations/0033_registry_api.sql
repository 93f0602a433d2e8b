-- Persons whose attributes changed since the population registry looked at them.
CREATE TABLE person_touched (
    person {key}
);
INSERT INTO person_touched (person) SELECT id FROM person;

-- What the population registry knows of a person beside the person's own row. name: the personId, sealed. reference: the
-- identity that claims are made of.
CREATE TABLE population_person (
    person {key} REFERENCES person (id),
    name {bytes} NOT NULL,
    record_status TEXT NOT NULL,
    physical_status TEXT NOT NULL,
    reference BIGINT
);

-- Identities of persons. name_hash: keyed hash of the identityId, which is in name, sealed. content: type, biographic and
-- contextual data, sealed. Biometrics and documents lie apart, so that a search need not open them.
CREATE TABLE identity_record (
    id {key},
    person BIGINT NOT NULL REFERENCES person (id),
    name_hash {bytes} NOT NULL,
    name {bytes} NOT NULL,
    status TEXT NOT NULL,
    content {bytes} NOT NULL,
    biometrics {bytes},
    documents {bytes},
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX identity_record_named ON identity_record (person, name_hash);

-- Finds identities by a value: keyed hashes of attribute and value together.
CREATE TABLE identity_attribute (
    hash {bytes} NOT NULL,
    record BIGINT NOT NULL,
    PRIMARY KEY (hash, record)
);
CREATE INDEX identity_attribute_of ON identity_attribute (record);

CREATE TABLE identity_gallery (
    gallery TEXT NOT NULL,
    record BIGINT NOT NULL,
    PRIMARY KEY (gallery, record)
);
CREATE INDEX identity_gallery_of ON identity_gallery (record);
