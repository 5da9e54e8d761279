-- Who can sign in to Wharfinger: users, sessions, one-time links, API tokens, passkeys.
-- Secrets are kept only as SHA-256 of 256 random bits, passwords as Argon2id.
create schema sign_in;

create table sign_in.app_user (
  id uuid primary key,
  email text not null,
  name text not null,
  role text not null check (role in ('owner', 'operator', 'viewer', 'auditor')),
  state text not null check (state in ('active', 'invited', 'disabled')),
  password_hash text,
  created_at timestamptz not null,
  last_seen_at timestamptz
);
create unique index app_user_email on sign_in.app_user (lower(email));

create table sign_in.session (
  id_hash bytea primary key,
  user_id uuid not null references sign_in.app_user on delete cascade,
  created_at timestamptz not null,
  last_seen_at timestamptz not null,
  expires_at timestamptz not null,
  previous_visit_at timestamptz
);
create index session_user_id on sign_in.session (user_id);

create table sign_in.one_time_link (
  token_hash bytea primary key,
  purpose text not null check (purpose in ('set-up', 'owner', 'invitation')),
  user_id uuid references sign_in.app_user on delete cascade,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);

create table sign_in.api_token (
  id uuid primary key,
  user_id uuid not null references sign_in.app_user on delete cascade,
  name text not null,
  role text not null check (role in ('owner', 'operator', 'viewer', 'auditor')),
  secret_hash bytea not null unique,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  last_used_at timestamptz,
  revoked_at timestamptz
);
create index api_token_user on sign_in.api_token (user_id);

create table sign_in.passkey (
  id text primary key,
  user_id uuid not null references sign_in.app_user on delete cascade,
  name text not null,
  public_key bytea not null,
  counter bigint not null,
  transports text[] not null,
  created_at timestamptz not null,
  last_used_at timestamptz
);
create index passkey_user on sign_in.passkey (user_id);

-- A WebAuthn challenge lives a few minutes and is used once.
create table sign_in.challenge (
  challenge text primary key,
  user_id uuid references sign_in.app_user on delete cascade,
  expires_at timestamptz not null
);

-- What other slices may join: a user's name, without anything that lets one sign in.
create view sign_in.known_user as
select id, name, email, role, state from sign_in.app_user;
