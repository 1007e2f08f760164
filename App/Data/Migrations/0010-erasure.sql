-- People who were deleted or asked to be forgotten, and what an import made of the columns of its file.

-- The row of a deleted contact stays for as long as mail sent to it is counted; nothing of the person but the address is in it,
-- and of an erased one not even that.
ALTER TABLE contacts ADD COLUMN deleted_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX contacts_deleted ON contacts (id) WHERE deleted_at <> 0;

-- The message counts as it did, and no event is ever added to it.
ALTER TABLE message_state ADD COLUMN erased INTEGER NOT NULL DEFAULT 0;

-- Keyed hashes of what erased people were known by.
CREATE TABLE erased_people (
    hash BLOB NOT NULL PRIMARY KEY,
    erased_at INTEGER NOT NULL
) WITHOUT ROWID;

-- Erasures, asked for and done. What is still to be looked for stands in traces until nothing is left of it.
CREATE TABLE erasures (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    contact_id INTEGER NOT NULL,
    requested_by TEXT NOT NULL,
    requested_at INTEGER NOT NULL,
    finished_at INTEGER NOT NULL,
    traces TEXT NOT NULL
);
CREATE INDEX erasures_unfinished ON erasures (id) WHERE finished_at = 0;

-- JSON: which column of the file is what.
ALTER TABLE jobs ADD COLUMN mapping TEXT NOT NULL DEFAULT '';
