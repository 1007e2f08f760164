-- Who clicked a link most: few click twice, so the index is small, and a first click does not touch it. Written as NOT IN
-- because with clicks > 1 the planner would walk that range even where the number of clicks is given.
CREATE INDEX link_clicks_repeat ON link_clicks (link_id, clicks DESC, message_id) WHERE clicks NOT IN (0, 1);
