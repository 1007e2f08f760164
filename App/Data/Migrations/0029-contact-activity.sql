-- What segments ask of everybody, beside the rank and in the same row: when something last happened to a person's mail, 0 for
-- never, and how often what happens often did. Opens and clicks are confirmed ones; filled from the log at the next start.
ALTER TABLE contact_state ADD COLUMN sent_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE contact_state ADD COLUMN delivered_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE contact_state ADD COLUMN opened_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE contact_state ADD COLUMN clicked_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE contact_state ADD COLUMN replied_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE contact_state ADD COLUMN bounced_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE contact_state ADD COLUMN complained_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE contact_state ADD COLUMN unsubscribed_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE contact_state ADD COLUMN sends INTEGER NOT NULL DEFAULT 0;
ALTER TABLE contact_state ADD COLUMN deliveries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE contact_state ADD COLUMN opens INTEGER NOT NULL DEFAULT 0;
ALTER TABLE contact_state ADD COLUMN clicks INTEGER NOT NULL DEFAULT 0;
