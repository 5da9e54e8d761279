import { Button, TextInput } from '@mantine/core';
import {
  browserSupportsWebAuthn,
  type PublicKeyCredentialCreationOptionsJSON,
  startRegistration,
} from '@simplewebauthn/browser';
import { type FormEvent, useState } from 'react';
import {
  type Passkey,
  signInEndpoints,
} from '../../../../src/features/sign-in/sign-in-contract.ts';
import { Failure } from '../../../../src/model/errors.ts';
import { client, useAct, useApi } from '../../kit/api.ts';
import { plural } from '../../kit/format.ts';
import { ActError, Answered, EmptyState } from '../../kit/states.tsx';
import { AnswerPage } from '../../kit/templates.tsx';
import { Time } from '../../kit/time.tsx';

/** One's own passkeys. */
export function PasskeysPage() {
  const passkeys = useApi(signInEndpoints.listPasskeys, {});
  return (
    <AnswerPage
      summary="You sign in with any of them instead of your password."
      title="Your passkeys"
    >
      <div className="stack" style={{ maxWidth: 720 }}>
        <section className="card">
          <Answered query={passkeys}>{({ items }) => <Keys items={items} />}</Answered>
        </section>
        <AddPasskey onAdded={() => void passkeys.refetch()} />
      </div>
    </AnswerPage>
  );
}

function Keys({ items }: { readonly items: readonly Passkey[] }) {
  const remove = useAct(signInEndpoints.removePasskey);
  if (items.length === 0) {
    return (
      <EmptyState title="You have none yet">
        A passkey lies in your device or security key, and cannot be guessed or phished.
      </EmptyState>
    );
  }
  return (
    <>
      <h2>{plural(items.length, 'passkey')}</h2>
      <dl className="card-rows">
        {items.map(({ id, name, createdAt, lastUsedAt }) => (
          <div key={id}>
            <dt>
              {name}
              <div className="small">
                <Time at={createdAt} verb="added" />
                {lastUsedAt === undefined ? ', never used' : ', '}
                {lastUsedAt === undefined ? null : <Time at={lastUsedAt} verb="last used" />}
              </div>
            </dt>
            <dd>
              <Button
                aria-label={`Remove ${name}`}
                onClick={() => remove.mutate({ params: { id } })}
                size="xs"
                variant="default"
              >
                Remove
              </Button>
            </dd>
          </div>
        ))}
      </dl>
      <ActError error={remove.error} />
    </>
  );
}

function AddPasskey({ onAdded }: { readonly onAdded: () => void }) {
  const [name, setName] = useState('');
  const [error, setError] = useState<unknown>();
  if (!browserSupportsWebAuthn()) {
    return <p className="notice">This browser knows no passkeys.</p>;
  }
  const add = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setError(undefined);
    try {
      await registerPasskey(name);
      setName('');
      onAdded();
    } catch (caught) {
      const isOurs = caught instanceof Failure;
      setError(isOurs ? caught : new Failure('invalid', 'No passkey was made. Nothing changed.'));
    }
  };
  return (
    <form className="card stack" onSubmit={(event) => void add(event)}>
      <TextInput
        description="So that you know it again: your laptop, the blue key."
        label="Name of a new passkey"
        maxLength={200}
        onChange={(event) => setName(event.currentTarget.value)}
        required
        value={name}
      />
      <ActError error={error} />
      <div>
        <Button type="submit">Add a passkey</Button>
      </div>
    </form>
  );
}

async function registerPasskey(name: string): Promise<void> {
  const options = await client(signInEndpoints.startPasskey);
  const optionsJSON = options as unknown as PublicKeyCredentialCreationOptionsJSON;
  const answer = await startRegistration({ optionsJSON });
  await client(signInEndpoints.addPasskey, { body: { name, answer: { ...answer } } });
}
