import { Button } from '@mantine/core';
import { useState } from 'react';
import {
  type OwnerRule,
  ownershipEndpoints,
} from '../../../../src/features/ownership/ownership-contract.ts';
import { useAct } from '../../kit/api.ts';
import { formatCount, plural } from '../../kit/format.ts';
import { ArrowDown, ArrowUp } from '../../kit/icons.tsx';
import { A } from '../../kit/navigation.tsx';
import { Pill } from '../../kit/pill.tsx';
import { useMay } from '../../kit/session.ts';
import { EmptyState } from '../../kit/states.tsx';
import {
  conditionWords,
  type DraftRule,
  draftOf,
  moved,
  ruleForms,
  withRule,
} from './rule-draft.ts';
import { RuleForm } from './rule-form.tsx';
import { RulePreview } from './rule-preview.tsx';
import { useOwnerChoices } from './use-owner-choices.ts';

/** The rules in order; nothing holds until its consequence was shown and the order was kept. */
export function RuleEditor({ kept }: { readonly kept: readonly OwnerRule[] }) {
  const mayManage = useMay('ownership.manage');
  const choices = useOwnerChoices();
  const [draft, setDraft] = useState<readonly DraftRule[]>();
  const [edited, edit] = useState<DraftRule | 'new'>();
  const keep = useAct(ownershipEndpoints.replaceOwnerRules);
  const rules = draft ?? draftOf(kept);
  const nameOf = (id: string) => choices.connections.find((one) => one.id === id)?.name;
  const save = (): void =>
    keep.mutate({ body: { rules: ruleForms(rules) } }, { onSuccess: () => setDraft(undefined) });
  return (
    <>
      <section className="card">
        <div className="row card-head">
          <h2>Rules, first to last</h2>
          {mayManage ? (
            <Button onClick={() => edit('new')} variant="default">
              Add a rule
            </Button>
          ) : null}
        </div>
        {rules.length === 0 ? <NoRules wasKept={kept.length > 0} /> : null}
        <ol className="rules">
          {rules.map((rule, index) => (
            <RuleItem
              acts={
                mayManage ? (
                  <RuleActs
                    index={index}
                    onChange={() => edit(rule)}
                    onMove={(to) => setDraft(moved(rules, index, to))}
                    onRemove={() => setDraft(rules.toSpliced(index, 1))}
                    total={rules.length}
                  />
                ) : null
              }
              key={rule.key}
              position={index + 1}
              rule={rule}
              words={conditionWords(rule.condition, nameOf)}
            />
          ))}
        </ol>
      </section>
      {draft === undefined ? null : (
        <RulePreview
          draft={draft}
          error={keep.error}
          isBusy={keep.isPending}
          onKeep={save}
          onLeave={() => setDraft(undefined)}
        />
      )}
      {edited === undefined ? null : (
        <RuleForm
          choices={choices}
          onClose={() => edit(undefined)}
          onDone={(rule) => setDraft(withRule(rules, rule))}
          rule={edited === 'new' ? undefined : edited}
        />
      )}
    </>
  );
}

function NoRules({ wasKept }: { readonly wasKept: boolean }) {
  if (wasKept) {
    return <EmptyState title="No rule is left">Then nobody would own anything.</EmptyState>;
  }
  return (
    <EmptyState title="No rule yet">
      A rule names the team or person that owns what fits it: by a label such as
      com.example.team=payments, a registry path such as wharf.internal/payments/*, a name, or the
      connection it runs on.
    </EmptyState>
  );
}

type ItemProps = {
  readonly rule: DraftRule;
  readonly position: number;
  readonly words: string;
  readonly acts: React.ReactNode;
};

function RuleItem({ rule, position, words, acts }: ItemProps) {
  const { owner, workloads } = rule;
  return (
    <li>
      <b className="third">{formatCount(position)}</b>
      <div>
        <div className="mono">{words}</div>
        <div className="small">
          {owner.kind === 'team' ? 'team ' : ''}
          {owner.name}
          {', '}
          {workloads === undefined ? (
            <Pill tone="medium">not kept yet</Pill>
          ) : workloads === 0 ? (
            'owns nothing by this rule'
          ) : (
            <A href={`/containers?owner=${owner.id}`}>{plural(workloads, 'workload')}</A>
          )}
        </div>
      </div>
      {acts}
    </li>
  );
}

type ActsProps = {
  readonly index: number;
  readonly total: number;
  readonly onMove: (to: number) => void;
  readonly onChange: () => void;
  readonly onRemove: () => void;
};

function RuleActs({ index, total, onMove, onChange, onRemove }: ActsProps) {
  const rule = `rule ${index + 1}`;
  return (
    <div className="rule-acts">
      <button
        aria-label={`Move ${rule} up`}
        className="plain-button"
        disabled={index === 0}
        onClick={() => onMove(index - 1)}
        type="button"
      >
        <ArrowUp />
      </button>
      <button
        aria-label={`Move ${rule} down`}
        className="plain-button"
        disabled={index === total - 1}
        onClick={() => onMove(index + 1)}
        type="button"
      >
        <ArrowDown />
      </button>
      <button
        aria-label={`Change ${rule}`}
        className="plain-button"
        onClick={onChange}
        type="button"
      >
        Change
      </button>
      <button
        aria-label={`Remove ${rule}`}
        className="plain-button"
        onClick={onRemove}
        type="button"
      >
        Remove
      </button>
    </div>
  );
}
