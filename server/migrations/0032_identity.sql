-- From enrollment to identity: identifiers that end, the history of persons, and by what the same person is known again.

-- ends_at: null where it is good for life. A revoked one stays, so that nobody else gets it.
ALTER TABLE person_identifier ADD COLUMN made_at BIGINT;
ALTER TABLE person_identifier ADD COLUMN ends_at BIGINT;
ALTER TABLE person_identifier ADD COLUMN revoked_at BIGINT;

-- Numbers that were given out as UIN, whether a person has them already or not. lookup: as in person_identifier.
CREATE TABLE uin_issued (
    lookup {bytes} PRIMARY KEY,
    id BIGINT NOT NULL,
    sealed {bytes} NOT NULL,
    issued_at BIGINT NOT NULL
);

-- What was done to persons: who, why and which attributes, sealed. Nothing here is ever changed.
CREATE TABLE person_history (
    id {key},
    person BIGINT NOT NULL REFERENCES person (id),
    at BIGINT NOT NULL,
    sealed {bytes} NOT NULL
);
CREATE INDEX person_history_of ON person_history (person, id);

-- The documents that a change was made upon, each sealed.
CREATE TABLE person_evidence (
    id {key},
    person BIGINT NOT NULL REFERENCES person (id),
    history BIGINT NOT NULL REFERENCES person_history (id),
    sealed {bytes} NOT NULL
);
CREATE INDEX person_evidence_of ON person_evidence (history, id);

-- By what persons who may be the same are found: keyed hashes of how their attributes sound.
CREATE TABLE person_block (
    hash {bytes} NOT NULL,
    person BIGINT NOT NULL REFERENCES person (id),
    PRIMARY KEY (hash, person)
);
CREATE INDEX person_block_of ON person_block (person);

-- Under which rules a person's blocks were made, empty where there are none yet.
ALTER TABLE person ADD COLUMN unique_rules TEXT NOT NULL DEFAULT '';
CREATE INDEX person_unique_rules ON person (unique_rules, id);

-- Whoever adds blocks holds this row, so that of two who are the same one sees the other.
CREATE TABLE uniqueness_turn (
    id {key},
    turns BIGINT NOT NULL
);
INSERT INTO uniqueness_turn (id, turns) VALUES (1, 0);

-- Enrollments on their way to identities. person: the primary key that the person made of one has or would have.
-- reference: keyed hash of service and enrollmentId. identity: whose it was found to be. sealed: the rest of what is known.
CREATE TABLE identity_task (
    enrollment {key},
    reference {bytes} NOT NULL,
    service TEXT NOT NULL,
    person BIGINT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    cause TEXT,
    identity BIGINT,
    due_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    sealed {bytes} NOT NULL
);
CREATE INDEX identity_task_named ON identity_task (reference, enrollment);
CREATE INDEX identity_task_due ON identity_task (due_at);
CREATE INDEX identity_task_parked ON identity_task (state, enrollment);
CREATE INDEX identity_task_of ON identity_task (identity) WHERE identity IS NOT NULL;
