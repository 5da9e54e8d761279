import { Button, Modal, MultiSelect, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import {
  ownershipEndpoints,
  type Team,
} from '../../../../src/features/ownership/ownership-contract.ts';
import { useAct, useApi } from '../../kit/api.ts';
import { listWords, plural } from '../../kit/format.ts';
import { A } from '../../kit/navigation.tsx';
import { useMay } from '../../kit/session.ts';
import { ActError, Answered, EmptyState } from '../../kit/states.tsx';
import { type Choice, useOwnerChoices } from './use-owner-choices.ts';

const MEMBERS_NAMED = 5;

/** Teams that can own, with who is in them. */
export function Teams() {
  const mayManage = useMay('ownership.manage');
  const teams = useApi(ownershipEndpoints.listTeams, { query: { limit: 200 } });
  const [edited, edit] = useState<Team | 'new'>();
  return (
    <section className="card">
      <div className="row card-head">
        <h2>Teams</h2>
        {mayManage ? (
          <Button onClick={() => edit('new')} variant="default">
            Create a team
          </Button>
        ) : null}
      </div>
      <Answered query={teams} rows={2}>
        {({ items, next }) => (
          <>
            {items.length === 0 ? (
              <EmptyState title="No team yet">
                A rule hands workloads to a team or a person.
              </EmptyState>
            ) : null}
            <ul className="rules">
              {items.map((team) => (
                <TeamItem
                  key={team.id}
                  onChange={mayManage ? () => edit(team) : undefined}
                  team={team}
                />
              ))}
            </ul>
            {next === undefined ? null : <p className="small">The first 200 teams are shown.</p>}
          </>
        )}
      </Answered>
      {edited === undefined ? null : (
        <TeamForm onClose={() => edit(undefined)} team={edited === 'new' ? undefined : edited} />
      )}
    </section>
  );
}

function TeamItem({
  team,
  onChange,
}: {
  readonly team: Team;
  readonly onChange: (() => void) | undefined;
}) {
  const { members, workloads } = team;
  const named = members.slice(0, MEMBERS_NAMED).map(({ name }) => name);
  const rest = members.length - named.length;
  const names = rest > 0 ? [...named, `${rest} more`] : named;
  return (
    <li>
      <div>
        <strong>{team.name}</strong>
        <div className="small">{members.length === 0 ? 'nobody in it yet' : listWords(names)}</div>
        <div className="small">
          {workloads === 0 ? (
            'owns nothing yet'
          ) : (
            <A href={`/containers?owner=${team.id}`}>owns {plural(workloads, 'workload')}</A>
          )}
        </div>
      </div>
      {onChange === undefined ? null : (
        <div className="rule-acts">
          <button
            aria-label={`Change ${team.name}`}
            className="plain-button"
            onClick={onChange}
            type="button"
          >
            Change
          </button>
        </div>
      )}
    </li>
  );
}

type FormProps = { readonly team: Team | undefined; readonly onClose: () => void };

function TeamForm({ team, onClose }: FormProps) {
  const [name, setName] = useState(team?.name ?? '');
  const [memberIds, setMemberIds] = useState(() => (team?.members ?? []).map((one) => one.userId));
  const create = useAct(ownershipEndpoints.createTeam);
  const change = useAct(ownershipEndpoints.changeTeam);
  const remove = useAct(ownershipEndpoints.removeTeam);
  const send = (event: FormEvent): void => {
    event.preventDefault();
    const body = { name, memberIds };
    if (team === undefined) create.mutate({ body }, { onSuccess: onClose });
    else change.mutate({ params: { id: team.id }, body }, { onSuccess: onClose });
  };
  return (
    <Modal onClose={onClose} opened title={team === undefined ? 'Create a team' : team.name}>
      <form className="stack" onSubmit={send} style={{ gap: 12 }}>
        <TextInput
          data-autofocus
          label="Name of the team"
          maxLength={200}
          onChange={(event) => setName(event.currentTarget.value)}
          required
          value={name}
        />
        <Members ids={memberIds} onChange={setMemberIds} team={team} />
        <ActError error={create.error ?? change.error ?? remove.error} />
        <div className="row">
          <Button loading={create.isPending || change.isPending} type="submit">
            {team === undefined ? 'Create the team' : 'Keep'}
          </Button>
          {team === undefined ? null : (
            <Button
              color="critical"
              loading={remove.isPending}
              onClick={() => remove.mutate({ params: { id: team.id } }, { onSuccess: onClose })}
              variant="outline"
            >
              Remove the team
            </Button>
          )}
        </div>
      </form>
    </Modal>
  );
}

/** Who may not read the list of people still sees who is in the team. */
function Members({
  ids,
  team,
  onChange,
}: {
  readonly ids: string[];
  readonly team: Team | undefined;
  readonly onChange: (ids: string[]) => void;
}) {
  const mayReadPeople = useMay('user.read');
  const { people } = useOwnerChoices();
  const inTeam = (team?.members ?? []).map(({ userId, name }): Choice => ({ id: userId, name }));
  const known = new Map([...inTeam, ...people].map(({ id, name }) => [id, name]));
  return (
    <MultiSelect
      data={[...known].map(([value, label]) => ({ value, label }))}
      description={
        mayReadPeople ? undefined : 'An owner can add people: your role cannot see them.'
      }
      label="People in it"
      onChange={onChange}
      searchable
      value={ids}
    />
  );
}
