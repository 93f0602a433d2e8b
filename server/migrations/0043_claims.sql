-- Identities of the population registry that are looked at before claims may be made of them: what lies beside their
-- identity_task while somebody is sought or must decide. attributes and biometrics: sealed, each under the key for its kind.
CREATE TABLE identity_claim (
    task {key},
    attributes {bytes} NOT NULL,
    biometrics {bytes}
);

-- Calls that an ABIS answers later. task: of identity_task. step: put or identify. remote: the taskId that it gave, null until
-- then. answered_at without an answer: it said that it could not. answer: sealed.
CREATE TABLE abis_call (
    id {key},
    secret_hash {bytes} NOT NULL,
    task BIGINT NOT NULL,
    step TEXT NOT NULL,
    remote TEXT,
    asked_at BIGINT NOT NULL,
    answered_at BIGINT,
    answer {bytes}
);
CREATE UNIQUE INDEX abis_call_of ON abis_call (task, step);
