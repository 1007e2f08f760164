CREATE TRIGGER campaigns_journeys AFTER UPDATE OF status ON campaigns WHEN NEW.ongoing = 1 AND OLD.status <> NEW.status AND NEW.status <> 'paused'
BEGIN
    INSERT INTO campaign_turns (campaign_id) VALUES (NEW.id);
END;

CREATE TRIGGER contacts_added AFTER INSERT ON contacts
BEGIN
    INSERT INTO contact_state (contact_id, suppressed) VALUES (NEW.id, EXISTS (SELECT 1 FROM suppressions WHERE email = NEW.email));
END;

CREATE TRIGGER contacts_consent AFTER UPDATE OF tracking_consent ON contacts WHEN new.tracking_consent <> old.tracking_consent
BEGIN
    UPDATE message_state SET consent = new.tracking_consent WHERE message_id IN (SELECT id FROM messages WHERE contact_id = new.id);
END;

CREATE TRIGGER contacts_join AFTER INSERT ON contacts WHEN EXISTS (SELECT 1 FROM journey_segments)
BEGIN
    INSERT OR IGNORE INTO contact_news (contact_id) VALUES (NEW.id);
END;

CREATE TRIGGER contacts_journeys AFTER UPDATE OF attributes, deleted_at, tracking_consent ON contacts
WHEN OLD.attributes <> NEW.attributes OR OLD.deleted_at <> NEW.deleted_at OR OLD.tracking_consent <> NEW.tracking_consent
BEGIN
    UPDATE enrollments SET due_at = 1 WHERE contact_id = NEW.id AND status = 1;
    INSERT OR IGNORE INTO contact_news (contact_id) SELECT NEW.id WHERE EXISTS (SELECT 1 FROM journey_segments);
END;

CREATE TRIGGER contacts_readdressed AFTER UPDATE OF email ON contacts WHEN NEW.email <> OLD.email
BEGIN
    UPDATE contact_state SET suppressed = EXISTS (SELECT 1 FROM suppressions WHERE email = NEW.email) WHERE contact_id = NEW.id;
END;

CREATE TRIGGER list_members_arrive AFTER INSERT ON list_members
BEGIN
    INSERT INTO journey_arrivals (journey_id, contact_id) SELECT journey_id, NEW.contact_id FROM journey_lists WHERE list_id = NEW.list_id;
    INSERT OR IGNORE INTO contact_news (contact_id) SELECT NEW.contact_id WHERE EXISTS (SELECT 1 FROM journey_segments);
END;

CREATE TRIGGER list_members_leave AFTER DELETE ON list_members WHEN EXISTS (SELECT 1 FROM journey_segments)
BEGIN
    INSERT OR IGNORE INTO contact_news (contact_id) VALUES (OLD.contact_id);
END;

CREATE TRIGGER message_state_added AFTER INSERT ON message_state WHEN new.contact_id = 0 BEGIN
    UPDATE message_state SET contact_id = coalesce((SELECT contact_id FROM messages WHERE id = new.message_id), 0) WHERE message_id = new.message_id;
END;

CREATE TRIGGER message_state_consent AFTER INSERT ON message_state
WHEN (SELECT c.tracking_consent FROM messages m JOIN contacts c ON c.id = m.contact_id WHERE m.id = new.message_id) <> new.consent
BEGIN
    UPDATE message_state SET consent = (SELECT c.tracking_consent FROM messages m JOIN contacts c ON c.id = m.contact_id WHERE m.id = new.message_id)
        WHERE message_id = new.message_id;
END;

CREATE TRIGGER message_state_watched AFTER INSERT ON message_state
WHEN (SELECT k.soft_bounced FROM messages m JOIN contact_state k ON k.contact_id = m.contact_id WHERE m.id = new.message_id)
BEGIN
    UPDATE message_state SET watched = 1 WHERE message_id = new.message_id;
END;

CREATE TRIGGER suppressions_journeys AFTER INSERT ON suppressions
BEGIN
    UPDATE enrollments SET due_at = 1 WHERE status = 1 AND contact_id IN (SELECT id FROM contacts WHERE email = NEW.email);
END;

CREATE TRIGGER suppressions_lifted AFTER DELETE ON suppressions
BEGIN
    UPDATE contact_state SET suppressed = 0 WHERE contact_id IN (SELECT id FROM contacts WHERE email = OLD.email);
END;

CREATE TRIGGER suppressions_listed AFTER INSERT ON suppressions
BEGIN
    UPDATE contact_state SET suppressed = 1 WHERE contact_id IN (SELECT id FROM contacts WHERE email = NEW.email);
END;

CREATE TABLE activity_blocks (
    campaign_id INTEGER NOT NULL,
    mark INTEGER NOT NULL,
    block INTEGER NOT NULL,
    PRIMARY KEY (campaign_id, mark, block)
) WITHOUT ROWID;

CREATE TABLE anonymous_hits (
    campaign_id INTEGER NOT NULL,
    type INTEGER NOT NULL,
    link_id INTEGER NOT NULL,
    verdict INTEGER NOT NULL,
    total INTEGER NOT NULL,
    PRIMARY KEY (campaign_id, type, link_id, verdict)
) WITHOUT ROWID;

CREATE TABLE api_keys (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    hash BLOB NOT NULL UNIQUE,
    last_characters TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL
);

CREATE TABLE built_dimensions (
    name TEXT NOT NULL PRIMARY KEY,
    built_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE bursts (
    campaign_id INTEGER NOT NULL,
    fingerprint INTEGER NOT NULL,
    at INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    PRIMARY KEY (campaign_id, fingerprint, at, message_id)
) WITHOUT ROWID;

CREATE TABLE campaign_brakes (
    campaign_id INTEGER NOT NULL PRIMARY KEY REFERENCES campaigns (id) ON DELETE CASCADE,
    sent INTEGER NOT NULL,
    complained INTEGER NOT NULL,
    hard_bounced INTEGER NOT NULL,
    pulled_at INTEGER NOT NULL
);

CREATE TABLE campaign_turns (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    campaign_id INTEGER NOT NULL
);

CREATE TABLE campaigns (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    from_email TEXT NOT NULL,
    from_name TEXT NOT NULL,
    reply_to TEXT,
    track_opens INTEGER NOT NULL,
    track_clicks INTEGER NOT NULL,
    delivery TEXT NOT NULL,
    subject TEXT NOT NULL,
    preheader TEXT NOT NULL,
    html TEXT NOT NULL,
    plain_text TEXT NOT NULL,
    ab_test TEXT,
    seed BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    completed_at INTEGER NOT NULL
, honeypot INTEGER NOT NULL DEFAULT 0, topics TEXT NOT NULL DEFAULT '[]', connection_id INTEGER NOT NULL DEFAULT 0, scheduled_at INTEGER NOT NULL DEFAULT 0, send_window TEXT NOT NULL DEFAULT '', held_because TEXT NOT NULL DEFAULT '', test_ends_at INTEGER NOT NULL DEFAULT 0, winner INTEGER NOT NULL DEFAULT -1, test_open INTEGER NOT NULL DEFAULT 0, test_adaptive INTEGER NOT NULL DEFAULT 0, test_bound INTEGER NOT NULL DEFAULT 9223372036854775807, test_outcome TEXT NOT NULL DEFAULT '', ongoing INTEGER NOT NULL DEFAULT 0);

CREATE TABLE clients (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    client TEXT NOT NULL,
    device TEXT NOT NULL,
    browser TEXT NOT NULL,
    os TEXT NOT NULL
);

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

CREATE TABLE contact_news (
    contact_id INTEGER NOT NULL PRIMARY KEY
);

CREATE TABLE contact_state (
    contact_id INTEGER NOT NULL PRIMARY KEY REFERENCES contacts (id) ON DELETE CASCADE,
    rank REAL,
    rank_at INTEGER NOT NULL DEFAULT 0,
    soft_streak INTEGER NOT NULL DEFAULT 0
, soft_bounced INTEGER NOT NULL DEFAULT 0, sent_at INTEGER NOT NULL DEFAULT 0, delivered_at INTEGER NOT NULL DEFAULT 0, opened_at INTEGER NOT NULL DEFAULT 0, clicked_at INTEGER NOT NULL DEFAULT 0, replied_at INTEGER NOT NULL DEFAULT 0, bounced_at INTEGER NOT NULL DEFAULT 0, complained_at INTEGER NOT NULL DEFAULT 0, unsubscribed_at INTEGER NOT NULL DEFAULT 0, sends INTEGER NOT NULL DEFAULT 0, deliveries INTEGER NOT NULL DEFAULT 0, opens INTEGER NOT NULL DEFAULT 0, clicks INTEGER NOT NULL DEFAULT 0, suppressed INTEGER NOT NULL DEFAULT 0);

CREATE TABLE contacts (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    customer_id TEXT,
    email TEXT NOT NULL COLLATE NOCASE,
    attributes TEXT NOT NULL,
    tracking_consent INTEGER NOT NULL,
    consent_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL
, deleted_at INTEGER NOT NULL DEFAULT 0, consent_method TEXT NOT NULL DEFAULT '', consent_wording TEXT NOT NULL DEFAULT '', refused_topics TEXT NOT NULL DEFAULT '[]');

CREATE TABLE counters (
    campaign_id INTEGER NOT NULL,
    dimension TEXT NOT NULL,
    key TEXT NOT NULL,
    type INTEGER NOT NULL,
    verdict INTEGER NOT NULL,
    total INTEGER NOT NULL,
    uniq INTEGER NOT NULL,
    PRIMARY KEY (campaign_id, dimension, key, type, verdict)
) WITHOUT ROWID;

CREATE TABLE cursors (
    name TEXT NOT NULL PRIMARY KEY,
    position INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE deliveries (
    message_id INTEGER NOT NULL PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    campaign_id INTEGER NOT NULL,
    connection_id INTEGER NOT NULL,
    state INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    first_tried_at INTEGER NOT NULL DEFAULT 0,
    tried_at INTEGER NOT NULL DEFAULT 0,
    code INTEGER NOT NULL DEFAULT 0,
    status TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL DEFAULT ''
);

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

CREATE TABLE erased_people (
    hash BLOB NOT NULL PRIMARY KEY,
    erased_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE erasures (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    contact_id INTEGER NOT NULL,
    requested_by TEXT NOT NULL,
    requested_at INTEGER NOT NULL,
    finished_at INTEGER NOT NULL,
    traces TEXT NOT NULL
);

CREATE TABLE event_keys (
    key BLOB NOT NULL PRIMARY KEY,
    day INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE "events" (
    id INTEGER NOT NULL PRIMARY KEY,
    message_id INTEGER NOT NULL,
    campaign_id INTEGER NOT NULL,
    type INTEGER NOT NULL,
    occurred_at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    source INTEGER NOT NULL,
    origin INTEGER NOT NULL,
    verdict INTEGER NOT NULL,
    reasons INTEGER NOT NULL,
    link_id INTEGER NOT NULL,
    fingerprint INTEGER NOT NULL,
    bounce INTEGER NOT NULL,
    repeat INTEGER NOT NULL,
    user_agent_id INTEGER NOT NULL,
    detail TEXT
, place_id INTEGER NOT NULL DEFAULT 0, client_id INTEGER NOT NULL DEFAULT 0);

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

CREATE TABLE idempotency_keys (
    api_key_id INTEGER NOT NULL,
    key TEXT NOT NULL,
    request_hash BLOB NOT NULL,
    status INTEGER NOT NULL,
    content_type TEXT NOT NULL,
    body BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (api_key_id, key)
) WITHOUT ROWID;

CREATE TABLE job_errors (
    job_id INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    line INTEGER NOT NULL,
    email TEXT NOT NULL,
    error TEXT NOT NULL,
    PRIMARY KEY (job_id, line)
) WITHOUT ROWID;

CREATE TABLE jobs (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    campaign_id INTEGER NOT NULL,
    file TEXT NOT NULL,
    status TEXT NOT NULL,
    processed INTEGER NOT NULL,
    total INTEGER NOT NULL,
    added INTEGER NOT NULL,
    duplicates INTEGER NOT NULL,
    suppressed INTEGER NOT NULL,
    invalid INTEGER NOT NULL,
    error TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    finished_at INTEGER NOT NULL
, mapping TEXT NOT NULL DEFAULT '', list_id INTEGER NOT NULL DEFAULT 0, audience TEXT NOT NULL DEFAULT '', reached INTEGER NOT NULL DEFAULT 0, excluded INTEGER NOT NULL DEFAULT 0, not_consenting INTEGER NOT NULL DEFAULT 0);

CREATE TABLE journey_arrivals (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    journey_id INTEGER NOT NULL REFERENCES journeys (id) ON DELETE CASCADE,
    contact_id INTEGER NOT NULL
);

CREATE TABLE journey_counts (
    journey_id INTEGER NOT NULL REFERENCES journeys (id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    step TEXT NOT NULL,
    outcome TEXT NOT NULL,
    people INTEGER NOT NULL,
    PRIMARY KEY (journey_id, version, step, outcome)
) WITHOUT ROWID;

CREATE TABLE journey_lists (
    list_id INTEGER NOT NULL,
    journey_id INTEGER NOT NULL REFERENCES journeys (id) ON DELETE CASCADE,
    PRIMARY KEY (list_id, journey_id)
) WITHOUT ROWID;

CREATE TABLE journey_segments (
    journey_id INTEGER NOT NULL PRIMARY KEY REFERENCES journeys (id) ON DELETE CASCADE,
    segment_id INTEGER NOT NULL
);

CREATE TABLE journey_versions (
    journey_id INTEGER NOT NULL REFERENCES journeys (id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    definition TEXT NOT NULL,
    published_at INTEGER NOT NULL,
    PRIMARY KEY (journey_id, version)
) WITHOUT ROWID;

CREATE TABLE journeys (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    definition TEXT NOT NULL,
    version INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
, secrets TEXT NOT NULL DEFAULT '');

CREATE TABLE link_clicks (
    link_id INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    clicks INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (link_id, message_id)
) WITHOUT ROWID;

CREATE TABLE links (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    campaign_id INTEGER REFERENCES campaigns (id) ON DELETE CASCADE,
    message_id INTEGER,
    content TEXT NOT NULL,
    position INTEGER NOT NULL,
    url TEXT NOT NULL,
    label TEXT NOT NULL,
    disabled INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE list_members (
    list_id INTEGER NOT NULL REFERENCES lists (id) ON DELETE CASCADE,
    contact_id INTEGER NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    added_at INTEGER NOT NULL,
    PRIMARY KEY (list_id, contact_id)
) WITHOUT ROWID;

CREATE TABLE lists (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL
);

CREATE TABLE mail_contents (
    message_id INTEGER NOT NULL PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    content BLOB NOT NULL
, connection_id INTEGER NOT NULL DEFAULT 0);

CREATE TABLE mails (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    from_email TEXT NOT NULL,
    from_name TEXT NOT NULL,
    subject TEXT NOT NULL,
    track_opens INTEGER NOT NULL,
    track_clicks INTEGER NOT NULL,
    notify_first_open INTEGER NOT NULL,
    request_key BLOB,
    created_by INTEGER NOT NULL,
    created_at INTEGER NOT NULL
);

CREATE TABLE message_state (
    message_id INTEGER NOT NULL PRIMARY KEY,
    campaign_id INTEGER NOT NULL DEFAULT 0,
    variant INTEGER NOT NULL DEFAULT 0,
    status INTEGER NOT NULL DEFAULT 0,
    tracked INTEGER NOT NULL DEFAULT 0,
    processed_at INTEGER NOT NULL DEFAULT 0,
    sent_at INTEGER NOT NULL DEFAULT 0,
    delivered_at INTEGER NOT NULL DEFAULT 0,
    deferred_at INTEGER NOT NULL DEFAULT 0,
    dropped_at INTEGER NOT NULL DEFAULT 0,
    bounced_at INTEGER NOT NULL DEFAULT 0,
    bounce INTEGER NOT NULL DEFAULT 0,
    opened_at INTEGER NOT NULL DEFAULT 0,
    confirmed_at INTEGER NOT NULL DEFAULT 0,
    open_inferred INTEGER NOT NULL DEFAULT 0,
    clicked_at INTEGER NOT NULL DEFAULT 0,
    complained_at INTEGER NOT NULL DEFAULT 0,
    unsubscribed_at INTEGER NOT NULL DEFAULT 0,
    replied_at INTEGER NOT NULL DEFAULT 0,
    opens INTEGER NOT NULL DEFAULT 0,
    confirmed_opens INTEGER NOT NULL DEFAULT 0,
    clicks INTEGER NOT NULL DEFAULT 0,
    last_at INTEGER NOT NULL DEFAULT 0,
    last_open_at INTEGER NOT NULL DEFAULT 0,
    last_click_at INTEGER NOT NULL DEFAULT 0
, provider INTEGER NOT NULL DEFAULT 0, swept INTEGER NOT NULL DEFAULT 0, contact_id INTEGER NOT NULL DEFAULT 0, watched INTEGER NOT NULL DEFAULT 0, erased INTEGER NOT NULL DEFAULT 0, consent INTEGER NOT NULL DEFAULT 0, withheld INTEGER NOT NULL DEFAULT 0);

CREATE TABLE messages (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    campaign_id INTEGER REFERENCES campaigns (id) ON DELETE CASCADE,
    contact_id INTEGER NOT NULL REFERENCES contacts (id),
    email TEXT NOT NULL COLLATE NOCASE,
    esp_message_id TEXT,
    created_at INTEGER NOT NULL
, mail_id INTEGER REFERENCES mails (id) ON DELETE CASCADE);

CREATE TABLE next_ranks (
    contact_id INTEGER NOT NULL PRIMARY KEY REFERENCES contacts (id) ON DELETE CASCADE,
    rank REAL,
    rank_at INTEGER NOT NULL
);

CREATE TABLE notification_preferences (
    user_id INTEGER NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    every_mail INTEGER NOT NULL,
    mail_kinds INTEGER NOT NULL,
    campaign_kinds INTEGER NOT NULL,
    requested INTEGER NOT NULL
);

CREATE TABLE notification_readers (
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    notification_id INTEGER NOT NULL REFERENCES notifications (id) ON DELETE CASCADE,
    read_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, notification_id)
) WITHOUT ROWID;

CREATE TABLE notifications (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    kind INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    event_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    read_at INTEGER NOT NULL
);

CREATE TABLE organization (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    name TEXT NOT NULL,
    time_zone TEXT NOT NULL
, ignored_networks TEXT NOT NULL DEFAULT '', honeypot INTEGER NOT NULL DEFAULT 0, soft_bounce_limit INTEGER NOT NULL DEFAULT 5, settled_soft_bounce_limit INTEGER NOT NULL DEFAULT 5, tracking_mode TEXT NOT NULL DEFAULT 'individual', unknown_consent TEXT NOT NULL DEFAULT 'granted', sending_held TEXT NOT NULL DEFAULT '', pause_complaints REAL NOT NULL DEFAULT 0.3, pause_complaints_after INTEGER NOT NULL DEFAULT 500, pause_hard_bounces REAL NOT NULL DEFAULT 5, pause_hard_bounces_after INTEGER NOT NULL DEFAULT 200);

CREATE TABLE places (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    country TEXT NOT NULL,
    region TEXT NOT NULL,
    city TEXT NOT NULL
);

CREATE TABLE received_events (
    id INTEGER NOT NULL PRIMARY KEY,
    connection_id INTEGER NOT NULL,
    source_key TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    type INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    normalised TEXT NOT NULL
);

CREATE TABLE score_weights (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    half_life_days REAL NOT NULL,
    opened REAL NOT NULL,
    clicked REAL NOT NULL,
    replied REAL NOT NULL,
    ranked_at INTEGER NOT NULL DEFAULT 0,
    position INTEGER NOT NULL DEFAULT 0,
    processed INTEGER NOT NULL DEFAULT 0,
    total INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE segment_watch (
    journey_id INTEGER NOT NULL REFERENCES journeys (id) ON DELETE CASCADE,
    contact_id INTEGER NOT NULL,
    PRIMARY KEY (journey_id, contact_id)
) WITHOUT ROWID;

CREATE TABLE segments (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    rule TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);

CREATE TABLE sending_domains (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    domain TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    checked_at INTEGER NOT NULL,
    findings TEXT NOT NULL
);

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

CREATE TABLE suppression_grounds (
    email TEXT NOT NULL COLLATE NOCASE,
    reason TEXT NOT NULL,
    source TEXT NOT NULL,
    campaign_id INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    note TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (email, reason)
) WITHOUT ROWID;

CREATE TABLE suppression_lifts (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    email TEXT NOT NULL COLLATE NOCASE,
    reason TEXT NOT NULL,
    note TEXT NOT NULL,
    lifted_by TEXT NOT NULL,
    lifted_at INTEGER NOT NULL,
    after_event INTEGER NOT NULL,
    reported INTEGER NOT NULL
);

CREATE TABLE "suppressions" (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    email TEXT NOT NULL COLLATE NOCASE,
    reason TEXT NOT NULL,
    source TEXT NOT NULL,
    campaign_id INTEGER NOT NULL,
    note TEXT NOT NULL,
    created_at INTEGER NOT NULL
);

CREATE TABLE unmatched_events (
    id INTEGER NOT NULL PRIMARY KEY,
    received_at INTEGER NOT NULL,
    esp_message_id TEXT,
    campaign_id INTEGER NOT NULL,
    email TEXT COLLATE NOCASE,
    customer_id TEXT,
    payload BLOB NOT NULL
);

CREATE TABLE "user_agents" (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    value TEXT NOT NULL,
    period INTEGER NOT NULL
);

CREATE TABLE user_claims (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    claim_type TEXT,
    claim_value TEXT
);

CREATE TABLE user_logins (
    login_provider TEXT NOT NULL,
    provider_key TEXT NOT NULL,
    provider_display_name TEXT,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (login_provider, provider_key)
);

CREATE TABLE user_tokens (
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    login_provider TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT,
    PRIMARY KEY (user_id, login_provider, name)
);

CREATE TABLE users (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    user_name TEXT,
    normalized_user_name TEXT,
    email TEXT,
    normalized_email TEXT,
    email_confirmed INTEGER NOT NULL,
    password_hash TEXT,
    security_stamp TEXT,
    concurrency_stamp TEXT,
    phone_number TEXT,
    phone_number_confirmed INTEGER NOT NULL,
    two_factor_enabled INTEGER NOT NULL,
    lockout_end INTEGER,
    lockout_enabled INTEGER NOT NULL,
    access_failed_count INTEGER NOT NULL,
    role TEXT NOT NULL,
    created_at INTEGER NOT NULL
);

CREATE TABLE variants (
    campaign_id INTEGER NOT NULL REFERENCES campaigns (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    key TEXT NOT NULL,
    levels TEXT NOT NULL,
    weight REAL NOT NULL,
    recipients INTEGER NOT NULL, not_tracked INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (campaign_id, position)
) WITHOUT ROWID;

CREATE TABLE webhook_tokens (
    token BLOB NOT NULL PRIMARY KEY,
    body BLOB NOT NULL,
    received_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX campaigns_created ON campaigns (created_at);

CREATE INDEX campaigns_started ON campaigns (started_at);

CREATE UNIQUE INDEX clients_named ON clients (client, device, browser, os);

CREATE UNIQUE INDEX connections_slug ON connections (slug);

CREATE INDEX contact_state_rank ON contact_state (rank);

CREATE INDEX contact_state_soft ON contact_state (contact_id) WHERE soft_bounced = 1;

CREATE UNIQUE INDEX contacts_customer ON contacts (customer_id) WHERE customer_id IS NOT NULL;

CREATE INDEX contacts_deleted ON contacts (id) WHERE deleted_at <> 0;

CREATE INDEX contacts_email ON contacts (email);

CREATE INDEX deliveries_settled ON deliveries (campaign_id, state, message_id) WHERE state <> 1;

CREATE INDEX deliveries_waiting ON deliveries (campaign_id, next_at, message_id) WHERE state = 1;

CREATE UNIQUE INDEX dkim_keys_selector ON dkim_keys (domain_id, selector);

CREATE INDEX enrollment_steps_message ON enrollment_steps (message_id) WHERE message_id > 0;

CREATE INDEX enrollments_contact ON enrollments (contact_id, status);

CREATE INDEX enrollments_due ON enrollments (journey_id, due_at, id) WHERE status = 1 AND due_at > 0;

CREATE INDEX enrollments_journey ON enrollments (journey_id, status, id);

CREATE UNIQUE INDEX enrollments_once ON enrollments (journey_id, trigger_key);

CREATE INDEX enrollments_waiting ON enrollments (waits_for) WHERE status = 1 AND waits_for > 0;

CREATE INDEX erasures_unfinished ON erasures (id) WHERE finished_at = 0;

CREATE INDEX events_campaign ON events (campaign_id);

CREATE INDEX events_kind ON events (campaign_id, type, verdict);

CREATE INDEX events_lone_clicks ON events (campaign_id, fingerprint, occurred_at, message_id) WHERE type = 8 AND origin < 4 AND (reasons & 35840) = 0;

CREATE INDEX events_message ON events (message_id);

CREATE INDEX hook_deliveries_age ON hook_deliveries (created_at);

CREATE INDEX hook_deliveries_due ON hook_deliveries (hook_id, next_at) WHERE next_at > 0;

CREATE INDEX hook_deliveries_failed ON hook_deliveries (hook_id, id) WHERE next_at = 0 AND delivered_at = 0;

CREATE INDEX hook_deliveries_firsts ON hook_deliveries (hook_id, message_id, type) WHERE type IN ('first_open', 'first_click');

CREATE INDEX hook_deliveries_hook ON hook_deliveries (hook_id, id);

CREATE INDEX link_clicks_repeat ON link_clicks (link_id, clicks DESC, message_id) WHERE clicks NOT IN (0, 1);

CREATE UNIQUE INDEX links_campaign ON links (campaign_id, content, position, url) WHERE campaign_id IS NOT NULL;

CREATE INDEX links_message ON links (message_id) WHERE message_id IS NOT NULL;

CREATE INDEX list_members_contact ON list_members (contact_id);

CREATE UNIQUE INDEX lists_name ON lists (name COLLATE NOCASE);

CREATE UNIQUE INDEX mails_request ON mails (request_key) WHERE request_key IS NOT NULL;

CREATE INDEX message_state_campaign ON message_state (campaign_id);

CREATE INDEX message_state_deferred ON message_state (deferred_at) WHERE status = 3;

CREATE INDEX message_state_waiting ON message_state (campaign_id) WHERE delivered_at = 0 AND bounced_at = 0 AND dropped_at = 0;

CREATE INDEX messages_contact ON messages (contact_id);

CREATE INDEX messages_email ON messages (campaign_id, email);

CREATE INDEX messages_esp ON messages (esp_message_id) WHERE esp_message_id IS NOT NULL;

CREATE INDEX messages_mail ON messages (mail_id) WHERE mail_id IS NOT NULL;

CREATE UNIQUE INDEX messages_recipient ON messages (campaign_id, contact_id) WHERE campaign_id IS NOT NULL;

CREATE INDEX notification_readers_notification ON notification_readers (notification_id);

CREATE INDEX notification_readers_unread ON notification_readers (user_id, notification_id) WHERE read_at = 0;

CREATE INDEX notifications_age ON notifications (created_at);

CREATE UNIQUE INDEX notifications_once ON notifications (message_id, kind);

CREATE UNIQUE INDEX places_named ON places (country, region, city);

CREATE INDEX received_events_connection ON received_events (connection_id, id);

CREATE UNIQUE INDEX received_events_key ON received_events (source_key);

CREATE UNIQUE INDEX sending_domains_domain ON sending_domains (domain);

CREATE INDEX shares_campaign ON shares (campaign_id, id);

CREATE UNIQUE INDEX shares_token ON shares (token_hash);

CREATE INDEX step_calls_due ON step_calls (host, next_at) WHERE next_at > 0;

CREATE INDEX suppression_lifts_email ON suppression_lifts (email);

CREATE UNIQUE INDEX suppressions_email ON suppressions (email);

CREATE INDEX suppressions_newest ON suppressions (created_at);

CREATE INDEX suppressions_reason ON suppressions (reason, created_at);

CREATE INDEX suppressions_source ON suppressions (source, created_at);

CREATE INDEX unmatched_email ON unmatched_events (campaign_id, email);

CREATE INDEX unmatched_esp ON unmatched_events (esp_message_id);

CREATE INDEX user_agents_period ON user_agents (period);

CREATE UNIQUE INDEX user_agents_value ON user_agents (value, period);

CREATE INDEX user_claims_user ON user_claims (user_id);

CREATE INDEX user_logins_user ON user_logins (user_id);

CREATE INDEX users_email ON users (normalized_email);

CREATE UNIQUE INDEX users_name ON users (normalized_user_name);
