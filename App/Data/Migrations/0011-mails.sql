-- Single mails: what messages that belong to no campaign say, and who wants to know. A mail to three people is one row
-- here and three messages. Its words are not kept, only its subject.

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

ALTER TABLE messages ADD COLUMN mail_id INTEGER REFERENCES mails (id) ON DELETE CASCADE;
CREATE INDEX messages_mail ON messages (mail_id) WHERE mail_id IS NOT NULL;

-- A request repeated after a crash finds what it made, and makes nothing twice.
CREATE UNIQUE INDEX mails_request ON mails (request_key) WHERE request_key IS NOT NULL;
