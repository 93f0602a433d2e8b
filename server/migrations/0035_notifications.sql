-- Topics that services subscribe to. uuid: what callers name it by. own: 1 for those that the server itself publishes to, which
-- are always there.
CREATE TABLE notification_topic (
    id {key},
    uuid TEXT NOT NULL,
    name TEXT NOT NULL,
    own BIGINT NOT NULL
);
CREATE UNIQUE INDEX notification_topic_uuid ON notification_topic (uuid);
CREATE UNIQUE INDEX notification_topic_name ON notification_topic (name);
INSERT INTO notification_topic (id, uuid, name, own) VALUES (1, 'bcbfbeb2-7026-4871-8f5d-c207c6ee2f7e', 'newPerson', 1);
INSERT INTO notification_topic (id, uuid, name, own) VALUES (2, '5d8bf05d-226c-4712-99c7-558db2d96346', 'updatePerson', 1);
INSERT INTO notification_topic (id, uuid, name, own) VALUES (3, 'ea822af4-b71d-4895-a91e-350deaafa52b', 'changeOfName', 1);
INSERT INTO notification_topic (id, uuid, name, own) VALUES (4, '542373ac-45df-4f09-b9d5-dcd33867cb5d', 'changeOfGender', 1);
INSERT INTO notification_topic (id, uuid, name, own) VALUES (5, '65160348-6dc2-4d4f-abac-97b8adb30b98', 'death', 1);
INSERT INTO notification_topic (id, uuid, name, own) VALUES (6, '5deb02ee-ab3d-4882-b303-cd3e164ce45d', 'duplicatePerson', 1);
INSERT INTO notification_topic (id, uuid, name, own) VALUES (7, '4ac183e8-6ad2-4660-8004-c5ed9d2efa68', 'enrollment', 1);
INSERT INTO notification_topic (id, uuid, name, own) VALUES (8, 'c0003f2f-008a-4ac9-a7e1-de4b016b1c67', 'consent', 1);

-- Who is told of a topic, and where. party: the relying party whose it is. mount, client_id: its client that subscribed.
-- endpoint: keyed hash of party, protocol and address. address: sealed. countdown: seconds from one attempt to the next.
-- retries: how many after the first, -1 without end. asked_at: when the address was last asked to confirm. leased_until: until
-- then one node delivers to it.
CREATE TABLE notification_subscription (
    id {key},
    uuid TEXT NOT NULL,
    topic_id BIGINT NOT NULL REFERENCES notification_topic (id) ON DELETE CASCADE,
    party TEXT NOT NULL,
    mount TEXT NOT NULL,
    client_id TEXT NOT NULL,
    protocol TEXT NOT NULL,
    endpoint {bytes} NOT NULL,
    address {bytes} NOT NULL,
    countdown BIGINT NOT NULL,
    retries BIGINT NOT NULL,
    asked_at BIGINT NOT NULL,
    confirmed_at BIGINT,
    leased_until BIGINT NOT NULL
);
CREATE UNIQUE INDEX notification_subscription_uuid ON notification_subscription (uuid);
CREATE UNIQUE INDEX notification_subscription_once ON notification_subscription (topic_id, endpoint);
CREATE INDEX notification_subscription_told ON notification_subscription (topic_id, confirmed_at);
CREATE INDEX notification_subscription_party ON notification_subscription (party, id);

-- What happened, until everyone who wants to know has been told. content: sealed. spread_at: when it was put down for each of
-- them.
CREATE TABLE event (
    id {key},
    topic_id BIGINT NOT NULL,
    content {bytes} NOT NULL,
    made_at BIGINT NOT NULL,
    spread_at BIGINT
);
CREATE INDEX event_waiting ON event (id) WHERE spread_at IS NULL;
CREATE INDEX event_topic ON event (topic_id);

-- Messages on their way. event_id: NULL where the address is asked to confirm. due_at: when the next attempt is, NULL for a dead
-- letter, which was given up at dead_at.
CREATE TABLE notification_delivery (
    id {key},
    subscription_id BIGINT NOT NULL REFERENCES notification_subscription (id) ON DELETE CASCADE,
    event_id BIGINT,
    attempts BIGINT NOT NULL,
    due_at BIGINT,
    dead_at BIGINT
);
CREATE INDEX notification_delivery_due ON notification_delivery (subscription_id, due_at);
CREATE INDEX notification_delivery_event ON notification_delivery (event_id);
CREATE INDEX notification_delivery_dead ON notification_delivery (dead_at) WHERE dead_at IS NOT NULL;
