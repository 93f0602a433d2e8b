-- What was verified of persons: by which rules, when, by whom, and which attributes, all sealed.
CREATE TABLE IF NOT EXISTS person_verification (
    person {key} REFERENCES person (id),
    sealed {bytes} NOT NULL
);
