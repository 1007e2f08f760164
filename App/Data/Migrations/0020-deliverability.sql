-- Domains mail is sent from, and what DNS said of each when it was last asked.
CREATE TABLE sending_domains (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    domain TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    checked_at INTEGER NOT NULL,
    findings TEXT NOT NULL
);
CREATE UNIQUE INDEX sending_domains_domain ON sending_domains (domain);

-- Keys mail of a domain is signed with. The record is what DNS must say; the private key is encrypted.
CREATE TABLE dkim_keys (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    domain_id INTEGER NOT NULL REFERENCES sending_domains (id) ON DELETE CASCADE,
    selector TEXT NOT NULL,
    algorithm TEXT NOT NULL,
    record TEXT NOT NULL,
    private_key TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX dkim_keys_selector ON dkim_keys (domain_id, selector);

-- A campaign that was paused because of its rates, and its figures then: whoever lets it go on has accepted those, and it is
-- judged by what comes after.
CREATE TABLE campaign_brakes (
    campaign_id INTEGER NOT NULL PRIMARY KEY REFERENCES campaigns (id) ON DELETE CASCADE,
    sent INTEGER NOT NULL,
    complained INTEGER NOT NULL,
    hard_bounced INTEGER NOT NULL,
    pulled_at INTEGER NOT NULL
);

-- When a campaign pauses by itself: percent of its mail, and how much mail makes that percentage say something. 0 percent: never.
ALTER TABLE organization ADD COLUMN pause_complaints REAL NOT NULL DEFAULT 0.3;
ALTER TABLE organization ADD COLUMN pause_complaints_after INTEGER NOT NULL DEFAULT 500;
ALTER TABLE organization ADD COLUMN pause_hard_bounces REAL NOT NULL DEFAULT 5;
ALTER TABLE organization ADD COLUMN pause_hard_bounces_after INTEGER NOT NULL DEFAULT 200;

-- What was sent within the last weeks, without reading the content of every campaign there ever was.
CREATE INDEX campaigns_started ON campaigns (started_at);
