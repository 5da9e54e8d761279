-- Who answers for a workload: teams, and the ordered rules that name owners.
create schema ownership;

create table ownership.team (
  id uuid primary key,
  name text not null,
  created_at timestamptz not null
);
create unique index team_name on ownership.team (lower(name));

create table ownership.team_member (
  team_id uuid not null references ownership.team on delete cascade,
  user_id uuid not null,
  primary key (team_id, user_id)
);
create index team_member_user on ownership.team_member (user_id);

-- The first rule that fits wins. The whole ordered set is replaced at once.
create table ownership.rule (
  id uuid primary key,
  position integer not null unique,
  label text,
  image_path text,
  connection_id uuid,
  name_pattern text,
  owner_kind text not null check (owner_kind in ('team', 'user')),
  owner_id uuid not null
);
