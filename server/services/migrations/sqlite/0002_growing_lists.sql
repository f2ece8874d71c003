-- Lists stay as quick as they grow: the total of all alerts is maintained, and every order has its index.

-- HAVING: an empty database gets its counter with the first alert, or from a backup.
INSERT INTO counter (name, value) SELECT 'alert', COUNT(*) FROM alert HAVING COUNT(*) > 0;

-- The alerts that fire, newest first.
DROP INDEX alert_firing;
CREATE INDEX alert_firing ON alert (first_seen_at DESC, id DESC) WHERE status = 'firing';
-- What is live, newest first.
CREATE INDEX incident_newest ON incident (live, number DESC);
-- Lists by name, archived or not.
CREATE INDEX account_listed ON account (lower(name), id);
CREATE INDEX team_listed ON team (lower(name), id);
CREATE INDEX service_listed ON service (lower(name), id);
