import { Button, Modal, Select, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { EmptyState } from '../../kit/states.tsx';
import { cleanCondition, type DraftRule, type OwnerCondition } from './rule-draft.ts';
import type { OwnerChoices } from './use-owner-choices.ts';

type Props = {
  /** The rule to change; a new one without. */
  readonly rule: DraftRule | undefined;
  readonly choices: OwnerChoices;
  readonly onDone: (rule: DraftRule) => void;
  readonly onClose: () => void;
};

/** What a rule is about, and whom it names. */
export function RuleForm({ rule, choices, onDone, onClose }: Props) {
  const [condition, setCondition] = useState<OwnerCondition>(rule?.condition ?? {});
  const [owner, setOwner] = useState<DraftRule['owner'] | undefined>(rule?.owner);
  const clean = cleanCondition(condition);
  const isAboutNothing = Object.keys(clean).length === 0;
  const send = (event: FormEvent): void => {
    event.preventDefault();
    if (owner === undefined || isAboutNothing) return;
    onDone({ key: rule?.key ?? `new ${Date.now()}`, condition: clean, owner });
    onClose();
  };
  const isNobody = choices.teams.length + choices.people.length === 0;
  return (
    <Modal onClose={onClose} opened title={rule === undefined ? 'Add a rule' : 'Change the rule'}>
      {isNobody ? (
        <EmptyState title="Nobody can own yet">Create a team first, beside the rules.</EmptyState>
      ) : (
        <form className="stack" onSubmit={send} style={{ gap: 12 }}>
          <p className="second">All conditions given must hold. * stands for any characters.</p>
          <ConditionFields
            choices={choices}
            condition={condition}
            onChange={(patch) => setCondition({ ...condition, ...patch })}
          />
          <OwnerSelect choices={choices} onChange={setOwner} owner={owner} />
          <div className="row">
            <Button disabled={isAboutNothing || owner === undefined} type="submit">
              See what it changes
            </Button>
            <span className="third">
              {isAboutNothing ? 'Give at least one condition.' : 'Nothing is kept yet.'}
            </span>
          </div>
        </form>
      )}
    </Modal>
  );
}

function ConditionFields({
  condition,
  choices,
  onChange,
}: {
  readonly condition: OwnerCondition;
  readonly choices: OwnerChoices;
  readonly onChange: (patch: OwnerCondition) => void;
}) {
  return (
    <>
      <TextInput
        data-autofocus
        label="Label"
        maxLength={300}
        onChange={(event) => onChange({ label: event.currentTarget.value })}
        placeholder="com.example.team=payments, or a key alone"
        value={condition.label ?? ''}
      />
      <TextInput
        label="Registry path"
        maxLength={500}
        onChange={(event) => onChange({ imagePath: event.currentTarget.value })}
        placeholder="wharf.internal/payments/*"
        value={condition.imagePath ?? ''}
      />
      <TextInput
        label="Name of the workload"
        maxLength={300}
        onChange={(event) => onChange({ namePattern: event.currentTarget.value })}
        placeholder="ledger-*"
        value={condition.namePattern ?? ''}
      />
      <Select
        clearable
        clearButtonProps={{ 'aria-label': 'Any connection' }}
        data={choices.connections.map(({ id, name }) => ({ value: id, label: name }))}
        label="Connection"
        onChange={(value) => onChange({ connectionId: value ?? undefined })}
        placeholder="any"
        value={condition.connectionId ?? null}
      />
    </>
  );
}

function OwnerSelect({
  owner,
  choices,
  onChange,
}: {
  readonly owner: DraftRule['owner'] | undefined;
  readonly choices: OwnerChoices;
  readonly onChange: (owner: DraftRule['owner'] | undefined) => void;
}) {
  const all = [
    ...choices.teams.map((one) => ({ ...one, kind: 'team' as const })),
    ...choices.people.map((one) => ({ ...one, kind: 'user' as const })),
  ];
  const options = (kind: 'team' | 'user') =>
    all
      .filter((one) => one.kind === kind)
      .map(({ id, name }) => ({ value: `${kind} ${id}`, label: name }));
  const groups = [
    { group: 'Teams', items: options('team') },
    { group: 'People', items: options('user') },
  ];
  return (
    <Select
      allowDeselect={false}
      data={groups.filter(({ items }) => items.length > 0)}
      label="Owner"
      onChange={(value) => onChange(all.find(({ kind, id }) => `${kind} ${id}` === value))}
      required
      searchable
      value={owner === undefined ? null : `${owner.kind} ${owner.id}`}
    />
  );
}
