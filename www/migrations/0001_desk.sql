-- The desk's memory. No column is for personal data of a user: ids, states, codes, and who of the partner's own people did
-- what and when.

-- A case is what the state machine says, as JSON; the columns beside it are copies to search by.
CREATE TABLE cases (
  id TEXT PRIMARY KEY NOT NULL CHECK (length(id) BETWEEN 1 AND 128),
  version INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (json_valid(state)),
  phase TEXT NOT NULL CHECK (phase IN ('open', 'decided', 'closed')),
  delivery TEXT NOT NULL,
  opened_at INTEGER NOT NULL,
  closed_at INTEGER,
  due_at INTEGER,
  claimed_by TEXT,
  claimed_until INTEGER,
  CHECK ((claimed_by IS NULL) = (claimed_until IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX cases_queue ON cases (opened_at, id);
CREATE INDEX cases_phase ON cases (phase, opened_at, id);
CREATE INDEX cases_delivery ON cases (delivery, opened_at, id);
-- Claims that hold are few, whatever else there is.
CREATE INDEX cases_claimed ON cases (claimed_until) WHERE claimed_until IS NOT NULL;
CREATE INDEX cases_due ON cases (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX cases_closed ON cases (closed_at) WHERE closed_at IS NOT NULL;

-- Who writes a case must have read its last version. An abort takes the whole batch back, its audit rows included, which a
-- WHERE that finds no row would not. An upsert passes here too, before it becomes an update.
CREATE TRIGGER cases_next_version BEFORE INSERT ON cases
WHEN NEW.version IS NOT 1 + coalesce((SELECT version FROM cases WHERE id = NEW.id), 0)
BEGIN
  SELECT RAISE(ABORT, 'case: not the next version');
END;

CREATE TRIGGER cases_next_version_too BEFORE UPDATE ON cases
WHEN NEW.version IS NOT OLD.version + 1 OR NEW.id IS NOT OLD.id
BEGIN
  SELECT RAISE(ABORT, 'case: not the next version');
END;

-- What happened. Each row carries the hash of the one before. The number is the only unique column: another one would let
-- INSERT OR REPLACE delete a row of that value without asking a trigger.
CREATE TABLE audit (
  seq INTEGER PRIMARY KEY NOT NULL,
  prev TEXT NOT NULL CHECK (length(prev) = 64),
  at INTEGER NOT NULL,
  case_id TEXT NOT NULL,
  action TEXT NOT NULL,
  actor TEXT NOT NULL,
  detail TEXT NOT NULL CHECK (json_valid(detail)),
  hash TEXT NOT NULL CHECK (length(hash) = 64)
) STRICT;

CREATE INDEX audit_case ON audit (case_id, seq);

CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN
  SELECT RAISE(ABORT, 'audit: rows are never changed');
END;

CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN
  SELECT RAISE(ABORT, 'audit: rows are never deleted');
END;

-- Only the next row may be written, so none can be replaced or slipped in between (INSERT OR REPLACE asks no delete trigger).
CREATE TRIGGER audit_next_row BEFORE INSERT ON audit
WHEN NEW.seq IS NOT 1 + coalesce((SELECT max(seq) FROM audit), 0)
  OR NEW.prev IS NOT coalesce((SELECT hash FROM audit ORDER BY seq DESC LIMIT 1), '0000000000000000000000000000000000000000000000000000000000000000')
BEGIN
  SELECT RAISE(ABORT, 'audit: not the next row');
END;

-- Ids that a dApp sent and Civic has not confirmed yet. `standing` is 2 where Civic has a record that is not ready, 1 where it
-- could not be asked, 0 where it does not know the id. The sender is forgotten once Civic knows the id.
CREATE TABLE intake (
  request_id TEXT PRIMARY KEY NOT NULL CHECK (length(request_id) BETWEEN 1 AND 128),
  received_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_at INTEGER NOT NULL,
  standing INTEGER NOT NULL DEFAULT 1 CHECK (standing IN (0, 1, 2)),
  sender TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX intake_due ON intake (standing, next_at);
CREATE INDEX intake_sender ON intake (sender, standing) WHERE sender IS NOT NULL;

-- How many there are of each: D1 bills the rows that a count reads, and each knock at the open door asks for it.
CREATE TABLE intake_waiting (
  standing INTEGER PRIMARY KEY NOT NULL,
  count INTEGER NOT NULL
) STRICT;

CREATE TRIGGER intake_comes AFTER INSERT ON intake
BEGIN
  INSERT INTO intake_waiting (standing, count) VALUES (NEW.standing, 1) ON CONFLICT (standing) DO UPDATE SET count = count + 1;
END;

CREATE TRIGGER intake_goes AFTER DELETE ON intake
BEGIN
  UPDATE intake_waiting SET count = count - 1 WHERE standing = OLD.standing;
END;

CREATE TRIGGER intake_turns AFTER UPDATE OF standing ON intake WHEN NEW.standing IS NOT OLD.standing
BEGIN
  INSERT INTO intake_waiting (standing, count) VALUES (OLD.standing, -1), (NEW.standing, 1)
    ON CONFLICT (standing) DO UPDATE SET count = count + excluded.count;
END;

-- How often a sender came within a minute. A sender is a keyed hash of a network address, and is forgotten soon.
CREATE TABLE intake_senders (
  sender TEXT NOT NULL,
  minute INTEGER NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (sender, minute)
) STRICT, WITHOUT ROWID;

CREATE INDEX intake_senders_minute ON intake_senders (minute);

-- Civic's tokens, encrypted: the key is in no table.
CREATE TABLE tokens (
  name TEXT PRIMARY KEY NOT NULL,
  sealed TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Counts for the metrics. Rows of cases go in time, so what they would add up to falls; a counter must not.
CREATE TABLE counters (
  name TEXT PRIMARY KEY NOT NULL,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
