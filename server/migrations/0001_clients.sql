-- Relying parties and machine clients. A deleted client keeps its row, so that its id is never given to another.
CREATE TABLE client (
    id {key},
    mount TEXT NOT NULL,
    client_id TEXT NOT NULL,
    relying_party_id TEXT NOT NULL,
    status TEXT NOT NULL,
    registration TEXT NOT NULL,
    changes BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX client_name ON client (mount, client_id);

-- Signature keys by thumbprint. unique_in is the mount where no two clients may share a key, and NULL elsewhere:
-- NULLs never collide.
CREATE TABLE client_key (
    client BIGINT NOT NULL REFERENCES client (id),
    thumbprint TEXT NOT NULL,
    unique_in TEXT,
    PRIMARY KEY (client, thumbprint)
);

CREATE UNIQUE INDEX client_key_once ON client_key (unique_in, thumbprint);
