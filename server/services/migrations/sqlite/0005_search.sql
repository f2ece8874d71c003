-- Searches of one severity of what is live: a facet of their own, as PostgreSQL has one since this step.
DROP VIEW incident_words;
CREATE VIEW incident_words AS
SELECT number, title, description,
  'rank' || severity_rank || ' status' || replace(status, '_', '') || iif(live, ' live live' || severity_rank, '') || iif(visibility = 'all', ' everyone', '')
  || ' service' || hex(service_id) || iif(team_id IS NULL, '', ' team' || hex(team_id))
  || iif(assigned_to_id IS NULL, '', ' assigned' || hex(assigned_to_id)) AS facets
FROM incident;
INSERT INTO incident_fts (incident_fts) VALUES ('delete-all');
INSERT INTO incident_fts (rowid, title, description, facets) SELECT number, title, description, facets FROM incident_words;
