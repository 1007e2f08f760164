-- Verdicts that need more than one message: who sweeps the links of mail, and which networks are our own.

-- A network and client that fetched the links of a message all at once, with the first and the last moment it did.
CREATE TABLE bursts (
    campaign_id INTEGER NOT NULL,
    fingerprint INTEGER NOT NULL,
    at INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    PRIMARY KEY (campaign_id, fingerprint, at, message_id)
) WITHOUT ROWID;

-- Clicks a burst elsewhere would turn: opens are not in it and pay nothing, and a click leaves it once it is turned
-- (by a burst, a fleet) or judged by hand, so a gateway that scans everything finds it nearly empty. 35840 is those three.
CREATE INDEX events_lone_clicks ON events (campaign_id, fingerprint, occurred_at, message_id) WHERE type = 8 AND origin < 4 AND (reasons & 35840) = 0;

-- Something known of the message turns the verdict of hits still to come.
ALTER TABLE message_state ADD COLUMN swept INTEGER NOT NULL DEFAULT 0;

-- One address or network a line.
ALTER TABLE organization ADD COLUMN ignored_networks TEXT NOT NULL DEFAULT '';
ALTER TABLE organization ADD COLUMN honeypot INTEGER NOT NULL DEFAULT 0;
ALTER TABLE campaigns ADD COLUMN honeypot INTEGER NOT NULL DEFAULT 0;

-- Opens stored before bare WebKit was noted: 65536 is the note, 7 an open, 1 a person by itself.
UPDATE events SET reasons = reasons | 65536 WHERE type = 7 AND origin = 1 AND user_agent_id IN (
    SELECT id FROM user_agents WHERE value LIKE '%AppleWebKit/% (KHTML, like Gecko)' AND value NOT LIKE '%Version/%' AND value NOT LIKE '%Safari/%');
