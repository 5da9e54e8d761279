-- The sample estate: whether it is here. Its things lie marked among the others.
create schema sample;

create table sample.load (
  only_one boolean primary key default true check (only_one),
  loaded_at timestamptz not null
);

-- The sample has days of its own, so that they can go without taking real ones along.
alter table inventory.daily_count add column sample boolean not null default false;
alter table inventory.daily_count drop constraint daily_count_pkey;
alter table inventory.daily_count add primary key (day, sample);
