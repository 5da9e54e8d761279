import { sql } from 'kysely';
import type { Connection, Transaction } from '../../platform/database/database.ts';

type Db = Connection;

export type RuleRow = {
  id: string;
  position: number;
  label: string | null;
  image_path: string | null;
  connection_id: string | null;
  name_pattern: string | null;
  owner_kind: 'team' | 'user';
  owner_id: string;
  owner_name: string | null;
};

/** Rules in their order, each with its owner's present name; null when the owner is gone. */
export async function listRules(db: Db): Promise<RuleRow[]> {
  const found = await sql<RuleRow>`
    select r.*, case when r.owner_kind = 'team' then t.name else u.name end as owner_name
    from ownership.rule r
    left join ownership.team t on r.owner_kind = 'team' and t.id = r.owner_id
    left join sign_in.known_user u on r.owner_kind = 'user' and u.id = r.owner_id
    order by r.position limit 500`.execute(db);
  return found.rows;
}

export async function replaceRules(
  trx: Transaction,
  rules: readonly Omit<RuleRow, 'owner_name'>[],
): Promise<void> {
  await sql`delete from ownership.rule`.execute(trx);
  await sql`
    insert into ownership.rule
      (id, position, label, image_path, connection_id, name_pattern, owner_kind, owner_id)
    select g.id, g.position, g.label, g.image_path, g.connection_id, g.name_pattern,
           g.owner_kind, g.owner_id
    from jsonb_to_recordset(${JSON.stringify(rules)}::jsonb) as g(id uuid, position integer,
      label text, image_path text, connection_id uuid, name_pattern text, owner_kind text,
      owner_id uuid)`.execute(trx);
}

export async function ownerNames(
  db: Db,
  owners: readonly { kind: string; id: string }[],
): Promise<ReadonlyMap<string, string>> {
  const ids = owners.map((owner) => owner.id);
  const found = await sql<{ key: string; name: string }>`
    select 'team ' || id as key, name from ownership.team where id::text = any(${ids})
    union all
    select 'user ' || id, name from sign_in.known_user where id::text = any(${ids})`.execute(db);
  return new Map(found.rows.map((row) => [row.key, row.name]));
}

export type IdentityRow = {
  id: string;
  name: string;
  connection_id: string;
  owner_id: string | null;
  owner_name: string | null;
  owner_because: string | null;
  image_name: string | null;
  labels: Record<string, string>;
};

export async function listIdentities(
  db: Db,
  page: { onlyDue: boolean; after: string | undefined; limit: number },
): Promise<IdentityRow[]> {
  const found = await sql<IdentityRow>`
    select id, name, connection_id, owner_id, owner_name, owner_because, image_name, labels
    from inventory.workload_identity
    where (not ${page.onlyDue}::boolean or owner_due)
      and (${page.after ?? null}::uuid is null or id > ${page.after ?? null}::uuid)
    order by id limit ${page.limit}`.execute(db);
  return found.rows;
}

/** How many workloads each "because" names, and how many nobody owns. */
export async function countOwned(db: Db): Promise<{ because: string | null; workloads: number }[]> {
  const found = await sql<{ because: string | null; workloads: number }>`
    select owner_because as because, count(*)::integer as workloads
    from inventory.workload_identity group by owner_because`.execute(db);
  return found.rows;
}

export type TeamRow = {
  id: string;
  name: string;
  members: { userId: string; name: string }[];
  workloads: number;
};

export async function listTeamRows(
  db: Db,
  page: { id?: string; after: string | undefined; limit: number },
): Promise<TeamRow[]> {
  const found = await sql<TeamRow>`
    select t.id, t.name,
      coalesce((select jsonb_agg(jsonb_build_object('userId', u.id, 'name', u.name)
                order by u.name)
        from ownership.team_member m join sign_in.known_user u on u.id = m.user_id
        where m.team_id = t.id), '[]') as members,
      (select count(*)::integer from inventory.workload_identity w
       where w.owner_kind = 'team' and w.owner_id = t.id) as workloads
    from ownership.team t
    where (${page.id ?? null}::uuid is null or t.id = ${page.id ?? null}::uuid)
      and (${page.after ?? null}::text is null or lower(t.name) > ${page.after ?? null})
    order by lower(t.name) limit ${page.limit}`.execute(db);
  return found.rows;
}

export async function insertTeam(
  trx: Transaction,
  team: { id: string; name: string; at: Date },
): Promise<boolean> {
  const added = await sql`
    insert into ownership.team (id, name, created_at)
    values (${team.id}, ${team.name}, ${team.at}) on conflict do nothing`.execute(trx);
  return added.numAffectedRows === 1n;
}

/** False when another team has that name. */
export async function renameTeam(trx: Transaction, id: string, name: string): Promise<boolean> {
  const renamed = await sql`
    update ownership.team set name = ${name} where id = ${id}::uuid and not exists (
      select from ownership.team t where lower(t.name) = lower(${name}) and t.id <> ${id}::uuid)
  `.execute(trx);
  return renamed.numAffectedRows === 1n;
}

export async function setMembers(
  trx: Transaction,
  teamId: string,
  userIds: readonly string[],
): Promise<void> {
  await sql`delete from ownership.team_member where team_id = ${teamId}::uuid`.execute(trx);
  await sql`
    insert into ownership.team_member (team_id, user_id)
    select ${teamId}::uuid, u.id from sign_in.known_user u
    where u.id::text = any(${[...userIds]}) on conflict do nothing`.execute(trx);
}

/** False when a rule still names the team. */
export async function deleteTeam(trx: Transaction, id: string): Promise<boolean> {
  const gone = await sql`
    delete from ownership.team t where t.id = ${id}::uuid and not exists (
      select from ownership.rule r where r.owner_kind = 'team' and r.owner_id = t.id)`.execute(trx);
  return gone.numAffectedRows === 1n;
}
