-- What a single mail says is kept for a while after it was handed over: a soft bounce that is reported then sends it again,
-- over the same connection. 0 for what was queued before this was known and has left the queue.
ALTER TABLE mail_contents ADD COLUMN connection_id INTEGER NOT NULL DEFAULT 0;
UPDATE mail_contents SET connection_id = coalesce((SELECT d.connection_id FROM deliveries d WHERE d.message_id = mail_contents.message_id), 0);
