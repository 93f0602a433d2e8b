-- A code that is shown as frames: when it was made, and how many milliseconds each frame is shown. Both are absent where the
-- code stands for itself.
ALTER TABLE link_code ADD COLUMN made_at BIGINT;
ALTER TABLE link_code ADD COLUMN frame_ms BIGINT;
