CREATE TABLE store ( -- The store itself: one row.
  singleton  INTEGER NOT NULL PRIMARY KEY CHECK (singleton = 1), -- Always 1.
  id         TEXT NOT NULL, -- The store's own id.
  format     TEXT NOT NULL CHECK (format IN ('sha1', 'sha256')), -- The hash function of its object database.
  created    INTEGER NOT NULL, -- When it was created.
  fence      INTEGER NOT NULL DEFAULT 0 -- Counted up to overwrite a group whose outcome was in doubt.
) STRICT;

CREATE TABLE settings ( -- Settings of the store.
  key        TEXT NOT NULL PRIMARY KEY, -- The setting's name.
  value      TEXT NOT NULL -- Its value, JSON.
) STRICT, WITHOUT ROWID;

CREATE TABLE workspaces ( -- Named codebases.
  id             TEXT NOT NULL PRIMARY KEY, -- `w_` and sixteen characters; never reused.
  name           TEXT NOT NULL, -- Unique among the workspaces that are not deleted.
  description    TEXT NOT NULL, -- For people; may be empty.
  default_branch BLOB NOT NULL, -- The full ref of the default branch.
  created        INTEGER NOT NULL, -- When it was created; fixed.
  deleted        INTEGER, -- When it was deleted, if it waits to be purged.
  parent         TEXT REFERENCES workspaces (id), -- The workspace it was forked from; fixed.
  parent_version INTEGER, -- The parent's version at the fork; fixed.
  parent_commit  BLOB, -- The commit of that version; fixed.
  in_place       INTEGER NOT NULL CHECK (in_place IN (0, 1)), -- 1 for the workspace of the repository's own refs.
  settings       TEXT NOT NULL, -- Free-form settings, JSON.
  version_base   INTEGER NOT NULL, -- Its first own version is this plus one; fixed.
  CHECK ((parent IS NULL) = (parent_version IS NULL) AND (parent IS NULL) = (parent_commit IS NULL))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX workspaces_live_name ON workspaces (name) WHERE deleted IS NULL;
CREATE INDEX workspaces_name ON workspaces (name, id);
CREATE INDEX workspaces_parent ON workspaces (parent) WHERE parent IS NOT NULL;

CREATE TABLE refs ( -- The truth about refs, and what of it is on disk.
  workspace  TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE, -- Whose ref it is.
  name       BLOB NOT NULL, -- The full name.
  target     BLOB, -- The object it names; NULL once it is removed, until the projection has followed.
  projected  BLOB, -- What was last written to the Git ref on disk; NULL where nothing is.
  PRIMARY KEY (workspace, name),
  CHECK (target IS NOT NULL OR projected IS NOT NULL)
) STRICT, WITHOUT ROWID;
CREATE INDEX refs_unprojected ON refs (workspace, name) WHERE target IS NOT projected;

CREATE TABLE versions ( -- Landed states, numbered without gaps from `version_base` on.
  workspace  TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE, -- Whose version it is.
  number     INTEGER NOT NULL, -- `v1` is 1.
  commit_id  BLOB NOT NULL, -- The commit it names.
  tree_id    BLOB NOT NULL, -- That commit's tree.
  branch     BLOB NOT NULL, -- The full ref of the branch it landed on.
  parent     BLOB, -- The commit it followed.
  kind       TEXT NOT NULL, -- `import`, `land`, `push`, `undo`, `merge`, `fork`, …
  session    TEXT, -- The session that landed it.
  agent      TEXT NOT NULL, -- The agent that landed it; may be empty.
  intent     TEXT NOT NULL, -- What it was for; may be empty.
  author     BLOB NOT NULL, -- The author as the commit names it.
  message    BLOB NOT NULL, -- The first line of the commit's message.
  at         INTEGER NOT NULL, -- When it landed.
  PRIMARY KEY (workspace, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX versions_commit ON versions (workspace, commit_id, number);
CREATE INDEX versions_branch ON versions (workspace, branch, number);

CREATE TABLE sessions ( -- Sessions at rest; their live edits are in the journal.
  id           TEXT NOT NULL PRIMARY KEY, -- `s_` and sixteen characters; never reused.
  workspace    TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE, -- The workspace it edits.
  branch       BLOB NOT NULL, -- The full ref of the branch it submits to.
  agent        TEXT NOT NULL, -- The agent that works in it.
  intent       TEXT NOT NULL, -- What it is for; may be empty.
  owner        TEXT NOT NULL, -- Who opened it.
  state        TEXT NOT NULL CHECK (state IN ('active', 'paused', 'closed', 'expired')), -- Where it is in its life.
  durability   TEXT NOT NULL CHECK (durability IN ('journal', 'memory')), -- What it promises about uncommitted edits.
  base_commit  BLOB NOT NULL, -- The commit its overlay stands on.
  base_tree    BLOB NOT NULL, -- That commit's tree.
  base_version INTEGER, -- That commit's version, where it is one.
  tip_commit   BLOB, -- The newest turn commit.
  tip_tree     BLOB, -- That commit's tree.
  turn         INTEGER NOT NULL, -- The number of turns ended.
  applied_seq  INTEGER NOT NULL, -- The journal sequence number up to which the tip contains every edit.
  landed       TEXT, -- What carrying over writes made during a landing needs, JSON.
  token_hash   BLOB, -- The hash of the token that opening it returned.
  created      INTEGER NOT NULL, -- When it was opened.
  touched      INTEGER NOT NULL, -- When it was last used.
  expires      INTEGER NOT NULL, -- When it expires unless used.
  ttl_ms       INTEGER NOT NULL, -- How far a use moves the expiry, in milliseconds.
  quota        INTEGER NOT NULL, -- How many bytes its overlay may take.
  moves        TEXT NOT NULL, -- The recorded moves, JSON.
  conflicts    TEXT NOT NULL, -- The pending conflicts, JSON.
  extra        TEXT NOT NULL -- Anything further, JSON.
) STRICT;
CREATE INDEX sessions_workspace ON sessions (workspace, id);
CREATE INDEX sessions_open ON sessions (id) WHERE state IN ('active', 'paused');
CREATE INDEX sessions_open_workspace ON sessions (workspace, id) WHERE state IN ('active', 'paused');

CREATE TABLE operations ( -- The operation log of each workspace, numbered without gaps from 1.
  workspace  TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE, -- Whose operation it is.
  number     INTEGER NOT NULL, -- Given in the transaction.
  kind       TEXT NOT NULL, -- What was done.
  actor      TEXT NOT NULL, -- Who did it.
  at         INTEGER NOT NULL, -- When.
  before     TEXT NOT NULL, -- The state before, JSON.
  after      TEXT NOT NULL, -- The state after, JSON.
  undoes     INTEGER, -- The operation of the same workspace that this one undoes.
  detail     TEXT NOT NULL, -- Anything further, JSON.
  PRIMARY KEY (workspace, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE events ( -- The stream of durable facts of each workspace, numbered without gaps from 1.
  workspace  TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE, -- Whose stream it is in.
  number     INTEGER NOT NULL, -- Given in the transaction.
  kind       TEXT NOT NULL, -- What happened.
  at         INTEGER NOT NULL, -- When.
  payload    TEXT NOT NULL, -- What a watcher is told, JSON.
  PRIMARY KEY (workspace, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE tokens ( -- Tokens by the hash of their secret.
  hash       BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32), -- The hash; the secret is nowhere.
  scope_kind TEXT NOT NULL CHECK (scope_kind IN ('store', 'workspace', 'session')), -- What kind of thing it opens.
  scope_id   TEXT NOT NULL, -- Which; empty for the store. Need not exist.
  rights     INTEGER NOT NULL, -- Rights as bits.
  label      TEXT NOT NULL, -- For people; may be empty.
  created    INTEGER NOT NULL, -- When it was made.
  expires    INTEGER -- When it stops to work, if ever.
) STRICT, WITHOUT ROWID;
CREATE INDEX tokens_scope ON tokens (scope_kind, scope_id, hash);

CREATE TABLE idempotency ( -- Answers given to requests with an idempotency key.
  caller     TEXT NOT NULL, -- Who sent the request.
  workspace  TEXT NOT NULL, -- The workspace it was sent to; empty for none. Outlives the workspace.
  key        TEXT NOT NULL, -- The key.
  body_hash  BLOB NOT NULL CHECK (length(body_hash) = 32), -- The hash of the request's body.
  answer     TEXT NOT NULL, -- The answer, JSON.
  status     INTEGER NOT NULL, -- The answer's status as the door gave it.
  created    INTEGER NOT NULL, -- When.
  PRIMARY KEY (caller, workspace, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_created ON idempotency (created);

CREATE TABLE submissions ( -- Submissions and what came of them; they outlive their session.
  id         TEXT NOT NULL PRIMARY KEY, -- Unique in the store.
  workspace  TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE, -- Where it was submitted.
  session    TEXT NOT NULL, -- Who submitted it.
  state      TEXT NOT NULL, -- `waiting`, `landed`, `conflict`, `rejected`, …
  answer     TEXT NOT NULL, -- The answer so far, JSON.
  created    INTEGER NOT NULL, -- When it was submitted.
  finished   INTEGER -- When it was decided.
) STRICT;
CREATE INDEX submissions_workspace ON submissions (workspace);
CREATE INDEX submissions_session ON submissions (session, id);

CREATE TABLE changes ( -- What turns and landings changed, by commit; shared by workspaces, so it outlives them.
  commit_id  BLOB NOT NULL PRIMARY KEY, -- The commit that names the change.
  body       TEXT NOT NULL -- Paths, hunks, symbols, moves, author, session, intent, JSON.
) STRICT;
