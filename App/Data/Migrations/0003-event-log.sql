-- The log in the order events arrived. Kept in the order of its messages, every event of a batch landed on a page of its
-- own; appended, a batch writes a few new pages and a message's events are found through a narrow index.

CREATE TABLE appended_events (
    id INTEGER NOT NULL PRIMARY KEY,
    message_id INTEGER NOT NULL,
    campaign_id INTEGER NOT NULL,
    type INTEGER NOT NULL,
    occurred_at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    source INTEGER NOT NULL,
    origin INTEGER NOT NULL,
    verdict INTEGER NOT NULL,
    reasons INTEGER NOT NULL,
    link_id INTEGER NOT NULL,
    fingerprint INTEGER NOT NULL,
    bounce INTEGER NOT NULL,
    repeat INTEGER NOT NULL,
    user_agent_id INTEGER NOT NULL,
    detail TEXT
);

INSERT INTO appended_events
    (id, message_id, campaign_id, type, occurred_at, received_at, source, origin, verdict, reasons, link_id, fingerprint, bounce, repeat, user_agent_id, detail)
SELECT id, message_id, campaign_id, type, occurred_at, received_at, source, origin, verdict, reasons, link_id, fingerprint, bounce, repeat, user_agent_id, detail
FROM events ORDER BY id;

DROP TABLE events;
ALTER TABLE appended_events RENAME TO events;

CREATE INDEX events_message ON events (message_id);

-- An index ends in the row's id, so each campaign's events lie in the order they arrived.
CREATE INDEX events_campaign ON events (campaign_id);
