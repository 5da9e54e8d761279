import { Button, NumberInput, Select, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import {
  type ApiToken,
  signInEndpoints,
} from '../../../../src/features/sign-in/sign-in-contract.ts';
import { roles } from '../../../../src/model/roles.ts';
import { useAct, useApi } from '../../kit/api.ts';
import { Copy } from '../../kit/copy.tsx';
import { plural } from '../../kit/format.ts';
import { oneOf } from '../../kit/navigation.tsx';
import { useSession } from '../../kit/session.ts';
import { ActError, Answered, EmptyState } from '../../kit/states.tsx';
import { AnswerPage } from '../../kit/templates.tsx';
import { Time } from '../../kit/time.tsx';

const DAYS_INITIAL = 90;
const DAYS_MAX = 366;

/** One's own API tokens: for the command line and for programs. */
export function TokensPage() {
  const tokens = useApi(signInEndpoints.listTokens, {});
  return (
    <AnswerPage
      summary="For the command line and for programs that act for you."
      title="Your API tokens"
    >
      <div className="stack" style={{ maxWidth: 720 }}>
        <section className="card">
          <Answered query={tokens}>{({ items }) => <Tokens items={items} />}</Answered>
        </section>
        <AddToken />
      </div>
    </AnswerPage>
  );
}

function Tokens({ items }: { readonly items: readonly ApiToken[] }) {
  const revoke = useAct(signInEndpoints.revokeToken);
  if (items.length === 0) {
    return (
      <EmptyState title="You have none yet">
        A token acts as you, with the role you give it.
      </EmptyState>
    );
  }
  return (
    <>
      <h2>{plural(items.length, 'token')}</h2>
      <dl className="card-rows">
        {items.map(({ id, name, role, expiresAt, lastUsedAt }) => (
          <div key={id}>
            <dt>
              {name}
              <div className="small">
                {role}, <Time at={expiresAt} verb="ends" />,{' '}
                {lastUsedAt === undefined ? (
                  'never used'
                ) : (
                  <Time at={lastUsedAt} verb="last used" />
                )}
              </div>
            </dt>
            <dd>
              <Button
                aria-label={`Revoke ${name}`}
                onClick={() => revoke.mutate({ params: { id } })}
                size="xs"
                variant="default"
              >
                Revoke
              </Button>
            </dd>
          </div>
        ))}
      </dl>
      <ActError error={revoke.error} />
    </>
  );
}

function AddToken() {
  const { user } = useSession();
  const create = useAct(signInEndpoints.createToken);
  const [name, setName] = useState('');
  const [role, setRole] = useState(user.role);
  const [days, setDays] = useState(DAYS_INITIAL);
  const send = (event: FormEvent): void => {
    event.preventDefault();
    const body = { name, role, expiresInDays: days };
    create.mutate({ body }, { onSuccess: () => setName('') });
  };
  const secret = create.data?.secret;
  return (
    <form className="card stack" onSubmit={send}>
      <TextInput
        label="What it is for"
        maxLength={200}
        onChange={(event) => setName(event.currentTarget.value)}
        required
        value={name}
      />
      <Select
        allowDeselect={false}
        data={[...roles]}
        description="At most your own rights."
        label="Role"
        onChange={(value) => setRole(oneOf(value ?? undefined, roles) ?? user.role)}
        value={role}
      />
      <NumberInput
        label="Days until it ends"
        max={DAYS_MAX}
        min={1}
        onChange={(value) => setDays(Number(value))}
        value={days}
      />
      <ActError error={create.error} />
      {secret === undefined ? null : (
        <div className="notice" role="status">
          <strong>Take the secret now: it is shown this once.</strong>
          <pre className="note-text">{secret}</pre>
          <Copy text={secret} what="the secret" />
        </div>
      )}
      <div>
        <Button loading={create.isPending} type="submit">
          Make a token
        </Button>
      </div>
    </form>
  );
}
