-- The foundation: people, services, alerts in, incidents, the journal, and what the writes need.
-- Instants are unix milliseconds; ids are UUID v7; enums are words; structured values are JSON text.

CREATE TABLE team (
  id uuid PRIMARY KEY,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  locale TEXT NOT NULL,
  archived_at BIGINT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  rev BIGINT NOT NULL
);
CREATE UNIQUE INDEX team_name ON team (lower(name)) WHERE archived_at IS NULL;

CREATE TABLE account (
  id uuid PRIMARY KEY,
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('viewer', 'responder', 'manager', 'admin')),
  password_hash TEXT,
  time_zone TEXT NOT NULL,
  locale TEXT NOT NULL,
  archived_at BIGINT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  rev BIGINT NOT NULL
);
CREATE UNIQUE INDEX account_email ON account (email) WHERE archived_at IS NULL;

CREATE TABLE team_member (
  team_id uuid NOT NULL REFERENCES team (id),
  account_id uuid NOT NULL REFERENCES account (id),
  lead BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (team_id, account_id)
);
CREATE INDEX team_member_account ON team_member (account_id);

CREATE TABLE session (
  id uuid PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES account (id),
  token_sha256 BYTEA NOT NULL UNIQUE,
  device TEXT NOT NULL,
  address TEXT NOT NULL,
  installed BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL,
  last_used_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX session_account ON session (account_id, last_used_at);
CREATE INDEX session_expiry ON session (expires_at);

-- What a form without wasm is shown again after a redirect: fields and messages, kept for 60 s.
CREATE TABLE session_flash (
  session_id uuid NOT NULL,
  form TEXT NOT NULL,
  content TEXT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (session_id, form)
);
CREATE INDEX session_flash_expiry ON session_flash (expires_at);

CREATE TABLE api_token (
  id uuid PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES account (id),
  name TEXT NOT NULL,
  scopes TEXT NOT NULL,
  token_sha256 BYTEA NOT NULL UNIQUE,
  hint TEXT NOT NULL,
  expires_at BIGINT,
  last_used_at BIGINT,
  revoked_at BIGINT,
  created_at BIGINT NOT NULL
);
CREATE INDEX api_token_account ON api_token (account_id, created_at);

CREATE TABLE invitation (
  id uuid PRIMARY KEY,
  email TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('viewer', 'responder', 'manager', 'admin')),
  team_id uuid REFERENCES team (id),
  token_sha256 BYTEA NOT NULL UNIQUE,
  invited_by uuid NOT NULL REFERENCES account (id),
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  accepted_at BIGINT,
  revoked_at BIGINT
);
CREATE INDEX invitation_open ON invitation (expires_at) WHERE accepted_at IS NULL AND revoked_at IS NULL;

-- Attempts per account and action: right on every node. The subject is a hash; it names nobody.
CREATE TABLE attempt (
  subject_sha256 BYTEA NOT NULL,
  action TEXT NOT NULL,
  failures BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  PRIMARY KEY (subject_sha256, action)
);
CREATE INDEX attempt_last ON attempt (last_at);

CREATE TABLE service (
  id uuid PRIMARY KEY,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  team_id uuid REFERENCES team (id),
  visibility TEXT NOT NULL CHECK (visibility IN ('all', 'team')),
  target_ack_minutes BIGINT,
  target_resolve_minutes BIGINT,
  links TEXT NOT NULL,
  alerts TEXT NOT NULL,
  archived_at BIGINT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  rev BIGINT NOT NULL
);
CREATE UNIQUE INDEX service_name ON service (lower(name)) WHERE archived_at IS NULL;
CREATE INDEX service_team ON service (team_id);

CREATE TABLE integration (
  id uuid PRIMARY KEY,
  service_id uuid NOT NULL REFERENCES service (id),
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  key_sha256 BYTEA NOT NULL UNIQUE,
  -- The key itself, so that the URL can be shown again to who may see it; encrypted at rest.
  key_sealed TEXT NOT NULL,
  key_hint TEXT NOT NULL,
  settings TEXT NOT NULL,
  disabled_at BIGINT,
  last_received_at BIGINT,
  last_error_at BIGINT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  rev BIGINT NOT NULL
);
CREATE INDEX integration_service ON integration (service_id, created_at);

CREATE TABLE payload (
  id uuid PRIMARY KEY,
  integration_id uuid NOT NULL REFERENCES integration (id),
  at BIGINT NOT NULL,
  status BIGINT NOT NULL,
  content_type TEXT NOT NULL,
  body TEXT NOT NULL,
  error TEXT,
  replayed_at BIGINT
);
CREATE INDEX payload_integration ON payload (integration_id, at DESC);
CREATE INDEX payload_at ON payload (at);

CREATE TABLE incident (
  id uuid PRIMARY KEY,
  number BIGINT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  description TEXT NOT NULL,
  severity TEXT NOT NULL CHECK (severity IN ('critical', 'high', 'medium', 'low')),
  severity_rank BIGINT NOT NULL,
  urgency TEXT NOT NULL CHECK (urgency IN ('high', 'low')),
  status TEXT NOT NULL CHECK (status IN ('open', 'acknowledged', 'in_progress', 'resolved', 'closed')),
  live BOOLEAN NOT NULL,
  service_id uuid NOT NULL REFERENCES service (id),
  team_id uuid REFERENCES team (id),
  visibility TEXT NOT NULL CHECK (visibility IN ('all', 'team')),
  assigned_to_id uuid REFERENCES account (id),
  reported_by_id uuid REFERENCES account (id),
  impact_started_at BIGINT,
  detected_at BIGINT NOT NULL,
  acknowledged_at BIGINT,
  acknowledged_by_id uuid,
  current_ack_at BIGINT,
  current_ack_by_id uuid,
  investigating_at BIGINT,
  identified_at BIGINT,
  resolved_at BIGINT,
  resolved_by_id uuid,
  closed_at BIGINT,
  resolution_notes TEXT NOT NULL,
  alert_count BIGINT NOT NULL,
  firing_count BIGINT NOT NULL,
  policy_id uuid,
  escalation_step BIGINT,
  escalation_loop BIGINT,
  next_escalation_at BIGINT,
  snoozed_until BIGINT,
  ack_due_at BIGINT,
  resolve_due_at BIGINT,
  episode_at BIGINT NOT NULL,
  continues_id uuid,
  auto_close_at BIGINT,
  -- Set while all alerts are resolved and a flapping one must stay quiet first.
  quiet_until BIGINT,
  conference_url TEXT,
  flapping BOOLEAN NOT NULL,
  group_key TEXT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  rev BIGINT NOT NULL
);
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
  id uuid PRIMARY KEY,
  incident_id uuid NOT NULL REFERENCES incident (id),
  author_id uuid NOT NULL REFERENCES account (id),
  body TEXT NOT NULL,
  html TEXT NOT NULL,
  edited_at BIGINT,
  created_at BIGINT NOT NULL,
  version BIGINT NOT NULL
);
CREATE INDEX note_incident ON note (incident_id, created_at);

CREATE TABLE alert (
  id uuid PRIMARY KEY,
  service_id uuid NOT NULL REFERENCES service (id),
  team_id uuid,
  visibility TEXT NOT NULL,
  integration_id uuid REFERENCES integration (id),
  incident_id uuid REFERENCES incident (id),
  dedup_key TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('firing', 'resolved')),
  severity TEXT NOT NULL,
  title TEXT NOT NULL,
  description TEXT NOT NULL,
  labels TEXT NOT NULL,
  links TEXT NOT NULL,
  count BIGINT NOT NULL,
  first_seen_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  resolved_at BIGINT,
  end_reason TEXT,
  hold_until BIGINT,
  flips TEXT NOT NULL,
  explanation TEXT NOT NULL,
  -- Set when a newer alert took over the key; one row per key is not superseded.
  superseded_at BIGINT,
  rev BIGINT NOT NULL
);
CREATE UNIQUE INDEX alert_key ON alert (service_id, dedup_key) WHERE superseded_at IS NULL;
CREATE INDEX alert_incident ON alert (incident_id, first_seen_at DESC, id DESC);
CREATE INDEX alert_firing ON alert (last_seen_at DESC) WHERE status = 'firing';
CREATE INDEX alert_latest ON alert (first_seen_at DESC, id DESC);
CREATE INDEX alert_service ON alert (service_id, first_seen_at DESC, id DESC);
CREATE INDEX alert_hold ON alert (hold_until) WHERE hold_until IS NOT NULL;

CREATE TABLE event (
  seq BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  at BIGINT NOT NULL,
  actor_kind TEXT NOT NULL,
  actor_id uuid,
  source TEXT NOT NULL,
  request_id TEXT,
  topic TEXT NOT NULL,
  kind TEXT NOT NULL,
  v BIGINT NOT NULL,
  class TEXT NOT NULL CHECK (class IN ('record', 'trace')),
  entity TEXT NOT NULL,
  entity_version BIGINT NOT NULL,
  service_id uuid,
  team_id uuid,
  incident_id uuid,
  -- Only the owning team and administrators may know of it.
  private BOOLEAN NOT NULL,
  payload TEXT,
  -- RFC 7396 over the noun's list row, for the live feed.
  patch TEXT,
  payload_sha256 BYTEA NOT NULL,
  erased_at BIGINT
);
CREATE INDEX event_incident ON event (incident_id, seq DESC) WHERE incident_id IS NOT NULL;
CREATE INDEX event_topic ON event (topic, seq DESC);
CREATE INDEX event_entity ON event (entity, seq DESC);
CREATE INDEX event_actor ON event (actor_id, seq DESC) WHERE actor_id IS NOT NULL;
CREATE INDEX event_trace ON event (at) WHERE class = 'trace';

-- Addresses and before/after: for administrators only.
CREATE TABLE event_private (
  seq BIGINT PRIMARY KEY REFERENCES event (seq),
  address TEXT,
  user_agent TEXT,
  before TEXT,
  after TEXT
);

CREATE TABLE idempotency (
  actor TEXT NOT NULL,
  key TEXT NOT NULL,
  fingerprint BYTEA NOT NULL,
  -- The outcome that the answer is rendered from; null while it runs, 'secret' in kind when it was not kept.
  outcome TEXT,
  secret BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (actor, key)
);
CREATE INDEX idempotency_expiry ON idempotency (expires_at);

CREATE TABLE job (
  id uuid PRIMARY KEY,
  kind TEXT NOT NULL,
  input TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'dead')),
  unique_key TEXT,
  attempt BIGINT NOT NULL,
  max_attempts BIGINT NOT NULL,
  run_at BIGINT NOT NULL,
  lease_owner uuid,
  lease_until BIGINT,
  error TEXT,
  created_at BIGINT NOT NULL,
  finished_at BIGINT
);
CREATE INDEX job_due ON job (run_at) WHERE state = 'waiting';
CREATE INDEX job_lease ON job (lease_until) WHERE state = 'running';
CREATE INDEX job_dead ON job (finished_at DESC) WHERE state = 'dead';
CREATE INDEX job_done ON job (finished_at) WHERE state = 'done';
CREATE UNIQUE INDEX job_unique ON job (unique_key) WHERE unique_key IS NOT NULL AND state IN ('waiting', 'running');

CREATE TABLE lease (
  name TEXT PRIMARY KEY,
  owner uuid NOT NULL,
  term BIGINT NOT NULL,
  until BIGINT NOT NULL
);

CREATE TABLE presence (
  entity TEXT NOT NULL,
  account_id uuid NOT NULL,
  connection uuid NOT NULL,
  writing BOOLEAN NOT NULL,
  until BIGINT NOT NULL,
  PRIMARY KEY (entity, connection)
);
CREATE INDEX presence_until ON presence (until);

-- Counters that are maintained in the transaction of their cause.
CREATE TABLE counter (
  name TEXT PRIMARY KEY,
  value BIGINT NOT NULL
);

-- Settings, the epoch of the journal, the key check values, the engine version.
CREATE TABLE setting (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL,
  updated_at BIGINT NOT NULL
);

-- The files of builds that a node runs, so that an upgrade does not break open tabs.
CREATE TABLE asset (
  path TEXT PRIMARY KEY,
  build TEXT NOT NULL,
  content_type TEXT NOT NULL,
  encoding TEXT NOT NULL,
  body BYTEA NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX asset_expiry ON asset (expires_at);

-- The journal is append-only but for one change: a payload may be erased, and says when.
CREATE FUNCTION event_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF OLD.class = 'trace' THEN RETURN OLD; END IF;
  ELSIF NEW.payload IS NULL AND NEW.erased_at IS NOT NULL
    AND (NEW.seq, NEW.at, NEW.actor_kind, NEW.source, NEW.topic, NEW.kind, NEW.v, NEW.class, NEW.entity, NEW.entity_version, NEW.private, NEW.payload_sha256)
      = (OLD.seq, OLD.at, OLD.actor_kind, OLD.source, OLD.topic, OLD.kind, OLD.v, OLD.class, OLD.entity, OLD.entity_version, OLD.private, OLD.payload_sha256)
    AND (NEW.actor_id, NEW.request_id, NEW.service_id, NEW.team_id, NEW.incident_id)
      IS NOT DISTINCT FROM (OLD.actor_id, OLD.request_id, OLD.service_id, OLD.team_id, OLD.incident_id)
  THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the journal is append-only';
END $$;
CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE ON event FOR EACH ROW EXECUTE FUNCTION event_append_only();

-- Full text over incidents.
ALTER TABLE incident ADD COLUMN search tsvector GENERATED ALWAYS AS (to_tsvector('simple', title || ' ' || description)) STORED;
CREATE INDEX incident_search ON incident USING gin (search);
