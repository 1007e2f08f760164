-- Mail we hand to a server ourselves. A row is there from the moment a message is queued until its hand-off is settled;
-- what came of it is in the log. The words of servers may quote addresses: erasing a person removes the row.
CREATE TABLE deliveries (
    message_id INTEGER NOT NULL PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    campaign_id INTEGER NOT NULL,
    connection_id INTEGER NOT NULL,
    state INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    first_tried_at INTEGER NOT NULL DEFAULT 0,
    tried_at INTEGER NOT NULL DEFAULT 0,
    code INTEGER NOT NULL DEFAULT 0,
    status TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL DEFAULT ''
);
CREATE INDEX deliveries_waiting ON deliveries (campaign_id, next_at, message_id) WHERE state = 1;
CREATE INDEX deliveries_settled ON deliveries (campaign_id, state, message_id) WHERE state <> 1;

-- What a single mail says, for as long as it waits: campaigns write theirs anew at each attempt.
CREATE TABLE mail_contents (
    message_id INTEGER NOT NULL PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    content BLOB NOT NULL
);

-- How a campaign is handed off. held_because: why it waits for a person, in words; empty otherwise.
ALTER TABLE campaigns ADD COLUMN connection_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE campaigns ADD COLUMN scheduled_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE campaigns ADD COLUMN send_window TEXT NOT NULL DEFAULT '';
ALTER TABLE campaigns ADD COLUMN held_because TEXT NOT NULL DEFAULT '';

-- The test phase: until when, and the variant the rest gets (−1 while undecided).
ALTER TABLE campaigns ADD COLUMN test_ends_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE campaigns ADD COLUMN winner INTEGER NOT NULL DEFAULT -1;

-- Why nothing at all is handed off until an administrator agrees: a restored copy must not send by itself.
ALTER TABLE organization ADD COLUMN sending_held TEXT NOT NULL DEFAULT '';
