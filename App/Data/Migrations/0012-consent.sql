-- Consent: what a person said, when, how and to which words; what holds without an answer; and what is counted of hits that
-- stay nameless.

ALTER TABLE contacts ADD COLUMN consent_method TEXT NOT NULL DEFAULT '';
ALTER TABLE contacts ADD COLUMN consent_wording TEXT NOT NULL DEFAULT '';

-- JSON lists of texts.
ALTER TABLE contacts ADD COLUMN refused_topics TEXT NOT NULL DEFAULT '[]';
ALTER TABLE campaigns ADD COLUMN topics TEXT NOT NULL DEFAULT '[]';

ALTER TABLE organization ADD COLUMN tracking_mode TEXT NOT NULL DEFAULT 'individual';
ALTER TABLE organization ADD COLUMN unknown_consent TEXT NOT NULL DEFAULT 'granted';

-- The person's answer beside what events change, since every open and click asks for it and reads this row anyway.
ALTER TABLE message_state ADD COLUMN consent INTEGER NOT NULL DEFAULT 0;
UPDATE message_state SET consent = (SELECT c.tracking_consent FROM messages m JOIN contacts c ON c.id = m.contact_id WHERE m.id = message_id)
    WHERE message_id IN (SELECT m.id FROM contacts c JOIN messages m ON m.contact_id = c.id WHERE c.tracking_consent <> 0);

-- Whoever writes a contact or a message: a withdrawal holds for mail already sent.
CREATE TRIGGER contacts_consent AFTER UPDATE OF tracking_consent ON contacts WHEN new.tracking_consent <> old.tracking_consent
BEGIN
    UPDATE message_state SET consent = new.tracking_consent WHERE message_id IN (SELECT id FROM messages WHERE contact_id = new.id);
END;
CREATE TRIGGER message_state_consent AFTER INSERT ON message_state
WHEN (SELECT c.tracking_consent FROM messages m JOIN contacts c ON c.id = m.contact_id WHERE m.id = new.message_id) <> new.consent
BEGIN
    UPDATE message_state SET consent = (SELECT c.tracking_consent FROM messages m JOIN contacts c ON c.id = m.contact_id WHERE m.id = new.message_id)
        WHERE message_id = new.message_id;
END;

-- Mail that went out without pixel and links for want of consent, by message and summed by variant.
ALTER TABLE message_state ADD COLUMN withheld INTEGER NOT NULL DEFAULT 0;
ALTER TABLE variants ADD COLUMN not_tracked INTEGER NOT NULL DEFAULT 0;

-- Opens and clicks counted without their message.
CREATE TABLE anonymous_hits (
    campaign_id INTEGER NOT NULL,
    type INTEGER NOT NULL,
    link_id INTEGER NOT NULL,
    verdict INTEGER NOT NULL,
    total INTEGER NOT NULL,
    PRIMARY KEY (campaign_id, type, link_id, verdict)
) WITHOUT ROWID;
