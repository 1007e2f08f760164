-- Webhook steps under way: a row while somebody waits on one. next_at: when it is tried, 0 once it arrived or was given up; error says which.
CREATE TABLE step_calls (
    enrollment_id INTEGER NOT NULL REFERENCES enrollments (id) ON DELETE CASCADE,
    sequence INTEGER NOT NULL,
    host TEXT NOT NULL,
    url TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER NOT NULL,
    status INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (enrollment_id, sequence)
) WITHOUT ROWID;
CREATE INDEX step_calls_due ON step_calls (host, next_at) WHERE next_at > 0;

-- What webhook steps of a journey are signed with: JSON, encrypted; '' until the first is sent or somebody asks for it.
ALTER TABLE journeys ADD COLUMN secrets TEXT NOT NULL DEFAULT '';

-- Which journey a message belongs to.
CREATE INDEX enrollment_steps_message ON enrollment_steps (message_id) WHERE message_id > 0;
