import type { OwnerRule } from '../../../../src/features/ownership/ownership-contract.ts';
import { countWord } from '../../kit/format.ts';

export type OwnerCondition = OwnerRule['condition'];

/** A rule as it is being arranged; `key` stays with it while its place changes. */
export type DraftRule = {
  readonly key: string;
  readonly condition: OwnerCondition;
  readonly owner: OwnerRule['owner'];
  /** How many it owns as kept; a new or changed rule does not know yet. */
  readonly workloads?: number;
};

export function draftOf(rules: readonly OwnerRule[]): readonly DraftRule[] {
  return rules.map(({ id, condition, owner, workloads }) => ({
    key: id,
    condition,
    owner,
    workloads,
  }));
}

/** What the server takes: without names and counts. */
export function ruleForms(draft: readonly DraftRule[]) {
  return draft.map(({ condition, owner }) => ({
    condition,
    owner: { kind: owner.kind, id: owner.id },
  }));
}

export function moved<T>(items: readonly T[], from: number, to: number): readonly T[] {
  const item = items[from];
  if (item === undefined || to < 0 || to >= items.length) return items;
  return items.toSpliced(from, 1).toSpliced(to, 0, item);
}

/** With the rule in the place of the one of its key, or as the last. */
export function withRule(draft: readonly DraftRule[], rule: DraftRule): readonly DraftRule[] {
  const index = draft.findIndex(({ key }) => key === rule.key);
  return index < 0 ? [...draft, rule] : draft.with(index, rule);
}

/** `label team=payments and name ledger-*`, with the connection by its name. */
export function conditionWords(
  condition: OwnerCondition,
  connectionName: (id: string) => string | undefined,
): string {
  const { label, imagePath, namePattern, connectionId } = condition;
  const parts = [
    label ? `label ${label}` : undefined,
    imagePath ? `registry path ${imagePath}` : undefined,
    namePattern ? `name ${namePattern}` : undefined,
    connectionId
      ? `connection ${connectionName(connectionId) ?? 'that is not there any more'}`
      : undefined,
  ];
  return parts.filter((part) => part !== undefined).join(' and ');
}

/** The conditions that say something; a field left empty is no condition. */
export function cleanCondition(condition: OwnerCondition): OwnerCondition {
  return Object.fromEntries(
    Object.entries(condition)
      .map(([name, value]) => [name, value?.trim()] as const)
      .filter(([, value]) => value !== undefined && value !== ''),
  );
}

/** The title answers who answers for things. */
export function ownersTitle(rules: readonly OwnerRule[], unowned: number): string {
  if (unowned === 1) return 'One workload has no owner';
  if (unowned > 0) return `${countWord(unowned)} workloads have no owner`;
  const owned = rules.reduce((sum, { workloads }) => sum + workloads, 0);
  return owned === 0 ? 'There is no workload to own yet' : 'Every workload has an owner';
}
