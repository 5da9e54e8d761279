-- The entry that proves a statement came.
alter table components.stated_sbom add column evidence_id text;
