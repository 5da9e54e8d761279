import { Button, Menu, Select, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { signInEndpoints, type User } from '../../../../src/features/sign-in/sign-in-contract.ts';
import { roles } from '../../../../src/model/roles.ts';
import { client, useAct, useApi } from '../../kit/api.ts';
import { Copy } from '../../kit/copy.tsx';
import { capitalise } from '../../kit/format.ts';
import { type Column, ListPage } from '../../kit/list-page.tsx';
import { oneOf, useSearchState } from '../../kit/navigation.tsx';
import { Pill } from '../../kit/pill.tsx';
import { useMay, useSession } from '../../kit/session.ts';
import { ActError, EmptyState } from '../../kit/states.tsx';
import { ExactTime, Time } from '../../kit/time.tsx';

const tones = { active: 'good', invited: 'medium', disabled: 'plain' } as const;

const columns: readonly Column<User>[] = [
  {
    head: 'Person',
    isMain: true,
    text: ({ name }) => name,
    cell: ({ name, email }) => (
      <>
        <span className="what">{name === '' ? email : name}</span>
        <div className="small">{email}</div>
      </>
    ),
  },
  {
    head: 'State',
    text: ({ state }) => state,
    cell: ({ state, hasPasskey }) => (
      <>
        <Pill tone={tones[state]}>{capitalise(state)}</Pill>
        <div className="small">{hasPasskey ? 'has a passkey' : 'password only'}</div>
      </>
    ),
  },
  { head: 'Role', text: ({ role }) => role, cell: ({ role }) => role },
  {
    head: 'Last here',
    text: ({ lastSeenAt }) => lastSeenAt,
    isEnd: true,
    isWide: true,
    cell: ({ lastSeenAt }) => (lastSeenAt === undefined ? 'never' : <Time at={lastSeenAt} />),
  },
  { head: 'Acts', text: () => '', isEnd: true, cell: (user) => <PersonActs user={user} /> },
];

/** Who can sign in to Wharfinger, and as what. */
export function PeoplePage() {
  const mayManage = useMay('user.manage');
  const { search } = useSearchState();
  const query = { cursor: search['cursor'] };
  const users = useApi(signInEndpoints.listUsers, { query }, { keeps: true });
  return (
    <ListPage
      columns={columns}
      empty={<EmptyState title="Nobody">Nobody can sign in.</EmptyState>}
      keyOf={({ id }) => id}
      name="People"
      notice={mayManage ? <Invite /> : undefined}
      query={users}
      readPage={(cursor) => client(signInEndpoints.listUsers, { query: { cursor, limit: 200 } })}
      summary="Everyone who can sign in to Wharfinger, or was invited to."
      title="People"
    />
  );
}

function PersonActs({ user }: { readonly user: User }) {
  const mayManage = useMay('user.manage');
  const me = useSession().user.id;
  const change = useAct(signInEndpoints.changeUser);
  if (!mayManage || user.id === me) return null;
  const params = { id: user.id };
  const isOff = user.state === 'disabled';
  return (
    <>
      <Menu position="bottom-end" transitionProps={{ duration: 100 }}>
        <Menu.Target>
          <Button aria-label={`Change ${user.email}`} size="xs" variant="default">
            Change
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {roles
            .filter((role) => role !== user.role)
            .map((role) => (
              <Menu.Item key={role} onClick={() => change.mutate({ params, body: { role } })}>
                Make {role}
              </Menu.Item>
            ))}
          <Menu.Divider />
          <Menu.Item onClick={() => change.mutate({ params, body: { disabled: !isOff } })}>
            {isOff ? 'Let in again' : 'Disable: ends their sessions and tokens'}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ActError error={change.error} />
    </>
  );
}

function Invite() {
  const invite = useAct(signInEndpoints.inviteUser);
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<(typeof roles)[number]>('viewer');
  const send = (event: FormEvent): void => {
    event.preventDefault();
    invite.mutate({ body: { email, role } }, { onSuccess: () => setEmail('') });
  };
  return (
    <form className="card stack" onSubmit={send} style={{ marginBottom: 16, gap: 8 }}>
      <h2>Invite someone</h2>
      <div className="row" style={{ alignItems: 'flex-end' }}>
        <TextInput
          label="E-mail address"
          onChange={(event) => setEmail(event.currentTarget.value)}
          required
          type="email"
          value={email}
        />
        <Select
          allowDeselect={false}
          data={[...roles]}
          label="Role"
          onChange={(value) => setRole(oneOf(value ?? undefined, roles) ?? role)}
          value={role}
        />
        <Button loading={invite.isPending} type="submit">
          Make an invitation
        </Button>
      </div>
      <ActError error={invite.error} />
      {invite.data === undefined ? null : (
        <div className="notice" role="status">
          <strong>Hand this link to {invite.data.user.email}. It works once.</strong>
          <pre className="note-text">{invite.data.link}</pre>
          <div className="row">
            <Copy text={invite.data.link} what="the link" />
            <span className="third">
              until <ExactTime at={invite.data.expiresAt} />
            </span>
          </div>
        </div>
      )}
    </form>
  );
}
