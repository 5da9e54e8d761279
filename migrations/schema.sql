-- What the migrations make, in alphabetical order: for reading and review, not for running.
-- Written by tools/dump-schema.ts; a test fails when it is behind the migrations.

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

CREATE INDEX secret_key_id ON platform.secret USING btree (key_id);
