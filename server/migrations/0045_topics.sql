-- Whose a topic is: the relying party that made it. NULL of the server's own, and of those made before this was written down.
ALTER TABLE notification_topic ADD COLUMN party TEXT;
