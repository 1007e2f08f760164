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
