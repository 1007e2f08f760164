-- Why an address may not be mailed: every ground it has, the one it is listed by, and who lifted what.

-- At most one ground of each kind for an address: the first. message_id 0 is a person's word or a file's, not an event's.
CREATE TABLE suppression_grounds (
    email TEXT NOT NULL COLLATE NOCASE,
    reason TEXT NOT NULL,
    source TEXT NOT NULL,
    campaign_id INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    note TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (email, reason)
) WITHOUT ROWID;

-- What happened before a lift counts no longer. A person's lift (reported = 0) holds for what the log had up to after_event,
-- an ESP's for what had happened by lifted_at.
CREATE TABLE suppression_lifts (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    email TEXT NOT NULL COLLATE NOCASE,
    reason TEXT NOT NULL,
    note TEXT NOT NULL,
    lifted_by TEXT NOT NULL,
    lifted_at INTEGER NOT NULL,
    after_event INTEGER NOT NULL,
    reported INTEGER NOT NULL
);
CREATE INDEX suppression_lifts_email ON suppression_lifts (email);

-- The list itself: an address once, by the gravest of its grounds.
CREATE TABLE listed_suppressions (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    email TEXT NOT NULL COLLATE NOCASE,
    reason TEXT NOT NULL,
    source TEXT NOT NULL,
    campaign_id INTEGER NOT NULL,
    note TEXT NOT NULL,
    created_at INTEGER NOT NULL
);
INSERT INTO listed_suppressions (email, reason, source, campaign_id, note, created_at)
    SELECT lower(email), CASE reason WHEN 'unsubscribe' THEN 'unsubscribed' ELSE reason END, source, campaign_id, note, created_at
    FROM suppressions ORDER BY created_at, email;
INSERT INTO suppression_grounds (email, reason, source, campaign_id, message_id, note, created_at)
    SELECT email, reason, source, campaign_id, 0, note, created_at FROM listed_suppressions;
DROP TABLE suppressions;
ALTER TABLE listed_suppressions RENAME TO suppressions;
CREATE UNIQUE INDEX suppressions_email ON suppressions (email);
CREATE INDEX suppressions_newest ON suppressions (created_at);
CREATE INDEX suppressions_reason ON suppressions (reason, created_at);
CREATE INDEX suppressions_source ON suppressions (source, created_at);

-- The recipient has softly bounced before: what becomes of this message may begin, end or undo a streak.
ALTER TABLE message_state ADD COLUMN watched INTEGER NOT NULL DEFAULT 0;
ALTER TABLE contact_state ADD COLUMN soft_bounced INTEGER NOT NULL DEFAULT 0;
CREATE INDEX contact_state_soft ON contact_state (contact_id) WHERE soft_bounced = 1;
CREATE TRIGGER message_state_watched AFTER INSERT ON message_state
WHEN (SELECT k.soft_bounced FROM messages m JOIN contact_state k ON k.contact_id = m.contact_id WHERE m.id = new.message_id)
BEGIN
    UPDATE message_state SET watched = 1 WHERE message_id = new.message_id;
END;

-- Soft bounces of messages in a row after which an address is suppressed.
ALTER TABLE organization ADD COLUMN soft_bounce_limit INTEGER NOT NULL DEFAULT 5;
ALTER TABLE organization ADD COLUMN settled_soft_bounce_limit INTEGER NOT NULL DEFAULT 5;
