-- Configured external systems, the runs that read them, and the gaps nobody observed.
create schema connections;

create table connections.connection (
  id uuid primary key,
  kind text not null,
  name text not null,
  -- Without secrets; those lie sealed in the secret store.
  settings jsonb not null,
  secret_id uuid,
  every_seconds integer not null,
  follows boolean not null,
  paused boolean not null default false,
  sample boolean not null default false,
  created_at timestamptz not null,
  removed_at timestamptz,
  -- The last good sync is when everything this connection holds was last seen.
  last_good_at timestamptz,
  last_good_run uuid,
  -- Set while its event stream is open: what it holds is then seen as of now.
  following_since timestamptz,
  last_evidence_id text,
  -- The last event seen, so that a new stream can tell whether any were missed.
  last_event_at timestamptz,
  last_event_key text,
  -- A sentence when it cannot be read, and since when.
  stopped_reason text,
  stopped_at timestamptz,
  next_sync_at timestamptz not null
);
create unique index connection_name on connections.connection (lower(name))
  where removed_at is null;

create table connections.sync_run (
  id uuid primary key,
  connection_id uuid not null references connections.connection,
  number integer not null,
  state text not null check (state in ('running', 'good', 'partial', 'failed')),
  started_at timestamptz not null,
  ended_at timestamptz,
  parts jsonb not null default '[]',
  problems jsonb not null default '[]',
  appeared integer not null default 0,
  changed integer not null default 0,
  gone integer not null default 0,
  -- Kinds read in full: only these could mark things gone.
  complete text[] not null default '{}',
  evidence_id text,
  unique (connection_id, number)
);

-- Time in which events happened that nobody saw.
create table connections.gap (
  connection_id uuid not null references connections.connection,
  from_at timestamptz not null,
  to_at timestamptz not null,
  reason text not null,
  primary key (connection_id, from_at)
);

create view connections.connection_freshness as
select id as connection_id, kind, name, sample, removed_at,
       case when following_since is not null then now() else last_good_at end as seen_at,
       stopped_at is not null or paused or removed_at is not null as stale,
       stopped_reason, stopped_at, last_evidence_id
from connections.connection;
