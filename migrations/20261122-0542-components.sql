-- Which component is in which image. The edge table is kept to two numbers a row: 26 million of
-- them must be searched in under a second. Paths, layers and licences lie in the image's catalogue.
create schema components;

create table components.component (
  number integer generated always as identity primary key,
  id uuid not null unique,
  purl text not null,
  -- A purl may be longer than an index row may be: its digest is what is unique.
  purl_sha256 bytea not null unique,
  type text not null,
  namespace text,
  name text not null,
  version text not null,
  licences text[] not null default '{}',
  source_name text,
  source_version text,
  first_seen_at timestamptz not null
);
create index component_name on components.component (lower(name) text_pattern_ops, number);
create index component_type on components.component (type, number);

create table components.image_component (
  image_number integer not null,
  component_number integer not null,
  primary key (image_number, component_number)
);
create index image_component_component
  on components.image_component (component_number, image_number);

-- The whole catalogue of an image as it was read: JSON, zstd.
create table components.catalogue (
  image_number integer primary key,
  digest bytea not null,
  body bytea not null,
  read_at timestamptz not null
);

-- A layer is catalogued once, across images and restarts.
create table components.layer (
  key text primary key,
  body bytea not null,
  used_at timestamptz not null
);
create index layer_used on components.layer (used_at);

-- What others say is in an image: kept apart from what was read here.
create table components.stated_sbom (
  id uuid primary key,
  image_id uuid not null,
  author text not null,
  format text not null,
  component_count integer not null,
  digest bytea not null,
  body bytea not null,
  at timestamptz not null
);
create index stated_sbom_image on components.stated_sbom (image_id, at desc);

-- What other slices may join: a component at a version, by what people call it.
create view components.known_component as
select id, purl, purl_sha256, type, name, version, first_seen_at, number
from components.component;
