-- What platform itself keeps. Every slice has its own schema and its own migration files.
create schema if not exists platform;

-- One row: which installation this is. A restored copy keeps its id.
create table platform.installation (
  one boolean primary key default true check (one),
  id uuid not null,
  created_at timestamptz not null default now()
);

insert into platform.installation (id) values (gen_random_uuid());

-- Settings that the server keeps for itself between starts.
create table platform.setting (
  key text primary key,
  value jsonb not null,
  changed_at timestamptz not null default now()
);

-- Values encrypted under a key that the operator holds outside the database.
create table platform.secret (
  id uuid primary key,
  purpose text not null,
  key_id text not null,
  wrapped_key bytea not null,
  sealed bytea not null,
  created_at timestamptz not null default now()
);

create index secret_key_id on platform.secret (key_id);
