-- What the migrations make, in alphabetical order: for reading and review, not for running.
-- Written by tools/dump-schema.ts; a test fails when it is behind the migrations.

create table components.catalogue (
  image_number integer not null,
  digest bytea not null,
  body bytea not null,
  read_at timestamp with time zone not null,
  constraint catalogue_pkey PRIMARY KEY (image_number)
);

create table components.component (
  number integer generated always as identity not null,
  id uuid not null,
  purl text not null,
  purl_sha256 bytea not null,
  type text not null,
  namespace text,
  name text not null,
  version text not null,
  licences text[] default '{}'::text[] not null,
  source_name text,
  source_version text,
  first_seen_at timestamp with time zone not null,
  constraint component_pkey PRIMARY KEY (number),
  constraint component_id_key UNIQUE (id),
  constraint component_purl_sha256_key UNIQUE (purl_sha256)
);

create table components.image_component (
  image_number integer not null,
  component_number integer not null,
  constraint image_component_pkey PRIMARY KEY (image_number, component_number)
);

create table components.layer (
  key text not null,
  body bytea not null,
  used_at timestamp with time zone not null,
  constraint layer_pkey PRIMARY KEY (key)
);

create table components.stated_sbom (
  id uuid not null,
  image_id uuid not null,
  author text not null,
  format text not null,
  component_count integer not null,
  digest bytea not null,
  body bytea not null,
  at timestamp with time zone not null,
  evidence_id text,
  constraint stated_sbom_pkey PRIMARY KEY (id)
);

create table connections.connection (
  id uuid not null,
  kind text not null,
  name text not null,
  settings jsonb not null,
  secret_id uuid,
  every_seconds integer not null,
  follows boolean not null,
  paused boolean default false not null,
  sample boolean default false not null,
  created_at timestamp with time zone not null,
  removed_at timestamp with time zone,
  last_good_at timestamp with time zone,
  last_good_run uuid,
  following_since timestamp with time zone,
  last_evidence_id text,
  last_event_at timestamp with time zone,
  last_event_key text,
  stopped_reason text,
  stopped_at timestamp with time zone,
  next_sync_at timestamp with time zone not null,
  watched_until timestamp with time zone,
  constraint connection_pkey PRIMARY KEY (id)
);

create table connections.gap (
  connection_id uuid not null,
  from_at timestamp with time zone not null,
  to_at timestamp with time zone not null,
  reason text not null,
  constraint gap_connection_id_fkey FOREIGN KEY (connection_id) REFERENCES connections.connection(id),
  constraint gap_pkey PRIMARY KEY (connection_id, from_at)
);

create table connections.sync_run (
  id uuid not null,
  connection_id uuid not null,
  number integer not null,
  state text not null,
  started_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  parts jsonb default '[]'::jsonb not null,
  problems jsonb default '[]'::jsonb not null,
  appeared integer default 0 not null,
  changed integer default 0 not null,
  gone integer default 0 not null,
  complete text[] default '{}'::text[] not null,
  evidence_id text,
  constraint sync_run_state_check CHECK ((state = ANY (ARRAY['running'::text, 'good'::text, 'partial'::text, 'failed'::text]))),
  constraint sync_run_connection_id_fkey FOREIGN KEY (connection_id) REFERENCES connections.connection(id),
  constraint sync_run_pkey PRIMARY KEY (id),
  constraint sync_run_connection_id_number_key UNIQUE (connection_id, number)
);

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

create table evidence.attachment_use (
  sha256 bytea not null,
  batch_id bigint not null,
  constraint attachment_use_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES evidence.batch(id),
  constraint attachment_use_sha256_fkey FOREIGN KEY (sha256) REFERENCES evidence.attachment(sha256),
  constraint attachment_use_pkey PRIMARY KEY (sha256, batch_id)
);

create table evidence.batch (
  id bigint generated always as identity not null,
  log_id integer,
  first_index bigint,
  entry_count integer not null,
  entries bytea not null,
  leaf_hashes bytea,
  earliest_at timestamp with time zone not null,
  latest_at timestamp with time zone not null,
  constraint batch_check CHECK (((log_id IS NULL) = (first_index IS NULL))),
  constraint batch_check1 CHECK (((first_index IS NOT NULL) OR (leaf_hashes IS NOT NULL))),
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
  term bigint not null,
  batch_id bigint not null,
  constraint term_pkey PRIMARY KEY (term, batch_id)
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

create table inventory.container (
  id uuid not null,
  workload_id uuid not null,
  host_id uuid not null,
  connection_id uuid not null,
  key text not null,
  name text not null,
  image_id uuid,
  image_name text not null,
  state text not null,
  exit_code integer,
  created_at timestamp with time zone,
  started_at timestamp with time zone,
  ended_at timestamp with time zone,
  sort_at timestamp with time zone not null,
  privileged boolean,
  exposed boolean,
  facts jsonb,
  facts_digest bytea not null,
  first_seen_at timestamp with time zone not null,
  gone_at timestamp with time zone,
  sample boolean default false not null,
  written_at timestamp with time zone,
  constraint container_host_id_fkey FOREIGN KEY (host_id) REFERENCES inventory.host(id),
  constraint container_image_id_fkey FOREIGN KEY (image_id) REFERENCES inventory.image(id),
  constraint container_workload_id_fkey FOREIGN KEY (workload_id) REFERENCES inventory.workload(id),
  constraint container_pkey PRIMARY KEY (id),
  constraint container_host_id_key_key UNIQUE (host_id, key)
);

create table inventory.cpu_hour (
  container_id uuid not null,
  hour timestamp with time zone not null,
  total_ns bigint not null,
  read_at timestamp with time zone not null,
  constraint cpu_hour_container_id_fkey FOREIGN KEY (container_id) REFERENCES inventory.container(id) ON DELETE CASCADE,
  constraint cpu_hour_pkey PRIMARY KEY (container_id, hour)
);

create table inventory.daily_count (
  day date not null,
  running integer not null,
  unowned integer not null,
  not_catalogued integer not null,
  started integer default 0 not null,
  ended integer default 0 not null,
  sample boolean default false not null,
  constraint daily_count_pkey PRIMARY KEY (day, sample)
);

create table inventory.event (
  id uuid not null,
  connection_id uuid not null,
  key text not null,
  at timestamp with time zone not null,
  action text not null,
  container_id uuid,
  host_id uuid,
  detail text,
  constraint event_container_id_fkey FOREIGN KEY (container_id) REFERENCES inventory.container(id) ON DELETE CASCADE,
  constraint event_host_id_fkey FOREIGN KEY (host_id) REFERENCES inventory.host(id) ON DELETE CASCADE,
  constraint event_pkey PRIMARY KEY (id),
  constraint event_connection_id_key_key UNIQUE (connection_id, key)
);

create table inventory.fact_history (
  thing_id uuid not null,
  from_at timestamp with time zone not null,
  to_at timestamp with time zone,
  facts jsonb not null,
  constraint fact_history_pkey PRIMARY KEY (thing_id, from_at)
);

create table inventory.host (
  id uuid not null,
  connection_id uuid not null,
  key text not null,
  name text not null,
  engine text not null,
  environment text,
  facts jsonb not null,
  first_seen_at timestamp with time zone not null,
  gone_at timestamp with time zone,
  sample boolean default false not null,
  constraint host_pkey PRIMARY KEY (id),
  constraint host_connection_id_key_key UNIQUE (connection_id, key)
);

create table inventory.image (
  id uuid not null,
  number integer generated always as identity not null,
  config_digest text,
  name text not null,
  platform text,
  size_bytes bigint default 0 not null,
  created_at timestamp with time zone,
  labels jsonb default '{}'::jsonb not null,
  diff_ids text[] default '{}'::text[] not null,
  first_seen_at timestamp with time zone not null,
  catalogue_state text default 'waiting'::text not null,
  catalogue_error text,
  catalogue_tries integer default 0 not null,
  catalogue_due_at timestamp with time zone,
  catalogued_at timestamp with time zone,
  catalogue_evidence_id text,
  component_count integer,
  executable_count integer,
  unexplained_count integer,
  problem_count integer,
  os text,
  sample boolean default false not null,
  constraint image_catalogue_state_check CHECK ((catalogue_state = ANY (ARRAY['waiting'::text, 'reading'::text, 'complete'::text, 'partial'::text, 'failed'::text, 'unreachable'::text]))),
  constraint image_pkey PRIMARY KEY (id),
  constraint image_config_digest_key UNIQUE (config_digest),
  constraint image_number_key UNIQUE (number)
);

create table inventory.image_digest (
  digest text not null,
  image_id uuid not null,
  kind text not null,
  constraint image_digest_kind_check CHECK ((kind = ANY (ARRAY['config'::text, 'manifest'::text, 'index'::text]))),
  constraint image_digest_image_id_fkey FOREIGN KEY (image_id) REFERENCES inventory.image(id) ON DELETE CASCADE,
  constraint image_digest_pkey PRIMARY KEY (digest, image_id)
);

create table inventory.image_place (
  id uuid not null,
  image_id uuid not null,
  connection_id uuid not null,
  place text not null,
  key text not null,
  first_seen_at timestamp with time zone not null,
  gone_at timestamp with time zone,
  constraint image_place_image_id_fkey FOREIGN KEY (image_id) REFERENCES inventory.image(id) ON DELETE CASCADE,
  constraint image_place_pkey PRIMARY KEY (id)
);

create table inventory.repository (
  id uuid not null,
  connection_id uuid not null,
  key text not null,
  name text not null,
  environment text,
  first_seen_at timestamp with time zone not null,
  gone_at timestamp with time zone,
  sample boolean default false not null,
  constraint repository_pkey PRIMARY KEY (id),
  constraint repository_connection_id_key_key UNIQUE (connection_id, key)
);

create table inventory.tag (
  connection_id uuid not null,
  place text not null,
  name text not null,
  digest text not null,
  from_at timestamp with time zone not null,
  to_at timestamp with time zone,
  constraint tag_pkey PRIMARY KEY (connection_id, place, name, from_at)
);

create table inventory.workload (
  id uuid not null,
  connection_id uuid not null,
  key text not null,
  kind text not null,
  name text not null,
  environment text,
  owner_kind text,
  owner_id uuid,
  owner_name text,
  owner_because text,
  owner_since timestamp with time zone,
  owner_due boolean default true not null,
  first_seen_at timestamp with time zone not null,
  sample boolean default false not null,
  constraint workload_kind_check CHECK ((kind = ANY (ARRAY['container'::text, 'pod-container'::text, 'virtual-machine'::text, 'function'::text]))),
  constraint workload_owner_kind_check CHECK ((owner_kind = ANY (ARRAY['team'::text, 'user'::text]))),
  constraint workload_pkey PRIMARY KEY (id),
  constraint workload_connection_id_key_key UNIQUE (connection_id, key)
);

create table notifications.channel (
  id uuid not null,
  kind text not null,
  name text not null,
  settings jsonb not null,
  secret_id uuid,
  severity_min text not null,
  enabled boolean default true not null,
  created_at timestamp with time zone not null,
  removed_at timestamp with time zone,
  constraint channel_kind_check CHECK ((kind = ANY (ARRAY['smtp'::text, 'webhook'::text]))),
  constraint channel_severity_min_check CHECK ((severity_min = ANY (ARRAY['info'::text, 'warning'::text, 'critical'::text]))),
  constraint channel_pkey PRIMARY KEY (id)
);

create table notifications.delivery (
  number bigint generated always as identity not null,
  id uuid default gen_random_uuid() not null,
  notice_number bigint not null,
  channel_id uuid not null,
  state text default 'waiting'::text not null,
  tries integer default 0 not null,
  next_at timestamp with time zone not null,
  last_error text,
  created_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  constraint delivery_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'delivered'::text, 'parked'::text]))),
  constraint delivery_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES notifications.channel(id),
  constraint delivery_notice_number_fkey FOREIGN KEY (notice_number) REFERENCES notifications.notice(number) ON DELETE CASCADE,
  constraint delivery_pkey PRIMARY KEY (number),
  constraint delivery_id_key UNIQUE (id),
  constraint delivery_notice_number_channel_id_key UNIQUE (notice_number, channel_id)
);

create table notifications.inbox_entry (
  user_id uuid not null,
  notice_number bigint not null,
  read_at timestamp with time zone,
  constraint inbox_entry_notice_number_fkey FOREIGN KEY (notice_number) REFERENCES notifications.notice(number) ON DELETE CASCADE,
  constraint inbox_entry_pkey PRIMARY KEY (user_id, notice_number)
);

create table notifications.notice (
  number bigint generated always as identity not null,
  id uuid default gen_random_uuid() not null,
  key text not null,
  kind text not null,
  severity text not null,
  title text not null,
  body text not null,
  link text not null,
  times integer default 1 not null,
  first_at timestamp with time zone not null,
  last_at timestamp with time zone not null,
  constraint notice_severity_check CHECK ((severity = ANY (ARRAY['info'::text, 'warning'::text, 'critical'::text]))),
  constraint notice_pkey PRIMARY KEY (number),
  constraint notice_id_key UNIQUE (id)
);

create table ownership.rule (
  id uuid not null,
  "position" integer not null,
  label text,
  image_path text,
  connection_id uuid,
  name_pattern text,
  owner_kind text not null,
  owner_id uuid not null,
  constraint rule_owner_kind_check CHECK ((owner_kind = ANY (ARRAY['team'::text, 'user'::text]))),
  constraint rule_pkey PRIMARY KEY (id),
  constraint rule_position_key UNIQUE ("position")
);

create table ownership.team (
  id uuid not null,
  name text not null,
  created_at timestamp with time zone not null,
  constraint team_pkey PRIMARY KEY (id)
);

create table ownership.team_member (
  team_id uuid not null,
  user_id uuid not null,
  constraint team_member_team_id_fkey FOREIGN KEY (team_id) REFERENCES ownership.team(id) ON DELETE CASCADE,
  constraint team_member_pkey PRIMARY KEY (team_id, user_id)
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

create table sample.load (
  only_one boolean default true not null,
  loaded_at timestamp with time zone not null,
  constraint load_only_one_check CHECK (only_one),
  constraint load_pkey PRIMARY KEY (only_one)
);

create table sign_in.api_token (
  id uuid not null,
  user_id uuid not null,
  name text not null,
  role text not null,
  secret_hash bytea not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  last_used_at timestamp with time zone,
  revoked_at timestamp with time zone,
  constraint api_token_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'operator'::text, 'viewer'::text, 'auditor'::text]))),
  constraint api_token_user_id_fkey FOREIGN KEY (user_id) REFERENCES sign_in.app_user(id) ON DELETE CASCADE,
  constraint api_token_pkey PRIMARY KEY (id),
  constraint api_token_secret_hash_key UNIQUE (secret_hash)
);

create table sign_in.app_user (
  id uuid not null,
  email text not null,
  name text not null,
  role text not null,
  state text not null,
  password_hash text,
  created_at timestamp with time zone not null,
  last_seen_at timestamp with time zone,
  constraint app_user_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'operator'::text, 'viewer'::text, 'auditor'::text]))),
  constraint app_user_state_check CHECK ((state = ANY (ARRAY['active'::text, 'invited'::text, 'disabled'::text]))),
  constraint app_user_pkey PRIMARY KEY (id)
);

create table sign_in.challenge (
  challenge text not null,
  user_id uuid,
  expires_at timestamp with time zone not null,
  constraint challenge_user_id_fkey FOREIGN KEY (user_id) REFERENCES sign_in.app_user(id) ON DELETE CASCADE,
  constraint challenge_pkey PRIMARY KEY (challenge)
);

create table sign_in.one_time_link (
  token_hash bytea not null,
  purpose text not null,
  user_id uuid,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  used_at timestamp with time zone,
  constraint one_time_link_purpose_check CHECK ((purpose = ANY (ARRAY['set-up'::text, 'owner'::text, 'invitation'::text]))),
  constraint one_time_link_user_id_fkey FOREIGN KEY (user_id) REFERENCES sign_in.app_user(id) ON DELETE CASCADE,
  constraint one_time_link_pkey PRIMARY KEY (token_hash)
);

create table sign_in.passkey (
  id text not null,
  user_id uuid not null,
  name text not null,
  public_key bytea not null,
  counter bigint not null,
  transports text[] not null,
  created_at timestamp with time zone not null,
  last_used_at timestamp with time zone,
  constraint passkey_user_id_fkey FOREIGN KEY (user_id) REFERENCES sign_in.app_user(id) ON DELETE CASCADE,
  constraint passkey_pkey PRIMARY KEY (id)
);

create table sign_in.session (
  id_hash bytea not null,
  user_id uuid not null,
  created_at timestamp with time zone not null,
  last_seen_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  previous_visit_at timestamp with time zone,
  constraint session_user_id_fkey FOREIGN KEY (user_id) REFERENCES sign_in.app_user(id) ON DELETE CASCADE,
  constraint session_pkey PRIMARY KEY (id_hash)
);

create table uploads.upload (
  id uuid not null,
  name text not null,
  size_bytes bigint not null,
  digest bytea not null,
  actor text not null,
  about_image_id uuid,
  kind text,
  state text not null,
  message text,
  image_ids uuid[] default '{}'::uuid[] not null,
  problems jsonb default '[]'::jsonb not null,
  tries integer default 0 not null,
  received_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  evidence_id text,
  constraint upload_kind_check CHECK ((kind = ANY (ARRAY['docker-archive'::text, 'oci-archive'::text, 'sbom'::text]))),
  constraint upload_state_check CHECK ((state = ANY (ARRAY['received'::text, 'reading'::text, 'done'::text, 'failed'::text]))),
  constraint upload_pkey PRIMARY KEY (id)
);

CREATE INDEX component_name ON components.component USING btree (lower(name) text_pattern_ops, number);

CREATE INDEX component_type ON components.component USING btree (type, number);

CREATE INDEX image_component_component ON components.image_component USING btree (component_number, image_number);

CREATE INDEX layer_used ON components.layer USING btree (used_at);

CREATE INDEX stated_sbom_image ON components.stated_sbom USING btree (image_id, at DESC);

CREATE UNIQUE INDEX connection_name ON connections.connection USING btree (lower(name)) WHERE (removed_at IS NULL);

CREATE INDEX batch_pending ON evidence.batch USING btree (id) WHERE (first_index IS NULL);

CREATE UNIQUE INDEX batch_sealed ON evidence.batch USING btree (log_id, first_index) WHERE (first_index IS NOT NULL);

CREATE UNIQUE INDEX log_current ON evidence.log USING btree ((true)) WHERE (ended_at IS NULL);

CREATE UNIQUE INDEX publication_target ON evidence.publication USING btree (target) WHERE (removed_at IS NULL);

CREATE INDEX container_all ON inventory.container USING btree (sort_at DESC, id DESC);

CREATE INDEX container_connection ON inventory.container USING btree (connection_id);

CREATE INDEX container_ended ON inventory.container USING btree (ended_at DESC) WHERE (ended_at IS NOT NULL);

CREATE INDEX container_image ON inventory.container USING btree (image_id) WHERE ((gone_at IS NULL) AND (state = ANY (ARRAY['running'::text, 'paused'::text, 'restarting'::text])));

CREATE INDEX container_image_any ON inventory.container USING btree (image_id);

CREATE INDEX container_name ON inventory.container USING btree (lower(name) text_pattern_ops);

CREATE INDEX container_running ON inventory.container USING btree (sort_at DESC, id DESC) WHERE ((gone_at IS NULL) AND (state = ANY (ARRAY['running'::text, 'paused'::text, 'restarting'::text])));

CREATE INDEX container_running_workload ON inventory.container USING btree (workload_id) INCLUDE (privileged, exposed) WHERE ((gone_at IS NULL) AND (state = ANY (ARRAY['running'::text, 'paused'::text, 'restarting'::text])));

CREATE INDEX container_workload ON inventory.container USING btree (workload_id);

CREATE INDEX event_at ON inventory.event USING btree (at DESC);

CREATE INDEX event_container ON inventory.event USING btree (container_id, at DESC, id DESC);

CREATE INDEX image_base ON inventory.image USING gin (diff_ids);

CREATE INDEX image_catalogue_due ON inventory.image USING btree (catalogue_due_at) WHERE (catalogue_due_at IS NOT NULL);

CREATE INDEX image_digest_image ON inventory.image_digest USING btree (image_id);

CREATE INDEX image_first_seen ON inventory.image USING btree (first_seen_at DESC, id DESC);

CREATE INDEX image_name ON inventory.image USING btree (lower(name) text_pattern_ops);

CREATE INDEX image_place_image ON inventory.image_place USING btree (image_id);

CREATE UNIQUE INDEX image_place_now ON inventory.image_place USING btree (connection_id, place, key) WHERE (gone_at IS NULL);

CREATE INDEX tag_digest ON inventory.tag USING btree (digest) WHERE (to_at IS NULL);

CREATE UNIQUE INDEX tag_now ON inventory.tag USING btree (connection_id, place, name) WHERE (to_at IS NULL);

CREATE INDEX workload_owner ON inventory.workload USING btree (owner_id);

CREATE INDEX workload_owner_due ON inventory.workload USING btree (id) WHERE owner_due;

CREATE UNIQUE INDEX channel_name ON notifications.channel USING btree (lower(name)) WHERE (removed_at IS NULL);

CREATE INDEX delivery_channel ON notifications.delivery USING btree (channel_id, number DESC);

CREATE INDEX delivery_due ON notifications.delivery USING btree (channel_id, next_at) WHERE (state = 'waiting'::text);

CREATE INDEX inbox_entry_notice ON notifications.inbox_entry USING btree (notice_number);

CREATE INDEX inbox_entry_unread ON notifications.inbox_entry USING btree (user_id, notice_number) WHERE (read_at IS NULL);

CREATE INDEX notice_key ON notifications.notice USING btree (key, number DESC);

CREATE INDEX notice_last_at ON notifications.notice USING btree (last_at);

CREATE INDEX team_member_user ON ownership.team_member USING btree (user_id);

CREATE UNIQUE INDEX team_name ON ownership.team USING btree (lower(name));

CREATE INDEX secret_key_id ON platform.secret USING btree (key_id);

CREATE INDEX api_token_user ON sign_in.api_token USING btree (user_id);

CREATE UNIQUE INDEX app_user_email ON sign_in.app_user USING btree (lower(email));

CREATE INDEX passkey_user ON sign_in.passkey USING btree (user_id);

CREATE INDEX session_user_id ON sign_in.session USING btree (user_id);

CREATE INDEX upload_open ON uploads.upload USING btree (received_at) WHERE (state = ANY (ARRAY['received'::text, 'reading'::text]));

CREATE INDEX upload_received ON uploads.upload USING btree (received_at DESC, id DESC);

create view components.known_component as
 SELECT id,
    purl,
    purl_sha256,
    type,
    name,
    version,
    first_seen_at,
    number
   FROM components.component;

create view connections.connection_freshness as
 SELECT id AS connection_id,
    kind,
    name,
    sample,
    removed_at,
        CASE
            WHEN following_since IS NOT NULL THEN now()
            ELSE last_good_at
        END AS seen_at,
    stopped_at IS NOT NULL OR paused OR removed_at IS NOT NULL AS stale,
    stopped_reason,
    stopped_at,
    last_evidence_id
   FROM connections.connection;

create view inventory.connection_count as
 SELECT connection_id,
    sum(hosts)::integer AS hosts,
    sum(containers)::integer AS containers_running,
    sum(images)::integer AS images,
    sum(repositories)::integer AS repositories
   FROM ( SELECT host.connection_id,
            count(*) AS hosts,
            0 AS containers,
            0 AS images,
            0 AS repositories
           FROM inventory.host
          WHERE host.gone_at IS NULL
          GROUP BY host.connection_id
        UNION ALL
         SELECT running_container.connection_id,
            0,
            count(*) AS count,
            0,
            0
           FROM inventory.running_container
          GROUP BY running_container.connection_id
        UNION ALL
         SELECT image_place.connection_id,
            0,
            0,
            count(DISTINCT image_place.image_id) AS count,
            0
           FROM inventory.image_place
          WHERE image_place.gone_at IS NULL
          GROUP BY image_place.connection_id
        UNION ALL
         SELECT repository.connection_id,
            0,
            0,
            0,
            count(*) AS count
           FROM inventory.repository
          WHERE repository.gone_at IS NULL
          GROUP BY repository.connection_id) c
  GROUP BY connection_id;

create view inventory.image_running as
 SELECT i.number AS image_number,
    count(*)::integer AS running
   FROM inventory.container c
     JOIN inventory.image i ON i.id = c.image_id
  WHERE c.gone_at IS NULL AND (c.state = ANY (ARRAY['running'::text, 'paused'::text, 'restarting'::text]))
  GROUP BY i.number;

create view inventory.image_summary as
 SELECT id,
    number,
    name,
    platform,
    catalogue_state,
    sample,
    COALESCE(config_digest, ( SELECT d.digest
           FROM inventory.image_digest d
          WHERE d.image_id = i.id
          ORDER BY d.kind DESC, d.digest
         LIMIT 1)) AS digest
   FROM inventory.image i;

create view inventory.running_container as
 SELECT c.id,
    c.name,
    c.host_id,
    h.name AS host_name,
    c.image_id,
    i.number AS image_number,
    c.image_name,
    c.workload_id,
    w.owner_kind,
    w.owner_id,
    w.owner_name,
    c.connection_id,
    c.state,
    c.started_at,
    c.privileged,
    c.exposed,
    c.sample
   FROM inventory.container c
     JOIN inventory.host h ON h.id = c.host_id
     JOIN inventory.workload w ON w.id = c.workload_id
     LEFT JOIN inventory.image i ON i.id = c.image_id
  WHERE c.gone_at IS NULL AND (c.state = ANY (ARRAY['running'::text, 'paused'::text, 'restarting'::text]));

create view inventory.workload_identity as
 SELECT w.id,
    w.name,
    w.connection_id,
    w.owner_kind,
    w.owner_id,
    w.owner_name,
    w.owner_because,
    w.owner_due,
    c.image_name,
    COALESCE(c.facts -> 'labels'::text, '{}'::jsonb) AS labels
   FROM inventory.workload w
     LEFT JOIN LATERAL ( SELECT c_1.image_name,
            c_1.facts
           FROM inventory.container c_1
          WHERE c_1.workload_id = w.id
          ORDER BY c_1.sort_at DESC, c_1.id DESC
         LIMIT 1) c ON true;

create view ownership.team_membership as
 SELECT team_id,
    user_id
   FROM ownership.team_member;

create view sign_in.known_user as
 SELECT id,
    name,
    email,
    role,
    state
   FROM sign_in.app_user;
