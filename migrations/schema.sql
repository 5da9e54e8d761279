-- What the migrations make, in alphabetical order: for reading and review, not for running.
-- Written by tools/dump-schema.ts; a test fails when it is behind the migrations.

create table evidence.attachment (
  sha256 bytea not null,
  size bigint not null,
  media_type text not null,
  stored_at timestamp with time zone not null,
  erased_at timestamp with time zone,
  constraint attachment_sha256_check CHECK ((length(sha256) = 32)),
  constraint attachment_pkey PRIMARY KEY (sha256)
);

create table evidence.attachment_part (
  sha256 bytea not null,
  part integer not null,
  content bytea not null,
  constraint attachment_part_sha256_fkey FOREIGN KEY (sha256) REFERENCES evidence.attachment(sha256),
  constraint attachment_part_pkey PRIMARY KEY (sha256, part)
);

create table evidence.batch (
  id bigint generated always as identity not null,
  log_id integer,
  first_index bigint,
  entry_count integer not null,
  entries bytea not null,
  leaf_hashes bytea,
  terms text[],
  earliest_at timestamp with time zone not null,
  latest_at timestamp with time zone not null,
  constraint batch_check CHECK (((log_id IS NULL) = (first_index IS NULL))),
  constraint batch_check1 CHECK (((first_index IS NOT NULL) OR ((leaf_hashes IS NOT NULL) AND (terms IS NOT NULL)))),
  constraint batch_entry_count_check CHECK (((entry_count >= 1) AND (entry_count <= 1024))),
  constraint batch_log_id_fkey FOREIGN KEY (log_id) REFERENCES evidence.log(id),
  constraint batch_pkey PRIMARY KEY (id)
);

create table evidence.checkpoint (
  log_id integer not null,
  size bigint not null,
  root bytea not null,
  note text not null,
  signed_at timestamp with time zone not null,
  constraint checkpoint_log_id_fkey FOREIGN KEY (log_id) REFERENCES evidence.log(id),
  constraint checkpoint_pkey PRIMARY KEY (log_id, size)
);

create table evidence.log (
  id integer generated always as identity not null,
  origin text not null,
  verifier_key text not null,
  signing_key uuid not null,
  size bigint default 0 not null,
  root bytea not null,
  started_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  constraint log_size_check CHECK ((size >= 0)),
  constraint log_pkey PRIMARY KEY (id),
  constraint log_origin_key UNIQUE (origin)
);

create table evidence.publication (
  id uuid not null,
  target text not null,
  added_at timestamp with time zone not null,
  removed_at timestamp with time zone,
  log_id integer,
  size bigint,
  published_at timestamp with time zone,
  failures integer default 0 not null,
  next_attempt_at timestamp with time zone not null,
  problem text,
  constraint publication_log_id_fkey FOREIGN KEY (log_id) REFERENCES evidence.log(id),
  constraint publication_pkey PRIMARY KEY (id)
);

create table evidence.published (
  publication_id uuid not null,
  log_id integer not null,
  size bigint not null,
  published_at timestamp with time zone not null,
  constraint published_log_id_fkey FOREIGN KEY (log_id) REFERENCES evidence.log(id),
  constraint published_publication_id_fkey FOREIGN KEY (publication_id) REFERENCES evidence.publication(id),
  constraint published_pkey PRIMARY KEY (publication_id, log_id, size)
);

create table evidence.term (
  term text not null,
  log_id integer not null,
  first_index bigint not null,
  constraint term_pkey PRIMARY KEY (term, log_id, first_index)
);

create table evidence.tile (
  log_id integer not null,
  level smallint not null,
  index bigint not null,
  hashes bytea not null,
  constraint tile_hashes_check CHECK ((((length(hashes) % 32) = 0) AND (length(hashes) <= 8192))),
  constraint tile_log_id_fkey FOREIGN KEY (log_id) REFERENCES evidence.log(id),
  constraint tile_pkey PRIMARY KEY (log_id, level, index)
);

create table platform.installation (
  one boolean default true not null,
  id uuid not null,
  created_at timestamp with time zone default now() not null,
  constraint installation_one_check CHECK (one),
  constraint installation_pkey PRIMARY KEY (one)
);

create table platform.secret (
  id uuid not null,
  purpose text not null,
  key_id text not null,
  wrapped_key bytea not null,
  sealed bytea not null,
  created_at timestamp with time zone default now() not null,
  constraint secret_pkey PRIMARY KEY (id)
);

create table platform.setting (
  key text not null,
  value jsonb not null,
  changed_at timestamp with time zone default now() not null,
  constraint setting_pkey PRIMARY KEY (key)
);

CREATE INDEX batch_pending ON evidence.batch USING btree (id) WHERE (first_index IS NULL);

CREATE UNIQUE INDEX batch_sealed ON evidence.batch USING btree (log_id, first_index) WHERE (first_index IS NOT NULL);

CREATE UNIQUE INDEX log_current ON evidence.log USING btree ((true)) WHERE (ended_at IS NULL);

CREATE UNIQUE INDEX publication_target ON evidence.publication USING btree (target) WHERE (removed_at IS NULL);

CREATE INDEX secret_key_id ON platform.secret USING btree (key_id);
