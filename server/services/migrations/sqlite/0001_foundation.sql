-- The foundation: people, services, alerts in, incidents, the journal, and what the writes need.
-- Instants are unix milliseconds; ids are UUID v7 (16 bytes); enums are words; structured values are JSON text.

CREATE TABLE team (
  id BLOB PRIMARY KEY,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  locale TEXT NOT NULL,
  archived_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  rev INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX team_name ON team (lower(name)) WHERE archived_at IS NULL;

CREATE TABLE account (
  id BLOB PRIMARY KEY,
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('viewer', 'responder', 'manager', 'admin')),
  password_hash TEXT,
  time_zone TEXT NOT NULL,
  locale TEXT NOT NULL,
  archived_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  rev INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX account_email ON account (email) WHERE archived_at IS NULL;

CREATE TABLE team_member (
  team_id BLOB NOT NULL REFERENCES team (id),
  account_id BLOB NOT NULL REFERENCES account (id),
  lead INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (team_id, account_id)
) STRICT;
CREATE INDEX team_member_account ON team_member (account_id);

CREATE TABLE session (
  id BLOB PRIMARY KEY,
  account_id BLOB NOT NULL REFERENCES account (id),
  token_sha256 BLOB NOT NULL UNIQUE,
  device TEXT NOT NULL,
  address TEXT NOT NULL,
  installed INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  last_used_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX session_account ON session (account_id, last_used_at);
CREATE INDEX session_expiry ON session (expires_at);

-- What a form without wasm is shown again after a redirect: fields and messages, kept for 60 s.
CREATE TABLE session_flash (
  session_id BLOB NOT NULL,
  form TEXT NOT NULL,
  content TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (session_id, form)
) STRICT;
CREATE INDEX session_flash_expiry ON session_flash (expires_at);

CREATE TABLE api_token (
  id BLOB PRIMARY KEY,
  account_id BLOB NOT NULL REFERENCES account (id),
  name TEXT NOT NULL,
  scopes TEXT NOT NULL,
  token_sha256 BLOB NOT NULL UNIQUE,
  hint TEXT NOT NULL,
  expires_at INTEGER,
  last_used_at INTEGER,
  revoked_at INTEGER,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX api_token_account ON api_token (account_id, created_at);

CREATE TABLE invitation (
  id BLOB PRIMARY KEY,
  email TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('viewer', 'responder', 'manager', 'admin')),
  team_id BLOB REFERENCES team (id),
  token_sha256 BLOB NOT NULL UNIQUE,
  invited_by BLOB NOT NULL REFERENCES account (id),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  accepted_at INTEGER,
  revoked_at INTEGER
) STRICT;
CREATE INDEX invitation_open ON invitation (expires_at) WHERE accepted_at IS NULL AND revoked_at IS NULL;

-- Attempts per account and action: right on every node. The subject is a hash; it names nobody.
CREATE TABLE attempt (
  subject_sha256 BLOB NOT NULL,
  action TEXT NOT NULL,
  failures INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  PRIMARY KEY (subject_sha256, action)
) STRICT;
CREATE INDEX attempt_last ON attempt (last_at);

CREATE TABLE service (
  id BLOB PRIMARY KEY,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  team_id BLOB REFERENCES team (id),
  visibility TEXT NOT NULL CHECK (visibility IN ('all', 'team')),
  target_ack_minutes INTEGER,
  target_resolve_minutes INTEGER,
  links TEXT NOT NULL,
  alerts TEXT NOT NULL,
  archived_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  rev INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX service_name ON service (lower(name)) WHERE archived_at IS NULL;
CREATE INDEX service_team ON service (team_id);

CREATE TABLE integration (
  id BLOB PRIMARY KEY,
  service_id BLOB NOT NULL REFERENCES service (id),
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  key_sha256 BLOB NOT NULL UNIQUE,
  -- The key itself, so that the URL can be shown again to who may see it; encrypted at rest.
  key_sealed TEXT NOT NULL,
  key_hint TEXT NOT NULL,
  settings TEXT NOT NULL,
  disabled_at INTEGER,
  last_received_at INTEGER,
  last_error_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  rev INTEGER NOT NULL
) STRICT;
CREATE INDEX integration_service ON integration (service_id, created_at);

CREATE TABLE payload (
  id BLOB PRIMARY KEY,
  integration_id BLOB NOT NULL REFERENCES integration (id),
  at INTEGER NOT NULL,
  status INTEGER NOT NULL,
  content_type TEXT NOT NULL,
  body TEXT NOT NULL,
  error TEXT,
  replayed_at INTEGER
) STRICT;
CREATE INDEX payload_integration ON payload (integration_id, at DESC);
CREATE INDEX payload_at ON payload (at);

CREATE TABLE incident (
  id BLOB PRIMARY KEY,
  number INTEGER NOT NULL UNIQUE,
  title TEXT NOT NULL,
  description TEXT NOT NULL,
  severity TEXT NOT NULL CHECK (severity IN ('critical', 'high', 'medium', 'low')),
  severity_rank INTEGER NOT NULL,
  urgency TEXT NOT NULL CHECK (urgency IN ('high', 'low')),
  status TEXT NOT NULL CHECK (status IN ('open', 'acknowledged', 'in_progress', 'resolved', 'closed')),
  live INTEGER NOT NULL,
  service_id BLOB NOT NULL REFERENCES service (id),
  team_id BLOB REFERENCES team (id),
  visibility TEXT NOT NULL CHECK (visibility IN ('all', 'team')),
  assigned_to_id BLOB REFERENCES account (id),
  reported_by_id BLOB REFERENCES account (id),
  impact_started_at INTEGER,
  detected_at INTEGER NOT NULL,
  acknowledged_at INTEGER,
  acknowledged_by_id BLOB,
  current_ack_at INTEGER,
  current_ack_by_id BLOB,
  investigating_at INTEGER,
  identified_at INTEGER,
  resolved_at INTEGER,
  resolved_by_id BLOB,
  closed_at INTEGER,
  resolution_notes TEXT NOT NULL,
  alert_count INTEGER NOT NULL,
  firing_count INTEGER NOT NULL,
  policy_id BLOB,
  escalation_step INTEGER,
  escalation_loop INTEGER,
  next_escalation_at INTEGER,
  snoozed_until INTEGER,
  ack_due_at INTEGER,
  resolve_due_at INTEGER,
  episode_at INTEGER NOT NULL,
  continues_id BLOB,
  auto_close_at INTEGER,
  -- Set while all alerts are resolved and a flapping one must stay quiet first.
  quiet_until INTEGER,
  conference_url TEXT,
  flapping INTEGER NOT NULL,
  group_key TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  rev INTEGER NOT NULL
) STRICT;
-- The default list (live, worst first, newest first) and each filter, in the default order.
CREATE INDEX incident_default ON incident (live, severity_rank, number DESC);
CREATE INDEX incident_order ON incident (severity_rank, number DESC);
CREATE INDEX incident_status ON incident (status, severity_rank, number DESC);
CREATE INDEX incident_service ON incident (service_id, live, severity_rank, number DESC);
CREATE INDEX incident_team ON incident (team_id, live, severity_rank, number DESC);
CREATE INDEX incident_assignee ON incident (assigned_to_id, live, severity_rank, number DESC) WHERE assigned_to_id IS NOT NULL;
CREATE INDEX incident_created ON incident (created_at);
CREATE INDEX incident_group ON incident (service_id, group_key, number DESC) WHERE live AND group_key IS NOT NULL;
CREATE INDEX incident_auto_close ON incident (auto_close_at) WHERE auto_close_at IS NOT NULL;
CREATE INDEX incident_quiet ON incident (quiet_until) WHERE quiet_until IS NOT NULL;

CREATE TABLE note (
  id BLOB PRIMARY KEY,
  incident_id BLOB NOT NULL REFERENCES incident (id),
  author_id BLOB NOT NULL REFERENCES account (id),
  body TEXT NOT NULL,
  html TEXT NOT NULL,
  edited_at INTEGER,
  created_at INTEGER NOT NULL,
  version INTEGER NOT NULL
) STRICT;
CREATE INDEX note_incident ON note (incident_id, created_at);

CREATE TABLE alert (
  id BLOB PRIMARY KEY,
  service_id BLOB NOT NULL REFERENCES service (id),
  team_id BLOB,
  visibility TEXT NOT NULL,
  integration_id BLOB REFERENCES integration (id),
  incident_id BLOB REFERENCES incident (id),
  dedup_key TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('firing', 'resolved')),
  severity TEXT NOT NULL,
  title TEXT NOT NULL,
  description TEXT NOT NULL,
  labels TEXT NOT NULL,
  links TEXT NOT NULL,
  count INTEGER NOT NULL,
  first_seen_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  resolved_at INTEGER,
  end_reason TEXT,
  hold_until INTEGER,
  flips TEXT NOT NULL,
  explanation TEXT NOT NULL,
  -- Set when a newer alert took over the key; one row per key is not superseded.
  superseded_at INTEGER,
  rev INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX alert_key ON alert (service_id, dedup_key) WHERE superseded_at IS NULL;
CREATE INDEX alert_incident ON alert (incident_id, first_seen_at DESC, id DESC);
CREATE INDEX alert_firing ON alert (last_seen_at DESC) WHERE status = 'firing';
CREATE INDEX alert_latest ON alert (first_seen_at DESC, id DESC);
CREATE INDEX alert_service ON alert (service_id, first_seen_at DESC, id DESC);
CREATE INDEX alert_hold ON alert (hold_until) WHERE hold_until IS NOT NULL;

CREATE TABLE event (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  actor_kind TEXT NOT NULL,
  actor_id BLOB,
  source TEXT NOT NULL,
  request_id TEXT,
  topic TEXT NOT NULL,
  kind TEXT NOT NULL,
  v INTEGER NOT NULL,
  class TEXT NOT NULL CHECK (class IN ('record', 'trace')),
  entity TEXT NOT NULL,
  entity_version INTEGER NOT NULL,
  service_id BLOB,
  team_id BLOB,
  incident_id BLOB,
  -- Only the owning team and administrators may know of it.
  private INTEGER NOT NULL,
  payload TEXT,
  -- RFC 7396 over the noun's list row, for the live feed.
  patch TEXT,
  payload_sha256 BLOB NOT NULL,
  erased_at INTEGER
) STRICT;
CREATE INDEX event_incident ON event (incident_id, seq DESC) WHERE incident_id IS NOT NULL;
CREATE INDEX event_topic ON event (topic, seq DESC);
CREATE INDEX event_entity ON event (entity, seq DESC);
CREATE INDEX event_actor ON event (actor_id, seq DESC) WHERE actor_id IS NOT NULL;
CREATE INDEX event_trace ON event (at) WHERE class = 'trace';

-- Addresses and before/after: for administrators only.
CREATE TABLE event_private (
  seq INTEGER PRIMARY KEY REFERENCES event (seq),
  address TEXT,
  user_agent TEXT,
  before TEXT,
  after TEXT
) STRICT;

CREATE TABLE idempotency (
  actor TEXT NOT NULL,
  key TEXT NOT NULL,
  fingerprint BLOB NOT NULL,
  -- The outcome that the answer is rendered from; null while it runs, 'secret' in kind when it was not kept.
  outcome TEXT,
  secret INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (actor, key)
) STRICT;
CREATE INDEX idempotency_expiry ON idempotency (expires_at);

CREATE TABLE job (
  id BLOB PRIMARY KEY,
  kind TEXT NOT NULL,
  input TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'dead')),
  unique_key TEXT,
  attempt INTEGER NOT NULL,
  max_attempts INTEGER NOT NULL,
  run_at INTEGER NOT NULL,
  lease_owner BLOB,
  lease_until INTEGER,
  error TEXT,
  created_at INTEGER NOT NULL,
  finished_at INTEGER
) STRICT;
CREATE INDEX job_due ON job (run_at) WHERE state = 'waiting';
CREATE INDEX job_lease ON job (lease_until) WHERE state = 'running';
CREATE INDEX job_dead ON job (finished_at DESC) WHERE state = 'dead';
CREATE INDEX job_done ON job (finished_at) WHERE state = 'done';
CREATE UNIQUE INDEX job_unique ON job (unique_key) WHERE unique_key IS NOT NULL AND state IN ('waiting', 'running');

CREATE TABLE lease (
  name TEXT PRIMARY KEY,
  owner BLOB NOT NULL,
  term INTEGER NOT NULL,
  until INTEGER NOT NULL
) STRICT;

CREATE TABLE presence (
  entity TEXT NOT NULL,
  account_id BLOB NOT NULL,
  connection BLOB NOT NULL,
  writing INTEGER NOT NULL,
  until INTEGER NOT NULL,
  PRIMARY KEY (entity, connection)
) STRICT;
CREATE INDEX presence_until ON presence (until);

-- Counters that are maintained in the transaction of their cause.
CREATE TABLE counter (
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT;

-- Settings, the epoch of the journal, the key check values, the engine version.
CREATE TABLE setting (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

-- The files of builds that a node runs, so that an upgrade does not break open tabs.
CREATE TABLE asset (
  path TEXT PRIMARY KEY,
  build TEXT NOT NULL,
  content_type TEXT NOT NULL,
  encoding TEXT NOT NULL,
  body BLOB NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX asset_expiry ON asset (expires_at);

-- The journal is append-only but for one change: a payload may be erased, and says when.
CREATE TRIGGER event_no_delete BEFORE DELETE ON event WHEN OLD.class = 'record'
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER event_no_update BEFORE UPDATE ON event
WHEN NOT (NEW.payload IS NULL AND NEW.erased_at IS NOT NULL
  AND NEW.seq = OLD.seq AND NEW.at = OLD.at AND NEW.actor_kind = OLD.actor_kind AND NEW.actor_id IS OLD.actor_id
  AND NEW.source = OLD.source AND NEW.request_id IS OLD.request_id AND NEW.topic = OLD.topic AND NEW.kind = OLD.kind
  AND NEW.v = OLD.v AND NEW.class = OLD.class AND NEW.entity = OLD.entity AND NEW.entity_version = OLD.entity_version
  AND NEW.service_id IS OLD.service_id AND NEW.team_id IS OLD.team_id AND NEW.incident_id IS OLD.incident_id
  AND NEW.private = OLD.private AND NEW.payload_sha256 = OLD.payload_sha256)
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

-- Full text over incidents; the rowid is the incident's number.
CREATE VIRTUAL TABLE incident_fts USING fts5 (title, description, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2');
CREATE TRIGGER incident_fts_insert AFTER INSERT ON incident
BEGIN INSERT INTO incident_fts (rowid, title, description) VALUES (NEW.number, NEW.title, NEW.description); END;
CREATE TRIGGER incident_fts_update AFTER UPDATE OF title, description ON incident
WHEN NEW.title <> OLD.title OR NEW.description <> OLD.description
BEGIN
  DELETE FROM incident_fts WHERE rowid = OLD.number;
  INSERT INTO incident_fts (rowid, title, description) VALUES (NEW.number, NEW.title, NEW.description);
END;
