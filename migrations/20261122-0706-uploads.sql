-- Files that people hand in. A row exists once the whole file lies in the data folder of the node
-- that took it; that node reads it and then removes the file.
create schema uploads;

create table uploads.upload (
  id uuid primary key,
  name text not null,
  size_bytes bigint not null,
  digest bytea not null,
  actor text not null,
  -- The image an SBOM is about, where whoever handed it in said so.
  about_image_id uuid,
  kind text check (kind in ('docker-archive', 'oci-archive', 'sbom')),
  state text not null check (state in ('received', 'reading', 'done', 'failed')),
  message text,
  image_ids uuid[] not null default '{}',
  problems jsonb not null default '[]',
  -- How often reading it began: a file that ends the server must not do so for ever.
  tries integer not null default 0,
  received_at timestamptz not null,
  ended_at timestamptz,
  evidence_id text
);
create index upload_received on uploads.upload (received_at desc, id desc);
create index upload_open on uploads.upload (received_at) where state in ('received', 'reading');
