-- Tests with a phase: a sample first, then the rest. test_open: it is under way; test_adaptive: dealt by chance as the weights
-- stand; test_bound: recipients up to here in the campaign's order are dealt, everybody without a phase; test_outcome: how it
-- ended, in JSON, empty before.
ALTER TABLE campaigns ADD COLUMN test_open INTEGER NOT NULL DEFAULT 0;
ALTER TABLE campaigns ADD COLUMN test_adaptive INTEGER NOT NULL DEFAULT 0;
ALTER TABLE campaigns ADD COLUMN test_bound INTEGER NOT NULL DEFAULT 9223372036854775807;
ALTER TABLE campaigns ADD COLUMN test_outcome TEXT NOT NULL DEFAULT '';
