-- ESP connections, what they sent, and idempotency of signatures that do not cover the body.

CREATE TABLE connections (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    provider TEXT NOT NULL,
    slug TEXT NOT NULL,
    secrets TEXT NOT NULL,
    settings TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    last_received_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX connections_slug ON connections (slug);

-- What the ESPs sent, normalised, matched to a message or not; kept seven days.
CREATE TABLE received_events (
    id INTEGER NOT NULL PRIMARY KEY,
    connection_id INTEGER NOT NULL,
    source_key TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    type INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    normalised TEXT NOT NULL
);
CREATE UNIQUE INDEX received_events_key ON received_events (source_key);
CREATE INDEX received_events_connection ON received_events (connection_id, id);

-- Tokens of signatures that do not cover the body: the same token with another body is a forgery.
CREATE TABLE webhook_tokens (
    token BLOB NOT NULL PRIMARY KEY,
    body BLOB NOT NULL,
    received_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX message_state_deferred ON message_state (deferred_at) WHERE status = 3;
