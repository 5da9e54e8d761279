-- The evidence log: entries, the Merkle tree over them, and its signed heads.
create schema evidence;

-- One log at a time. Another begins only when a restore fell behind a checkpoint that is out.
create table evidence.log (
  id integer generated always as identity primary key,
  origin text not null unique,
  verifier_key text not null,
  signing_key uuid not null,
  size bigint not null default 0 check (size >= 0),
  root bytea not null,
  started_at timestamptz not null,
  ended_at timestamptz
);

create unique index log_current on evidence.log ((true)) where ended_at is null;

-- Entries as they were appended, one row for those of one call, kept as an entry bundle
-- (c2sp.org/tlog-tiles) and written once. A row without first_index waits for its place in the log;
-- what the sealing needs of it is dropped then.
create table evidence.batch (
  id bigint generated always as identity primary key,
  log_id integer references evidence.log (id),
  first_index bigint,
  entry_count integer not null check (entry_count between 1 and 1024),
  entries bytea not null,
  leaf_hashes bytea,
  earliest_at timestamptz not null,
  latest_at timestamptz not null,
  check ((log_id is null) = (first_index is null)),
  check (first_index is not null or leaf_hashes is not null)
);

-- Entries are JSON of a few hundred bytes: what compression saves is less than what it costs.
alter table evidence.batch alter column entries set storage external;
alter table evidence.batch alter column leaf_hashes set storage external;

create index batch_pending on evidence.batch (id) where first_index is null;
create unique index batch_sealed on evidence.batch (log_id, first_index)
  where first_index is not null;

-- What batches are found by: a 53-bit hash of a subject, kind or actor. Hashes may collide, so what
-- is found is checked against the entries themselves.
create table evidence.term (
  term bigint not null,
  batch_id bigint not null,
  primary key (term, batch_id)
);

-- Only the longest state of a tile is kept: a partial tile is the beginning of it.
create table evidence.tile (
  log_id integer not null references evidence.log (id),
  level smallint not null,
  index bigint not null,
  hashes bytea not null check (length(hashes) % 32 = 0 and length(hashes) <= 8192),
  primary key (log_id, level, index)
);

alter table evidence.tile alter column hashes set storage external;

create table evidence.checkpoint (
  log_id integer not null references evidence.log (id),
  size bigint not null,
  root bytea not null,
  note text not null,
  signed_at timestamptz not null,
  primary key (log_id, size)
);

-- Bulky evidence by the digest of its bytes. Erasing it leaves the row without its parts.
create table evidence.attachment (
  sha256 bytea primary key check (length(sha256) = 32),
  size bigint not null,
  media_type text not null,
  stored_at timestamptz not null,
  erased_at timestamptz
);

create table evidence.attachment_part (
  sha256 bytea not null references evidence.attachment (sha256),
  part integer not null,
  content bytea not null,
  primary key (sha256, part)
);

-- Which entries name it.
create table evidence.attachment_use (
  sha256 bytea not null references evidence.attachment (sha256),
  batch_id bigint not null references evidence.batch (id),
  primary key (sha256, batch_id)
);

-- Where checkpoints go, outside the house, and how far each place is.
create table evidence.publication (
  id uuid primary key,
  target text not null,
  added_at timestamptz not null,
  removed_at timestamptz,
  log_id integer references evidence.log (id),
  size bigint,
  published_at timestamptz,
  failures integer not null default 0,
  next_attempt_at timestamptz not null,
  problem text
);

create unique index publication_target on evidence.publication (target) where removed_at is null;

-- Every checkpoint that was handed out, to which place.
create table evidence.published (
  publication_id uuid not null references evidence.publication (id),
  log_id integer not null references evidence.log (id),
  size bigint not null,
  published_at timestamptz not null,
  primary key (publication_id, log_id, size)
);
