-- What an IP address and a user agent told, and which mailbox provider a recipient has. 0 is "not known".

CREATE TABLE places (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    country TEXT NOT NULL,
    region TEXT NOT NULL,
    city TEXT NOT NULL
);
CREATE UNIQUE INDEX places_named ON places (country, region, city);

CREATE TABLE clients (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    client TEXT NOT NULL,
    device TEXT NOT NULL,
    browser TEXT NOT NULL,
    os TEXT NOT NULL
);
CREATE UNIQUE INDEX clients_named ON clients (client, device, browser, os);

ALTER TABLE events ADD COLUMN place_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN client_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE message_state ADD COLUMN provider INTEGER NOT NULL DEFAULT 0;

-- User agents as sent are kept 30 days: a row per period of three days, so that whole periods can be forgotten without
-- touching the events that point there. Ids are never used again.
CREATE TABLE user_agents_by_period (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    value TEXT NOT NULL,
    period INTEGER NOT NULL
);
INSERT INTO user_agents_by_period (id, value, period) SELECT id, value, unixepoch() / (3 * 24 * 60 * 60) FROM user_agents;
DROP TABLE user_agents;
ALTER TABLE user_agents_by_period RENAME TO user_agents;
CREATE UNIQUE INDEX user_agents_value ON user_agents (value, period);
CREATE INDEX user_agents_period ON user_agents (period);
