import { z } from 'zod';
import { conflict, invalid, notFound } from '../../model/errors.ts';
import {
  describeCondition,
  fitsCondition,
  type OwnerCondition,
  type RuledWorkload,
} from '../../model/owner-rule.ts';
import { decodeCursor, encodeCursor, type Page } from '../../model/page.ts';
import { type Actor, actorId, authorize } from '../../model/roles.ts';
import type { Clock, Ids } from '../../platform/clock.ts';
import { type Database, inTransaction } from '../../platform/database/database.ts';
import { appendEvidence } from '../evidence/evidence.ts';
import { judgeAllOwnersAgain, type OwnerAssignment, setOwners } from '../inventory/inventory.ts';
import type { OwnerRule, Team } from './ownership-contract.ts';
import * as store from './ownership-store.ts';

export type OwnershipContext = {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Has the rules applied soon, on some node. */
  readonly requestJudging: () => Promise<void>;
};

const BATCH = 2000;
const PREVIEWED_MAX = 200;

type Owner = { kind: 'team' | 'user'; id: string; name: string };
type Rule = { condition: OwnerCondition; owner: Owner };
type RuleForm = { condition: OwnerCondition; owner: { kind: 'team' | 'user'; id: string } };

function ruleOf(row: store.RuleRow): Rule {
  return {
    condition: {
      ...(row.label === null ? {} : { label: row.label }),
      ...(row.image_path === null ? {} : { imagePath: row.image_path }),
      ...(row.connection_id === null ? {} : { connectionId: row.connection_id }),
      ...(row.name_pattern === null ? {} : { namePattern: row.name_pattern }),
    },
    owner: { kind: row.owner_kind, id: row.owner_id, name: row.owner_name ?? 'someone removed' },
  };
}

function judge(rules: readonly Rule[], row: store.IdentityRow): OwnerAssignment {
  const workload: RuledWorkload = {
    name: row.name,
    connectionId: row.connection_id,
    imageName: row.image_name ?? '',
    labels: row.labels,
  };
  const index = rules.findIndex((rule) => fitsCondition(rule.condition, workload));
  const rule = rules[index];
  if (rule === undefined) return { workloadId: row.id, owner: null };
  const because = describeCondition(rule.condition, index + 1);
  return { workloadId: row.id, owner: { ...rule.owner, because } };
}

/** Names owners for workloads that are new or changed, and for all after the rules changed. */
export async function judgeOwners(context: OwnershipContext): Promise<void> {
  const rules = (await store.listRules(context.database.kysely)).map(ruleOf);
  for (;;) {
    const judged = await inTransaction(context.database, async (trx) => {
      const due = await store.listIdentities(trx, {
        onlyDue: true,
        after: undefined,
        limit: BATCH,
      });
      await setOwners(
        trx,
        context.clock.now(),
        due.map((row) => judge(rules, row)),
      );
      return due.length;
    });
    if (judged < BATCH) return;
  }
}

export async function listOwnerRules(
  context: OwnershipContext,
  actor: Actor,
): Promise<{ items: OwnerRule[]; unowned: number }> {
  authorize(actor, 'ownership.read');
  const db = context.database.kysely;
  const [rows, counts] = await Promise.all([store.listRules(db), store.countOwned(db)]);
  const countOf = (because: string | null) =>
    counts.find((one) => one.because === because)?.workloads ?? 0;
  const items = rows.map((row) => {
    const { condition, owner } = ruleOf(row);
    const workloads = countOf(describeCondition(condition, row.position));
    return { id: row.id, position: row.position, condition, owner, workloads };
  });
  return { items, unowned: countOf(null) };
}

/** Rules with their owners' names; a rule without a condition, or for nobody, is refused. */
async function checkedRules(
  context: OwnershipContext,
  forms: readonly RuleForm[],
): Promise<Rule[]> {
  const owners = forms.map((form) => form.owner);
  const names = await store.ownerNames(context.database.kysely, owners);
  return forms.map(({ condition, owner }, index) => {
    const name = names.get(`${owner.kind} ${owner.id}`);
    if (name === undefined) throw invalid(`Rule ${index + 1} names an owner who is not there.`);
    const { label, imagePath, connectionId, namePattern } = condition;
    if (!label && !imagePath && !connectionId && !namePattern) {
      throw invalid(`Rule ${index + 1} has no condition: say what it is about.`);
    }
    if (connectionId && !z.guid().safeParse(connectionId).success) {
      throw invalid(`Rule ${index + 1} names a connection that is not there.`);
    }
    return { condition, owner: { ...owner, name } };
  });
}

export async function previewOwnerRules(
  context: OwnershipContext,
  actor: Actor,
  form: { rules: readonly RuleForm[] },
) {
  authorize(actor, 'ownership.manage');
  const rules = await checkedRules(context, form.rules);
  const changes: { workloadId: string; workloadName: string; from?: string; to?: string }[] = [];
  const counts = { changed: 0, owned: 0, unowned: 0 };
  let after: string | undefined;
  for (;;) {
    const page = { onlyDue: false, after, limit: BATCH };
    const rows = await store.listIdentities(context.database.kysely, page);
    for (const row of rows) {
      const { owner } = judge(rules, row);
      if (owner === null) counts.unowned += 1;
      else counts.owned += 1;
      if ((owner?.id ?? null) === row.owner_id) continue;
      counts.changed += 1;
      if (changes.length === PREVIEWED_MAX) continue;
      changes.push({
        workloadId: row.id,
        workloadName: row.name,
        ...(row.owner_name === null ? {} : { from: row.owner_name }),
        ...(owner === null ? {} : { to: owner.name }),
      });
    }
    after = rows.at(-1)?.id;
    if (rows.length < BATCH) return { changes, ...counts };
  }
}

export async function replaceOwnerRules(
  context: OwnershipContext,
  actor: Actor,
  form: { rules: readonly RuleForm[] },
) {
  authorize(actor, 'ownership.manage');
  const rules = await checkedRules(context, form.rules);
  await inTransaction(context.database, async (trx) => {
    await store.replaceRules(
      trx,
      rules.map(({ condition, owner }, index) => ({
        id: context.ids.next(),
        position: index + 1,
        label: condition.label ?? null,
        image_path: condition.imagePath ?? null,
        connection_id: condition.connectionId ?? null,
        name_pattern: condition.namePattern ?? null,
        owner_kind: owner.kind,
        owner_id: owner.id,
      })),
    );
    await judgeAllOwnersAgain(trx);
    await appendEvidence(trx, {
      kind: 'ownership.rules-replaced',
      actor: actorId(actor),
      subjects: [],
      at: context.clock.now(),
      body: {
        rules: rules.map(({ condition, owner }) => ({
          ...condition,
          owner: `${owner.kind}:${owner.id}`,
        })),
      },
    });
  });
  await judgeOwners(context);
  return listOwnerRules(context, actor);
}

export async function listTeams(
  context: OwnershipContext,
  actor: Actor,
  page: { cursor?: string | undefined; limit: number },
): Promise<Page<Team>> {
  authorize(actor, 'ownership.read');
  const after = decodeCursor(page.cursor)?.[0];
  const rows = await store.listTeamRows(context.database.kysely, {
    after: typeof after === 'string' ? after : undefined,
    limit: page.limit + 1,
  });
  const items = rows.slice(0, page.limit);
  const last = items.at(-1);
  if (rows.length <= page.limit || last === undefined) return { items };
  return { items, next: encodeCursor([last.name.toLowerCase()]) };
}

async function getTeam(context: OwnershipContext, id: string): Promise<Team> {
  const page = { id, after: undefined, limit: 1 };
  const [team] = z.guid().safeParse(id).success
    ? await store.listTeamRows(context.database.kysely, page)
    : [];
  if (team === undefined) throw notFound('There is no such team.');
  return team;
}

export async function createTeam(
  context: OwnershipContext,
  actor: Actor,
  form: { name: string; memberIds: readonly string[] },
): Promise<Team> {
  authorize(actor, 'ownership.manage');
  const id = context.ids.next();
  await inTransaction(context.database, async (trx) => {
    const at = context.clock.now();
    if (!(await store.insertTeam(trx, { id, name: form.name, at }))) {
      throw conflict('There is a team of that name already.');
    }
    await store.setMembers(trx, id, form.memberIds);
    const entry = { kind: 'team.created', subjects: [`team:${id}`], at } as const;
    const body = { members: [...form.memberIds] };
    await appendEvidence(trx, { ...entry, actor: actorId(actor), body });
  });
  return getTeam(context, id);
}

export async function changeTeam(
  context: OwnershipContext,
  actor: Actor,
  change: { id: string; name?: string | undefined; memberIds?: readonly string[] | undefined },
): Promise<Team> {
  authorize(actor, 'ownership.manage');
  const team = await getTeam(context, change.id);
  await inTransaction(context.database, async (trx) => {
    if (change.name !== undefined && !(await store.renameTeam(trx, team.id, change.name))) {
      throw conflict('There is a team of that name already.');
    }
    if (change.memberIds !== undefined) await store.setMembers(trx, team.id, change.memberIds);
    // The name stands beside each workload it owns.
    if (change.name !== undefined) await judgeAllOwnersAgain(trx);
    const at = context.clock.now();
    const entry = { kind: 'team.changed', subjects: [`team:${team.id}`], at } as const;
    const body = { members: change.memberIds === undefined ? null : [...change.memberIds] };
    await appendEvidence(trx, { ...entry, actor: actorId(actor), body });
  });
  await context.requestJudging();
  return getTeam(context, team.id);
}

export async function removeTeam(
  context: OwnershipContext,
  actor: Actor,
  id: string,
): Promise<void> {
  authorize(actor, 'ownership.manage');
  const team = await getTeam(context, id);
  await inTransaction(context.database, async (trx) => {
    if (!(await store.deleteTeam(trx, team.id))) {
      throw conflict('A rule still names this team. Change the rule first.');
    }
    const at = context.clock.now();
    const subjects = [`team:${team.id}`];
    await appendEvidence(trx, { kind: 'team.removed', actor: actorId(actor), subjects, at });
  });
}
