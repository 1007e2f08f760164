-- Whether a contact's address is on the suppression list, beside what else segments ask of everybody: looked up by the address it
-- cost four million searches in the list. Triggers keep it, whoever writes the list or the contact.
ALTER TABLE contact_state ADD COLUMN suppressed INTEGER NOT NULL DEFAULT 0;
UPDATE contact_state SET suppressed = 1 WHERE contact_id IN (SELECT c.id FROM suppressions s CROSS JOIN contacts c ON c.email = s.email);

DROP TRIGGER contacts_added;
CREATE TRIGGER contacts_added AFTER INSERT ON contacts
BEGIN
    INSERT INTO contact_state (contact_id, suppressed) VALUES (NEW.id, EXISTS (SELECT 1 FROM suppressions WHERE email = NEW.email));
END;
CREATE TRIGGER contacts_readdressed AFTER UPDATE OF email ON contacts WHEN NEW.email <> OLD.email
BEGIN
    UPDATE contact_state SET suppressed = EXISTS (SELECT 1 FROM suppressions WHERE email = NEW.email) WHERE contact_id = NEW.id;
END;
CREATE TRIGGER suppressions_listed AFTER INSERT ON suppressions
BEGIN
    UPDATE contact_state SET suppressed = 1 WHERE contact_id IN (SELECT id FROM contacts WHERE email = NEW.email);
END;
CREATE TRIGGER suppressions_lifted AFTER DELETE ON suppressions
BEGIN
    UPDATE contact_state SET suppressed = 0 WHERE contact_id IN (SELECT id FROM contacts WHERE email = OLD.email);
END;
