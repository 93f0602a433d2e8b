-- Subjects that persons had at another server before they came here, so that relying parties know them again. A person
-- without one has the subject that this server derives.
CREATE TABLE imported_subject (
    relying_party_id TEXT NOT NULL,
    person BIGINT NOT NULL REFERENCES person (id),
    subject TEXT NOT NULL,
    PRIMARY KEY (relying_party_id, person)
);

CREATE UNIQUE INDEX imported_subject_once ON imported_subject (relying_party_id, subject);
