-- Until when an event stream was open: what happened after it and before the next one is the gap.
alter table connections.connection add column watched_until timestamptz;

-- When a container was last written down. A full reading takes a while, and what the event stream
-- recorded meanwhile is newer than what the reading saw.
alter table inventory.container add column written_at timestamptz;
