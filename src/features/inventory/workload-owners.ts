import { sql } from 'kysely';
import type { Transaction } from '../../platform/database/database.ts';

/** Who answers for a workload, and the rule that says so. Null when no rule fits. */
export type OwnerAssignment = {
  readonly workloadId: string;
  readonly owner: {
    readonly kind: 'team' | 'user';
    readonly id: string;
    readonly name: string;
    readonly because: string;
  } | null;
};

/** Writes owners down; a workload whose owner stays keeps its "since". */
export async function setOwners(
  trx: Transaction,
  at: Date,
  assignments: readonly OwnerAssignment[],
): Promise<void> {
  const rows = assignments.map(({ workloadId, owner }) => ({
    id: workloadId,
    kind: owner?.kind ?? null,
    owner: owner?.id ?? null,
    name: owner?.name ?? null,
    because: owner?.because ?? null,
  }));
  await sql`
    update inventory.workload w set
      owner_since = case when w.owner_id is distinct from g.owner then ${at}::timestamptz
                    else w.owner_since end,
      owner_kind = g.kind, owner_id = g.owner, owner_name = g.name, owner_because = g.because,
      owner_due = false
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as g(id uuid, kind text, owner uuid, name text, because text)
    where w.id = g.id`.execute(trx);
}

/** After the rules changed: every workload is judged again, a batch at a time. */
export async function judgeAllOwnersAgain(trx: Transaction): Promise<void> {
  await sql`update inventory.workload set owner_due = true where not owner_due`.execute(trx);
}
