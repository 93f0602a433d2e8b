-- What kind of code it is: absent for one to be scanned by another device, `same_device` for one that opens the wallet on
-- the device that shows the page.
ALTER TABLE link_code ADD COLUMN channel TEXT;

-- The linked transaction that a code came from, for a report to find it. A reported code gives nothing any more.
ALTER TABLE authorization_code ADD COLUMN linked_id BIGINT;
ALTER TABLE authorization_code ADD COLUMN reported_at BIGINT;
CREATE INDEX authorization_code_linked ON authorization_code (linked_id) WHERE linked_id IS NOT NULL;
