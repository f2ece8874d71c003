-- The team's log: status updates and blockers.

CREATE TABLE status_update (
  id BLOB PRIMARY KEY,
  number INTEGER NOT NULL UNIQUE,
  author_id BLOB NOT NULL REFERENCES account (id),
  title TEXT NOT NULL,
  content TEXT NOT NULL,
  html TEXT NOT NULL,
  tags TEXT NOT NULL,
  deleted_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  rev INTEGER NOT NULL
) STRICT;
-- The list, newest first, and by author.
CREATE INDEX status_update_latest ON status_update (created_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX status_update_author ON status_update (author_id, created_at DESC, id DESC);

-- The tags again, to be found by.
CREATE TABLE status_update_tag (
  tag TEXT NOT NULL,
  update_id BLOB NOT NULL REFERENCES status_update (id),
  PRIMARY KEY (tag, update_id)
) STRICT;
CREATE INDEX status_update_tag_update ON status_update_tag (update_id);

CREATE TABLE blocker (
  id BLOB PRIMARY KEY,
  number INTEGER NOT NULL UNIQUE,
  description TEXT NOT NULL,
  impact TEXT NOT NULL,
  active INTEGER NOT NULL,
  owner_id BLOB NOT NULL REFERENCES account (id),
  waits_for_id BLOB REFERENCES account (id),
  waits_for TEXT NOT NULL,
  related_status_id BLOB REFERENCES status_update (id),
  related_incident_id BLOB REFERENCES incident (id),
  -- Those of the incident: who may not know of it may not know of its blockers.
  team_id BLOB REFERENCES team (id),
  visibility TEXT NOT NULL CHECK (visibility IN ('all', 'team')),
  resolution_notes TEXT NOT NULL,
  resolved_at INTEGER,
  resolved_by_id BLOB REFERENCES account (id),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  rev INTEGER NOT NULL
) STRICT;
-- The list: active first, newest first; by who waits, and by whom it waits for.
CREATE INDEX blocker_listed ON blocker (active DESC, created_at DESC, id DESC);
CREATE INDEX blocker_owner ON blocker (owner_id, active DESC, created_at DESC, id DESC);
CREATE INDEX blocker_waits_for ON blocker (waits_for_id, active DESC, created_at DESC, id DESC) WHERE waits_for_id IS NOT NULL;
CREATE INDEX blocker_status ON blocker (related_status_id, active DESC, created_at DESC, id DESC) WHERE related_status_id IS NOT NULL;
CREATE INDEX blocker_incident ON blocker (related_incident_id, active DESC, created_at DESC, id DESC) WHERE related_incident_id IS NOT NULL;
CREATE INDEX blocker_freed ON blocker (owner_id, resolved_at) WHERE resolved_at IS NOT NULL;

-- Full text; the rowid is the number.
CREATE VIRTUAL TABLE status_update_fts USING fts5 (title, content, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2');
CREATE TRIGGER status_update_fts_insert AFTER INSERT ON status_update
BEGIN INSERT INTO status_update_fts (rowid, title, content) VALUES (NEW.number, NEW.title, NEW.content); END;
CREATE TRIGGER status_update_fts_update AFTER UPDATE OF title, content ON status_update
WHEN NEW.title <> OLD.title OR NEW.content <> OLD.content
BEGIN
  DELETE FROM status_update_fts WHERE rowid = OLD.number;
  INSERT INTO status_update_fts (rowid, title, content) VALUES (NEW.number, NEW.title, NEW.content);
END;
CREATE TRIGGER status_update_fts_delete AFTER DELETE ON status_update
BEGIN DELETE FROM status_update_fts WHERE rowid = OLD.number; END;

CREATE VIRTUAL TABLE blocker_fts USING fts5 (description, impact, waits_for, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2');
CREATE TRIGGER blocker_fts_insert AFTER INSERT ON blocker
BEGIN INSERT INTO blocker_fts (rowid, description, impact, waits_for) VALUES (NEW.number, NEW.description, NEW.impact, NEW.waits_for); END;
CREATE TRIGGER blocker_fts_update AFTER UPDATE OF description, impact, waits_for ON blocker
WHEN NEW.description <> OLD.description OR NEW.impact <> OLD.impact OR NEW.waits_for <> OLD.waits_for
BEGIN
  DELETE FROM blocker_fts WHERE rowid = OLD.number;
  INSERT INTO blocker_fts (rowid, description, impact, waits_for) VALUES (NEW.number, NEW.description, NEW.impact, NEW.waits_for);
END;
CREATE TRIGGER blocker_fts_delete AFTER DELETE ON blocker
BEGIN DELETE FROM blocker_fts WHERE rowid = OLD.number; END;
