/**
 * Times are milliseconds since the Unix epoch.
 *
 * A row of `deliveries` exists while a subscription has not acknowledged a message. Its key starts with `seq`, so that
 * "does anybody still need this message?" is one lookup. AUTOINCREMENT: a `seq` is a message id and must not come back
 * when the newest messages have been swept.
 *
 * A finished task keeps its row (without payload) as long as its name is blocked.
 */
const TABLES = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
  INSERT INTO meta VALUES ('starts', 0);
  CREATE TABLE probes (id INTEGER PRIMARY KEY, room BLOB NOT NULL);

  CREATE TABLE messages (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    topic TEXT NOT NULL,
    published_at INTEGER NOT NULL,
    attributes TEXT NOT NULL,
    data TEXT NOT NULL
  );
  CREATE INDEX messages_by_time ON messages (topic, published_at);

  CREATE TABLE deliveries (
    seq INTEGER NOT NULL,
    subscription TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    PRIMARY KEY (seq, subscription)
  ) WITHOUT ROWID;
  CREATE INDEX deliveries_by_due ON deliveries (subscription, due_at, seq);

  CREATE TABLE tasks (
    seq INTEGER PRIMARY KEY,
    queue TEXT NOT NULL,
    name TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    finished_at INTEGER,
    payload TEXT NOT NULL,
    UNIQUE (queue, name)
  );
  CREATE INDEX tasks_by_due ON tasks (queue, due_at, seq) WHERE finished_at IS NULL;
  CREATE INDEX tasks_by_finish ON tasks (finished_at) WHERE finished_at IS NOT NULL;

  CREATE TABLE documents (
    collection TEXT NOT NULL,
    id TEXT NOT NULL,
    version TEXT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (collection, id)
  ) WITHOUT ROWID;
`;

/**
 * `snapshot_messages` holds what was not acknowledged when the snapshot was made; everything after `last_seq` belongs
 * to it too.
 */
const ADMINISTRATION = `
  CREATE TABLE snapshots (name TEXT PRIMARY KEY, topic TEXT NOT NULL, last_seq INTEGER NOT NULL, expires_at INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE snapshot_messages (snapshot TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (snapshot, seq)) WITHOUT ROWID;
  CREATE TABLE paused_queues (queue TEXT PRIMARY KEY) WITHOUT ROWID;
`;

/**
 * Documents in the order of their creation, found by a small index. Before, they were a B-tree of their ids. Every
 * document was written to a page of its own, and pages of five rows split all the time: half of all bytes that went to
 * the disk.
 */
const DOCUMENTS_IN_ORDER = `
  ALTER TABLE documents RENAME TO documents_by_id;
  CREATE TABLE documents (
    seq INTEGER PRIMARY KEY,
    collection TEXT NOT NULL,
    id TEXT NOT NULL,
    version TEXT NOT NULL,
    data TEXT NOT NULL,
    UNIQUE (collection, id)
  );
  INSERT INTO documents (collection, id, version, data) SELECT collection, id, version, data FROM documents_by_id;
  DROP TABLE documents_by_id;
`;

/** What each version added to the one before. A store is brought up to date when it is opened. */
export const SCHEMA_STEPS: readonly string[] = [TABLES, ADMINISTRATION, DOCUMENTS_IN_ORDER];

/** Stored as PRAGMA user_version. */
export const SCHEMA_VERSION = SCHEMA_STEPS.length;
