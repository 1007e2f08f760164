-- What people are told of, and outbound webhooks. Neither table keeps an address or a word of a mail: those are read
-- beside the message each time, and so are gone when the message is.

CREATE TABLE notifications (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    kind INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    event_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    read_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX notifications_once ON notifications (message_id, kind);
CREATE INDEX notifications_age ON notifications (created_at);

-- Whom each is for.
CREATE TABLE notification_readers (
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    notification_id INTEGER NOT NULL REFERENCES notifications (id) ON DELETE CASCADE,
    read_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, notification_id)
) WITHOUT ROWID;
CREATE INDEX notification_readers_unread ON notification_readers (user_id, notification_id) WHERE read_at = 0;
CREATE INDEX notification_readers_notification ON notification_readers (notification_id);

-- What a person chose; without a row, what everybody begins with.
CREATE TABLE notification_preferences (
    user_id INTEGER NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    every_mail INTEGER NOT NULL,
    mail_kinds INTEGER NOT NULL,
    campaign_kinds INTEGER NOT NULL,
    requested INTEGER NOT NULL
);

CREATE TABLE hooks (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    event_types TEXT NOT NULL,
    machines INTEGER NOT NULL,
    secrets TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    disabled_because TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    delivered_at INTEGER NOT NULL,
    failing_since INTEGER NOT NULL,
    passed_over INTEGER NOT NULL
);

CREATE TABLE hook_deliveries (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    hook_id INTEGER NOT NULL REFERENCES hooks (id) ON DELETE CASCADE,
    type TEXT NOT NULL,
    event_id INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    attempted_at INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    delivered_at INTEGER NOT NULL,
    status INTEGER NOT NULL,
    error TEXT NOT NULL,
    took INTEGER NOT NULL
);
CREATE INDEX hook_deliveries_hook ON hook_deliveries (hook_id, id);
CREATE INDEX hook_deliveries_due ON hook_deliveries (hook_id, next_at) WHERE next_at > 0;
CREATE INDEX hook_deliveries_age ON hook_deliveries (created_at);

CREATE INDEX hook_deliveries_failed ON hook_deliveries (hook_id, id) WHERE next_at = 0 AND delivered_at = 0;

-- A message is announced as opened or clicked once.
CREATE INDEX hook_deliveries_firsts ON hook_deliveries (hook_id, message_id, type) WHERE type IN ('first_open', 'first_click');
