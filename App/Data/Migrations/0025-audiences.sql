-- Who an import puts on a list; and imports of people we know instead of a file: whom they take (audience, JSON), the contact
-- they have reached, and whom they left out beside the suppressed.
ALTER TABLE jobs ADD COLUMN list_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN audience TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN reached INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN excluded INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN not_consenting INTEGER NOT NULL DEFAULT 0;
