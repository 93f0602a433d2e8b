-- Pairwise subjects that relying parties were told, so that a person is found again by one. lookup: keyed hash of whose
-- subject it is and of the subject.
CREATE TABLE told_subject (
    lookup {bytes} PRIMARY KEY,
    person BIGINT NOT NULL
);

-- Questions of relying parties to persons. holder: keyed hash of the person. content: who is asked for what, sealed.
CREATE TABLE consent_question (
    id {key},
    holder {bytes} NOT NULL,
    client_mount TEXT NOT NULL,
    client_id TEXT NOT NULL,
    content {bytes} NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT,
    -- agreed, declined, taken_back or expired, once it has ended
    outcome TEXT,
    receipt_id BIGINT
);
CREATE INDEX consent_question_holder ON consent_question (holder, id);
-- A client has one open question to a person at most.
CREATE UNIQUE INDEX consent_question_open ON consent_question (holder, client_mount, client_id) WHERE ended_at IS NULL;

-- Who is looked for: entered by the operator, sealed.
CREATE TABLE watch_entry (
    id {key},
    gallery TEXT NOT NULL,
    content {bytes} NOT NULL
);
CREATE INDEX watch_entry_gallery ON watch_entry (gallery, id);

-- Searches of watch lists that take longer. content and result: what was asked and found, sealed.
CREATE TABLE identify_task (
    id {key},
    client_mount TEXT NOT NULL,
    client_id TEXT NOT NULL,
    content {bytes} NOT NULL,
    result {bytes},
    expires_at BIGINT NOT NULL
);
CREATE INDEX identify_task_waiting ON identify_task (id) WHERE result IS NULL;
