-- What is edited lies in journeys; each publishing copies it to a version, on which people who began on it finish.
CREATE TABLE journeys (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    definition TEXT NOT NULL,
    version INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);

CREATE TABLE journey_versions (
    journey_id INTEGER NOT NULL REFERENCES journeys (id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    definition TEXT NOT NULL,
    published_at INTEGER NOT NULL,
    PRIMARY KEY (journey_id, version)
) WITHOUT ROWID;

-- A person's way through a journey. due_at: when the clock is to look at it, 0 where only an event can move it.
-- waits_for: the message an event is waited for of, 0 where none is. trigger_key makes what enrolled them happen once.
CREATE TABLE enrollments (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    journey_id INTEGER NOT NULL REFERENCES journeys (id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    contact_id INTEGER NOT NULL,
    trigger_key TEXT NOT NULL,
    status INTEGER NOT NULL,
    step TEXT NOT NULL,
    step_at INTEGER NOT NULL,
    sequence INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL DEFAULT 0,
    waits_for INTEGER NOT NULL DEFAULT 0,
    entered_at INTEGER NOT NULL,
    ended_at INTEGER NOT NULL DEFAULT 0,
    ended_because TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX enrollments_once ON enrollments (journey_id, trigger_key);
CREATE INDEX enrollments_due ON enrollments (due_at, id) WHERE status = 1 AND due_at > 0;
CREATE INDEX enrollments_waiting ON enrollments (waits_for) WHERE status = 1 AND waits_for > 0;
CREATE INDEX enrollments_contact ON enrollments (contact_id, status);
CREATE INDEX enrollments_journey ON enrollments (journey_id, status, id);

-- What each step did, in order; the message is the one a send step made.
CREATE TABLE enrollment_steps (
    enrollment_id INTEGER NOT NULL REFERENCES enrollments (id) ON DELETE CASCADE,
    sequence INTEGER NOT NULL,
    step TEXT NOT NULL,
    at INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    message_id INTEGER NOT NULL DEFAULT 0,
    detail TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (enrollment_id, sequence)
) WITHOUT ROWID;

-- How many left each step by each exit: the numbers on the lines. People on a step are counted where they stand.
CREATE TABLE journey_counts (
    journey_id INTEGER NOT NULL REFERENCES journeys (id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    step TEXT NOT NULL,
    outcome TEXT NOT NULL,
    people INTEGER NOT NULL,
    PRIMARY KEY (journey_id, version, step, outcome)
) WITHOUT ROWID;

-- Who was in the segment a journey begins with when it was last looked at: only who joins later begins.
CREATE TABLE segment_watch (
    journey_id INTEGER NOT NULL REFERENCES journeys (id) ON DELETE CASCADE,
    contact_id INTEGER NOT NULL,
    PRIMARY KEY (journey_id, contact_id)
) WITHOUT ROWID;

-- Campaigns that journeys send stay open for whoever comes next.
ALTER TABLE campaigns ADD COLUMN ongoing INTEGER NOT NULL DEFAULT 0;
