-- Campaigns that journeys send and that go on, or are over: whoever waits at one is to be looked at at once.
CREATE TABLE campaign_turns (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    campaign_id INTEGER NOT NULL
);

CREATE TRIGGER campaigns_journeys AFTER UPDATE OF status ON campaigns WHEN NEW.ongoing = 1 AND OLD.status <> NEW.status AND NEW.status <> 'paused'
BEGIN
    INSERT INTO campaign_turns (campaign_id) VALUES (NEW.id);
END;
