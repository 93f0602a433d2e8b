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

-- Where persons live, for statistics. subject: as in audit_event. region: keyed hash of the region's name.
CREATE TABLE statistics_person (
    subject {bytes} PRIMARY KEY,
    region TEXT NOT NULL,
    added_day BIGINT NOT NULL
);
CREATE INDEX statistics_person_added ON statistics_person (added_day);

-- Names of regions, sealed.
CREATE TABLE statistics_region (
    hash TEXT PRIMARY KEY,
    name {bytes} NOT NULL
);

-- What happened on a day that is over. Groups of few persons are counted here, and not told.
CREATE TABLE statistics_day (
    day BIGINT NOT NULL,
    kind TEXT NOT NULL,
    region TEXT NOT NULL,
    events BIGINT NOT NULL,
    persons BIGINT NOT NULL,
    PRIMARY KEY (day, kind, region)
);

-- Days that are counted, each once.
CREATE TABLE statistics_counted (
    day {key}
);
