-- Keys of the instance that was restored here, sealed. purpose: ids, what opaque ids are made under.
CREATE TABLE carried_key (
    purpose TEXT PRIMARY KEY,
    sealed {bytes} NOT NULL
);

-- The file that is or was read in, one at most. digest: SHA-256 of its lines, base64url. lines: how many of them are written.
CREATE TABLE restored_file (
    id {key},
    digest TEXT NOT NULL,
    lines BIGINT NOT NULL,
    ended_at BIGINT
);

-- What a PIN was hashed with beside itself, sealed, where it was set at another instance. NULL: what this one has.
ALTER TABLE pin ADD COLUMN pepper {bytes};

-- Service and enrollmentId that a buffer was sent for, sealed: it may be there before its enrollment. NULL in rows of before.
ALTER TABLE enrollment_buffer ADD COLUMN owner {bytes};
