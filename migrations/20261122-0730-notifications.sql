-- Notices: what people are told, and the outbox that carries it outside.
create schema notifications;

create table notifications.notice (
  number bigint generated always as identity primary key,
  id uuid not null unique default gen_random_uuid(),
  -- What it is about: a notice of the same key counts up while the old one is news.
  key text not null,
  kind text not null,
  severity text not null check (severity in ('info', 'warning', 'critical')),
  title text not null,
  body text not null,
  -- A path of the console.
  link text not null,
  times integer not null default 1,
  first_at timestamptz not null,
  last_at timestamptz not null
);
create index notice_key on notifications.notice (key, number desc);
create index notice_last_at on notifications.notice (last_at);

-- Whoever a notice was for at the moment it was written.
create table notifications.inbox_entry (
  user_id uuid not null,
  notice_number bigint not null references notifications.notice on delete cascade,
  read_at timestamptz,
  primary key (user_id, notice_number)
);
create index inbox_entry_notice on notifications.inbox_entry (notice_number);
create index inbox_entry_unread on notifications.inbox_entry (user_id, notice_number)
  where read_at is null;

create table notifications.channel (
  id uuid primary key,
  kind text not null check (kind in ('smtp', 'webhook')),
  name text not null,
  -- Without secrets; those lie sealed in the secret store.
  settings jsonb not null,
  secret_id uuid,
  severity_min text not null check (severity_min in ('info', 'warning', 'critical')),
  enabled boolean not null default true,
  created_at timestamptz not null,
  removed_at timestamptz
);
create unique index channel_name on notifications.channel (lower(name)) where removed_at is null;

-- The outbox. The id stays the same over all tries, so that a receiver can tell a repetition.
create table notifications.delivery (
  number bigint generated always as identity primary key,
  id uuid not null unique default gen_random_uuid(),
  notice_number bigint not null references notifications.notice on delete cascade,
  channel_id uuid not null references notifications.channel,
  state text not null default 'waiting' check (state in ('waiting', 'delivered', 'parked')),
  tries integer not null default 0,
  -- While one is being sent: when another server may take it over.
  next_at timestamptz not null,
  last_error text,
  created_at timestamptz not null,
  ended_at timestamptz,
  unique (notice_number, channel_id)
);
create index delivery_due on notifications.delivery (channel_id, next_at) where state = 'waiting';
create index delivery_channel on notifications.delivery (channel_id, number desc);

-- Who belongs to a team, for slices that address one.
create view ownership.team_membership as select team_id, user_id from ownership.team_member;
