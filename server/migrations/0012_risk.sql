-- Browsers with which somebody has logged in. `browser` is the number inside the cookie, which grows with time, and `bound` a
-- keyed hash of the cookie's secret and the person: neither names anybody.
CREATE TABLE known_browser (
    browser BIGINT NOT NULL,
    bound {bytes} NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (browser, bound)
);
CREATE INDEX known_browser_expires ON known_browser (expires_at);

-- When a second wallet tried to claim a code that was claimed.
ALTER TABLE linked_transaction ADD COLUMN rescanned_at BIGINT;
