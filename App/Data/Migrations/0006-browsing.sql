-- What the recipient browser and the activity log walk. An index over everything events change would cost the writer a
-- random page for each of them, so dense states are walked by id and only what is sparse is marked.

-- In which blocks of 32 messages something has happened to at least one. A block is written once, with the first of its
-- 32, so even ten million opens write here a few times each second at most; a reader skips the blocks in between.
CREATE TABLE activity_blocks (
    campaign_id INTEGER NOT NULL,
    mark INTEGER NOT NULL,
    block INTEGER NOT NULL,
    PRIMARY KEY (campaign_id, mark, block)
) WITHOUT ROWID;

INSERT INTO activity_blocks (campaign_id, mark, block)
    SELECT DISTINCT campaign_id, 1, message_id / 32 FROM message_state WHERE opened_at > 0
    UNION ALL SELECT DISTINCT campaign_id, 2, message_id / 32 FROM message_state WHERE confirmed_at > 0
    UNION ALL SELECT DISTINCT campaign_id, 3, message_id / 32 FROM message_state WHERE clicked_at > 0
    UNION ALL SELECT DISTINCT campaign_id, 4, message_id / 32 FROM message_state WHERE bounced_at > 0
    UNION ALL SELECT DISTINCT campaign_id, 5, message_id / 32 FROM message_state WHERE dropped_at > 0
    UNION ALL SELECT DISTINCT campaign_id, 6, message_id / 32 FROM message_state WHERE complained_at > 0
    UNION ALL SELECT DISTINCT campaign_id, 7, message_id / 32 FROM message_state WHERE unsubscribed_at > 0
    UNION ALL SELECT DISTINCT campaign_id, 8, message_id / 32 FROM message_state WHERE replied_at > 0;

-- What is not delivered yet: pending, handed off, deferred. A message leaves once, and no open or click touches it.
CREATE INDEX message_state_waiting ON message_state (campaign_id) WHERE delivered_at = 0 AND bounced_at = 0 AND dropped_at = 0;

-- The log of a campaign by type and verdict, newest last in each: appended to in a few places, never in between.
CREATE INDEX events_kind ON events (campaign_id, type, verdict);
