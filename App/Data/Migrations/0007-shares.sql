-- Share links: one campaign's figures for whoever has the link. Only a hash of its secret is kept.

CREATE TABLE shares (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    campaign_id INTEGER NOT NULL REFERENCES campaigns (id) ON DELETE CASCADE,
    token_hash BLOB NOT NULL,
    password_hash TEXT NOT NULL,
    created_by INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER NOT NULL,
    views INTEGER NOT NULL,
    last_viewed_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX shares_token ON shares (token_hash);
CREATE INDEX shares_campaign ON shares (campaign_id, id);
