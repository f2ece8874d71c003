-- Searches, figures and the audit stay as quick as they grow.

-- How quickly a week's incidents were taken is read from the index alone.
DROP INDEX incident_created;
CREATE INDEX incident_created ON incident (created_at, acknowledged_at, detected_at);

-- The audit by kind, and of a day long past.
CREATE INDEX event_kind ON event (kind, seq DESC);
CREATE INDEX event_at ON event (at, seq);
