-- The team's log: status updates and blockers.

CREATE TABLE status_update (
  id uuid PRIMARY KEY,
  number BIGINT NOT NULL UNIQUE,
  author_id uuid NOT NULL REFERENCES account (id),
  title TEXT NOT NULL,
  content TEXT NOT NULL,
  html TEXT NOT NULL,
  tags TEXT NOT NULL,
  deleted_at BIGINT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  rev BIGINT NOT NULL
);
-- The list, newest first, and by author.
CREATE INDEX status_update_latest ON status_update (created_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX status_update_author ON status_update (author_id, created_at DESC, id DESC);

-- The tags again, to be found by.
CREATE TABLE status_update_tag (
  tag TEXT NOT NULL,
  update_id uuid NOT NULL REFERENCES status_update (id),
  PRIMARY KEY (tag, update_id)
);
CREATE INDEX status_update_tag_update ON status_update_tag (update_id);

CREATE TABLE blocker (
  id uuid PRIMARY KEY,
  number BIGINT NOT NULL UNIQUE,
  description TEXT NOT NULL,
  impact TEXT NOT NULL,
  active BOOLEAN NOT NULL,
  owner_id uuid NOT NULL REFERENCES account (id),
  waits_for_id uuid REFERENCES account (id),
  waits_for TEXT NOT NULL,
  related_status_id uuid REFERENCES status_update (id),
  related_incident_id uuid REFERENCES incident (id),
  -- Those of the incident: who may not know of it may not know of its blockers.
  team_id uuid REFERENCES team (id),
  visibility TEXT NOT NULL CHECK (visibility IN ('all', 'team')),
  resolution_notes TEXT NOT NULL,
  resolved_at BIGINT,
  resolved_by_id uuid REFERENCES account (id),
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  rev BIGINT NOT NULL
);
-- The list: active first, newest first; by who waits, and by whom it waits for.
CREATE INDEX blocker_listed ON blocker (active DESC, created_at DESC, id DESC);
CREATE INDEX blocker_owner ON blocker (owner_id, active DESC, created_at DESC, id DESC);
CREATE INDEX blocker_waits_for ON blocker (waits_for_id, active DESC, created_at DESC, id DESC) WHERE waits_for_id IS NOT NULL;
CREATE INDEX blocker_status ON blocker (related_status_id, active DESC, created_at DESC, id DESC) WHERE related_status_id IS NOT NULL;
CREATE INDEX blocker_incident ON blocker (related_incident_id, active DESC, created_at DESC, id DESC) WHERE related_incident_id IS NOT NULL;
CREATE INDEX blocker_freed ON blocker (owner_id, resolved_at) WHERE resolved_at IS NOT NULL;

-- Full text.
ALTER TABLE status_update ADD COLUMN search tsvector GENERATED ALWAYS AS (to_tsvector('simple', title || ' ' || content)) STORED;
CREATE INDEX status_update_search ON status_update USING gin (search);
ALTER TABLE blocker ADD COLUMN search tsvector GENERATED ALWAYS AS (to_tsvector('simple', description || ' ' || impact || ' ' || waits_for)) STORED;
CREATE INDEX blocker_search ON blocker USING gin (search);
