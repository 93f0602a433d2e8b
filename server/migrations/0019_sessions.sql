-- Browsers in which somebody is logged in at an issuer. secret_hash: of the cookie. person_hash: keyed hash that finds a
-- person's sessions. content: who, and how they proved it, sealed.
CREATE TABLE login_session (
    id {key},
    secret_hash {bytes} NOT NULL,
    mount TEXT NOT NULL,
    person_hash {bytes} NOT NULL,
    content {bytes} NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX login_session_person ON login_session (person_hash, id);
CREATE INDEX login_session_over ON login_session (expires_at);

-- The clients that were logged in to with it. id is what the client knows the session by (sid).
CREATE TABLE login_session_client (
    id {key},
    session_id BIGINT NOT NULL,
    client_id TEXT NOT NULL
);
CREATE UNIQUE INDEX login_session_client_once ON login_session_client (session_id, client_id);

-- Clients that are to be told of a logout. content: who, and which session, sealed. due_at: not to be tried before.
CREATE TABLE logout_notice (
    id {key},
    mount TEXT NOT NULL,
    client_id TEXT NOT NULL,
    content {bytes} NOT NULL,
    tries BIGINT NOT NULL,
    due_at BIGINT NOT NULL
);
CREATE INDEX logout_notice_due ON logout_notice (due_at);
