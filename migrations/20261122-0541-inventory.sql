-- What is there, since when, and what it was before. A fact is an interval: rows are closed with
-- gone_at, never overwritten; "last seen" is the connection's last good sync, never a row update.
create schema inventory;

create table inventory.host (
  id uuid primary key,
  connection_id uuid not null,
  key text not null,
  name text not null,
  engine text not null,
  environment text,
  facts jsonb not null,
  first_seen_at timestamptz not null,
  gone_at timestamptz,
  sample boolean not null default false,
  unique (connection_id, key)
);

-- Number: a short id for the widest table of all, component edges.
create table inventory.image (
  id uuid primary key,
  number integer generated always as identity unique,
  config_digest text unique,
  name text not null,
  platform text,
  size_bytes bigint not null default 0,
  created_at timestamptz,
  labels jsonb not null default '{}',
  diff_ids text[] not null default '{}',
  first_seen_at timestamptz not null,
  catalogue_state text not null default 'waiting'
    check (catalogue_state in
      ('waiting', 'reading', 'complete', 'partial', 'failed', 'unreachable')),
  catalogue_error text,
  catalogue_tries integer not null default 0,
  catalogue_due_at timestamptz,
  catalogued_at timestamptz,
  catalogue_evidence_id text,
  component_count integer,
  executable_count integer,
  unexplained_count integer,
  problem_count integer,
  os text,
  sample boolean not null default false
);
create index image_catalogue_due on inventory.image (catalogue_due_at)
  where catalogue_due_at is not null;
create index image_first_seen on inventory.image (first_seen_at desc, id desc);
create index image_name on inventory.image (lower(name) text_pattern_ops);
create index image_base on inventory.image using gin (diff_ids);

-- Every digest an image is known by. An index digest may lead to several images (platforms).
create table inventory.image_digest (
  digest text not null,
  image_id uuid not null references inventory.image on delete cascade,
  kind text not null check (kind in ('config', 'manifest', 'index')),
  primary key (digest, image_id)
);
create index image_digest_image on inventory.image_digest (image_id);

-- Where an image lies: a host or a repository of a connection.
create table inventory.image_place (
  id uuid primary key,
  image_id uuid not null references inventory.image on delete cascade,
  connection_id uuid not null,
  place text not null,
  key text not null,
  first_seen_at timestamptz not null,
  gone_at timestamptz
);
create unique index image_place_now on inventory.image_place (connection_id, place, key)
  where gone_at is null;
create index image_place_image on inventory.image_place (image_id);

-- A tag is a pointer with a history.
create table inventory.tag (
  connection_id uuid not null,
  place text not null,
  name text not null,
  digest text not null,
  from_at timestamptz not null,
  to_at timestamptz,
  primary key (connection_id, place, name, from_at)
);
create unique index tag_now on inventory.tag (connection_id, place, name) where to_at is null;
create index tag_digest on inventory.tag (digest) where to_at is null;

create table inventory.repository (
  id uuid primary key,
  connection_id uuid not null,
  key text not null,
  name text not null,
  environment text,
  first_seen_at timestamptz not null,
  gone_at timestamptz,
  sample boolean not null default false,
  unique (connection_id, key)
);

-- A workload outlives its containers; the owner belongs to it.
create table inventory.workload (
  id uuid primary key,
  connection_id uuid not null,
  key text not null,
  kind text not null check (kind in ('container', 'pod-container', 'virtual-machine', 'function')),
  name text not null,
  environment text,
  owner_kind text check (owner_kind in ('team', 'user')),
  owner_id uuid,
  owner_name text,
  owner_because text,
  owner_since timestamptz,
  -- Set when what the rules look at may have changed: the next round judges it again.
  owner_due boolean not null default true,
  first_seen_at timestamptz not null,
  sample boolean not null default false,
  unique (connection_id, key)
);
create index workload_owner on inventory.workload (owner_id);
create index workload_owner_due on inventory.workload (id) where owner_due;

create table inventory.container (
  id uuid primary key,
  workload_id uuid not null references inventory.workload,
  host_id uuid not null references inventory.host,
  connection_id uuid not null,
  key text not null,
  name text not null,
  image_id uuid references inventory.image,
  image_name text not null,
  state text not null,
  exit_code integer,
  created_at timestamptz,
  started_at timestamptz,
  ended_at timestamptz,
  -- When it started, else was made, else was first seen: what lists are ordered by.
  sort_at timestamptz not null,
  privileged boolean,
  exposed boolean,
  facts jsonb,
  -- Of facts, state and times together: unchanged means nothing to write.
  facts_digest bytea not null,
  first_seen_at timestamptz not null,
  gone_at timestamptz,
  sample boolean not null default false,
  unique (host_id, key)
);
create index container_running on inventory.container (sort_at desc, id desc)
  where gone_at is null and state in ('running', 'paused', 'restarting');
-- For counting what runs without touching its rows.
create index container_running_workload on inventory.container (workload_id)
  include (privileged, exposed)
  where gone_at is null and state in ('running', 'paused', 'restarting');
create index container_all on inventory.container (sort_at desc, id desc);
create index container_image on inventory.container (image_id)
  where gone_at is null and state in ('running', 'paused', 'restarting');
create index container_image_any on inventory.container (image_id);
create index container_workload on inventory.container (workload_id);
create index container_connection on inventory.container (connection_id);
create index container_name on inventory.container (lower(name) text_pattern_ops);
create index container_ended on inventory.container (ended_at desc) where ended_at is not null;

-- What a thing's facts were, stretch by stretch. The open stretch has no end.
create table inventory.fact_history (
  thing_id uuid not null,
  from_at timestamptz not null,
  to_at timestamptz,
  facts jsonb not null,
  primary key (thing_id, from_at)
);

create table inventory.event (
  id uuid primary key,
  connection_id uuid not null,
  key text not null,
  at timestamptz not null,
  action text not null,
  container_id uuid references inventory.container on delete cascade,
  host_id uuid references inventory.host on delete cascade,
  detail text,
  unique (connection_id, key)
);
create index event_container on inventory.event (container_id, at desc, id desc);
create index event_at on inventory.event (at desc);

-- Hourly processor totals: they cannot be read again later.
create table inventory.cpu_hour (
  container_id uuid not null references inventory.container on delete cascade,
  hour timestamptz not null,
  total_ns bigint not null,
  read_at timestamptz not null,
  primary key (container_id, hour)
);

-- One row a day, so that trends need no counting back.
create table inventory.daily_count (
  day date primary key,
  running integer not null,
  unowned integer not null,
  not_catalogued integer not null,
  started integer not null default 0,
  ended integer not null default 0
);

create view inventory.running_container as
select c.id, c.name, c.host_id, h.name as host_name, c.image_id, i.number as image_number,
       c.image_name, c.workload_id, w.owner_kind, w.owner_id, w.owner_name, c.connection_id,
       c.state, c.started_at, c.privileged, c.exposed, c.sample
from inventory.container c
join inventory.host h on h.id = c.host_id
join inventory.workload w on w.id = c.workload_id
left join inventory.image i on i.id = c.image_id
where c.gone_at is null and c.state in ('running', 'paused', 'restarting');

create view inventory.connection_count as
select c.connection_id, sum(c.hosts)::integer as hosts,
       sum(c.containers)::integer as containers_running, sum(c.images)::integer as images,
       sum(c.repositories)::integer as repositories
from (
  select connection_id, count(*) as hosts, 0 as containers, 0 as images, 0 as repositories
  from inventory.host where gone_at is null group by connection_id
  union all
  select connection_id, 0, count(*), 0, 0 from inventory.running_container group by connection_id
  union all
  select connection_id, 0, 0, count(distinct image_id), 0
  from inventory.image_place where gone_at is null group by connection_id
  union all
  select connection_id, 0, 0, 0, count(*)
  from inventory.repository where gone_at is null group by connection_id
) c
group by c.connection_id;

-- What other slices may join: an image by its number, and how many running containers it has.
create view inventory.image_summary as
select i.id, i.number, i.name, i.platform, i.catalogue_state, i.sample,
       coalesce(i.config_digest, (select d.digest from inventory.image_digest d
         where d.image_id = i.id order by d.kind desc, d.digest limit 1)) as digest
from inventory.image i;

create view inventory.image_running as
select i.number as image_number, count(*)::integer as running
from inventory.container c join inventory.image i on i.id = c.image_id
where c.gone_at is null and c.state in ('running', 'paused', 'restarting')
group by i.number;

-- What owner rules look at: a workload as its latest run shows it.
create view inventory.workload_identity as
select w.id, w.name, w.connection_id, w.owner_kind, w.owner_id, w.owner_name, w.owner_because,
       w.owner_due, c.image_name, coalesce(c.facts -> 'labels', '{}'::jsonb) as labels
from inventory.workload w
left join lateral (
  select image_name, facts from inventory.container c
  where c.workload_id = w.id order by c.sort_at desc, c.id desc limit 1) c on true;
