-- Searches, figures and the audit stay as quick as they grow.

-- What lists are filtered and ordered by stands beside the words, so that the full text alone finds, orders and counts.
DROP TRIGGER incident_fts_insert;
DROP TRIGGER incident_fts_update;
DROP TABLE incident_fts;
CREATE VIRTUAL TABLE incident_fts USING fts5 (title, description, facets, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2');
-- A facet is one word to the tokenizer, and begins with what it is of.
CREATE VIEW incident_words AS
SELECT number, title, description,
  'rank' || severity_rank || ' status' || replace(status, '_', '') || iif(live, ' live', '') || iif(visibility = 'all', ' everyone', '')
  || ' service' || hex(service_id) || iif(team_id IS NULL, '', ' team' || hex(team_id))
  || iif(assigned_to_id IS NULL, '', ' assigned' || hex(assigned_to_id)) AS facets
FROM incident;
INSERT INTO incident_fts (rowid, title, description, facets) SELECT number, title, description, facets FROM incident_words;
CREATE TRIGGER incident_fts_insert AFTER INSERT ON incident
BEGIN INSERT INTO incident_fts (rowid, title, description, facets) SELECT number, title, description, facets FROM incident_words WHERE number = NEW.number; END;
CREATE TRIGGER incident_fts_update AFTER UPDATE OF title, description, severity_rank, status, visibility, service_id, team_id, assigned_to_id ON incident
WHEN (NEW.title, NEW.description, NEW.severity_rank, NEW.status, NEW.visibility, NEW.service_id, NEW.team_id, NEW.assigned_to_id)
  IS NOT (OLD.title, OLD.description, OLD.severity_rank, OLD.status, OLD.visibility, OLD.service_id, OLD.team_id, OLD.assigned_to_id)
BEGIN
  DELETE FROM incident_fts WHERE rowid = OLD.number;
  INSERT INTO incident_fts (rowid, title, description, facets) SELECT number, title, description, facets FROM incident_words WHERE number = NEW.number;
END;
CREATE TRIGGER incident_fts_delete AFTER DELETE ON incident
BEGIN DELETE FROM incident_fts WHERE rowid = OLD.number; END;

-- How quickly a week's incidents were taken is read from the index alone.
DROP INDEX incident_created;
CREATE INDEX incident_created ON incident (created_at, acknowledged_at, detected_at);

-- The audit by kind, and of a day long past.
CREATE INDEX event_kind ON event (kind, seq DESC);
CREATE INDEX event_at ON event (at, seq);
