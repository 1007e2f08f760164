-- What events change about a person, in a narrow row beside the wide one. Every contact has one, whoever writes the contact,
-- so that the list by score is one walk of one index: those without a score stand in it too, behind all others.

CREATE TABLE contact_state (
    contact_id INTEGER NOT NULL PRIMARY KEY REFERENCES contacts (id) ON DELETE CASCADE,
    rank REAL,
    rank_at INTEGER NOT NULL DEFAULT 0,
    soft_streak INTEGER NOT NULL DEFAULT 0
);
INSERT INTO contact_state (contact_id) SELECT id FROM contacts ORDER BY id;
CREATE TRIGGER contacts_added AFTER INSERT ON contacts BEGIN INSERT INTO contact_state (contact_id) VALUES (new.id); END;

-- An index ends in the row's id, so it holds (rank, contact_id).
CREATE INDEX contact_state_rank ON contact_state (rank);

-- Whose message it is, beside what events change: looking it up in the wide rows would cost the write path a random page for
-- each open. 0 in rows of an older release, for which it is looked up.
ALTER TABLE message_state ADD COLUMN contact_id INTEGER NOT NULL DEFAULT 0;
CREATE TRIGGER message_state_added AFTER INSERT ON message_state WHEN new.contact_id = 0 BEGIN
    UPDATE message_state SET contact_id = coalesce((SELECT contact_id FROM messages WHERE id = new.message_id), 0) WHERE message_id = new.message_id;
END;

-- What an open, a click and a reply weigh and how fast that fades. The newest row is what the organization wants; the newest
-- with ranked_at is what the ranks are by. Until both are the same one, ranks by the new weights are gathered in next_ranks.
CREATE TABLE score_weights (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    half_life_days REAL NOT NULL,
    opened REAL NOT NULL,
    clicked REAL NOT NULL,
    replied REAL NOT NULL,
    ranked_at INTEGER NOT NULL DEFAULT 0,
    position INTEGER NOT NULL DEFAULT 0,
    processed INTEGER NOT NULL DEFAULT 0,
    total INTEGER NOT NULL DEFAULT 0
);

-- A log of an older release is ranked in the background after the start; a new one has nothing to wait for.
INSERT INTO score_weights (half_life_days, opened, clicked, replied, ranked_at) SELECT 30, 1, 5, 20, NOT EXISTS (SELECT 1 FROM events);

CREATE TABLE next_ranks (
    contact_id INTEGER NOT NULL PRIMARY KEY REFERENCES contacts (id) ON DELETE CASCADE,
    rank REAL,
    rank_at INTEGER NOT NULL
);
