-- Each journey's people are asked for by themselves, so that those of a paused one are not walked past.
DROP INDEX enrollments_due;
CREATE INDEX enrollments_due ON enrollments (journey_id, due_at, id) WHERE status = 1 AND due_at > 0;

-- People who are to begin a journey: noted within the transaction that gave the reason, begun by the one who moves people.
CREATE TABLE journey_arrivals (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    journey_id INTEGER NOT NULL REFERENCES journeys (id) ON DELETE CASCADE,
    contact_id INTEGER NOT NULL
);

-- Lists that journeys now published begin with.
CREATE TABLE journey_lists (
    list_id INTEGER NOT NULL,
    journey_id INTEGER NOT NULL REFERENCES journeys (id) ON DELETE CASCADE,
    PRIMARY KEY (list_id, journey_id)
) WITHOUT ROWID;

-- Segments that journeys now published begin with.
CREATE TABLE journey_segments (
    journey_id INTEGER NOT NULL PRIMARY KEY REFERENCES journeys (id) ON DELETE CASCADE,
    segment_id INTEGER NOT NULL
);

-- People who may have joined or left such a segment since they were last looked at.
CREATE TABLE contact_news (
    contact_id INTEGER NOT NULL PRIMARY KEY
);

CREATE TRIGGER list_members_arrive AFTER INSERT ON list_members
BEGIN
    INSERT INTO journey_arrivals (journey_id, contact_id) SELECT journey_id, NEW.contact_id FROM journey_lists WHERE list_id = NEW.list_id;
    INSERT OR IGNORE INTO contact_news (contact_id) SELECT NEW.contact_id WHERE EXISTS (SELECT 1 FROM journey_segments);
END;

CREATE TRIGGER list_members_leave AFTER DELETE ON list_members WHEN EXISTS (SELECT 1 FROM journey_segments)
BEGIN
    INSERT OR IGNORE INTO contact_news (contact_id) VALUES (OLD.contact_id);
END;

CREATE TRIGGER contacts_join AFTER INSERT ON contacts WHEN EXISTS (SELECT 1 FROM journey_segments)
BEGIN
    INSERT OR IGNORE INTO contact_news (contact_id) VALUES (NEW.id);
END;

-- Whoever may not be mailed any more, was deleted or changed is looked at at once, whoever wrote it.
CREATE TRIGGER contacts_journeys AFTER UPDATE OF attributes, deleted_at, tracking_consent ON contacts
WHEN OLD.attributes <> NEW.attributes OR OLD.deleted_at <> NEW.deleted_at OR OLD.tracking_consent <> NEW.tracking_consent
BEGIN
    UPDATE enrollments SET due_at = 1 WHERE contact_id = NEW.id AND status = 1;
    INSERT OR IGNORE INTO contact_news (contact_id) SELECT NEW.id WHERE EXISTS (SELECT 1 FROM journey_segments);
END;

CREATE TRIGGER suppressions_journeys AFTER INSERT ON suppressions
BEGIN
    UPDATE enrollments SET due_at = 1 WHERE status = 1 AND contact_id IN (SELECT id FROM contacts WHERE email = NEW.email);
END;
