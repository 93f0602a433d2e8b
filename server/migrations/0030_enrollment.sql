-- Enrollments. What somebody is called, what is known of him and what was captured are sealed, each under a key of its own, and
-- an enrollment is found by the keyed hash of its service and its id.
CREATE TABLE enrollment (
    id {key},
    -- whose it is: nobody else sees it
    service TEXT NOT NULL,
    lookup {bytes} NOT NULL UNIQUE,
    status TEXT NOT NULL,
    -- grows with each change, so that of two changes none is lost
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    finalized_at BIGINT,
    -- the client's own id
    name {bytes} NOT NULL,
    -- all of it but biometrics and documents
    record {bytes} NOT NULL
);
CREATE INDEX enrollment_of_service ON enrollment (service, status, id);
CREATE TABLE enrollment_biometrics (
    enrollment {key} REFERENCES enrollment (id),
    sealed {bytes} NOT NULL
);
CREATE TABLE enrollment_documents (
    enrollment {key} REFERENCES enrollment (id),
    sealed {bytes} NOT NULL
);

-- What enrollments are found by: keyed hashes of service, attribute and value.
CREATE TABLE enrollment_attribute (
    hash {bytes} NOT NULL,
    enrollment BIGINT NOT NULL REFERENCES enrollment (id),
    PRIMARY KEY (hash, enrollment)
);
CREATE INDEX enrollment_attribute_of ON enrollment_attribute (enrollment);
-- For dates and numbers: keyed hash of service and attribute, and the value's year or order of magnitude.
CREATE TABLE enrollment_bucket (
    name {bytes} NOT NULL,
    enrollment BIGINT NOT NULL REFERENCES enrollment (id),
    bucket BIGINT NOT NULL,
    PRIMARY KEY (name, enrollment, bucket)
);
CREATE INDEX enrollment_bucket_of ON enrollment_bucket (enrollment);

-- Files, in sealed chunks. One may be there before its enrollment, whose keyed hash it carries.
CREATE TABLE enrollment_buffer (
    id {key},
    lookup {bytes} NOT NULL,
    created_at BIGINT NOT NULL,
    -- absent while it is being sent
    stored_at BIGINT,
    -- whether its enrollment was there when somebody looked
    claimed BIGINT NOT NULL,
    chunks BIGINT NOT NULL,
    -- media type, size and digests
    about {bytes}
);
CREATE INDEX enrollment_buffer_of ON enrollment_buffer (lookup);
CREATE INDEX enrollment_buffer_unclaimed ON enrollment_buffer (created_at) WHERE claimed = 0;
CREATE TABLE enrollment_buffer_chunk (
    buffer BIGINT NOT NULL REFERENCES enrollment_buffer (id),
    place BIGINT NOT NULL,
    sealed {bytes} NOT NULL,
    PRIMARY KEY (buffer, place)
);

-- Finalized enrollments that nobody has taken on yet.
CREATE TABLE enrollment_finalized (
    enrollment {key} REFERENCES enrollment (id),
    -- transaction id of the call that finalized it
    sealed {bytes} NOT NULL,
    finalized_at BIGINT NOT NULL
);

-- Which of OSIA's calls an event tells of: keyed hashes of transaction id and enrollment id.
ALTER TABLE audit_event ADD COLUMN traced {bytes};
ALTER TABLE audit_event ADD COLUMN enrollment {bytes};
CREATE INDEX audit_event_traced ON audit_event (traced, id) WHERE traced IS NOT NULL;
CREATE INDEX audit_event_enrollment ON audit_event (enrollment, id) WHERE enrollment IS NOT NULL;
