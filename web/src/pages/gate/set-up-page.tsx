import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import { signInEndpoints } from '../../../../src/features/sign-in/sign-in-contract.ts';
import { useAct } from '../../kit/api.ts';
import { ActError } from '../../kit/states.tsx';
import { Gate, linkToken } from './gate.tsx';

const PASSWORD_LENGTH_MIN = 12;
const passwordHelp = `At least ${PASSWORD_LENGTH_MIN} characters; length is what counts.`;

/** The first owner, by the one-time link that the first start prints. */
export function SetUpPage() {
  const setUp = useAct(signInEndpoints.setUp);
  const [token] = useState(linkToken);
  if (token === '') return <NoLink what="set-up" />;
  return (
    <Gate
      onSend={({ name = '', email = '', password = '' }) =>
        setUp.mutate(
          { body: { token, name, email, password } },
          { onSuccess: () => window.location.assign('/') },
        )
      }
      sentence="You become its first owner. The link you followed works once."
      title="Set up Wharfinger"
    >
      <TextInput autoComplete="name" label="Your name" maxLength={200} name="name" required />
      <TextInput autoComplete="email" label="E-mail address" name="email" required type="email" />
      <NewPassword />
      <ActError error={setUp.error} />
      <Button loading={setUp.isPending} type="submit">
        Become the owner
      </Button>
    </Gate>
  );
}

/** Someone who was invited chooses a name and a password. */
export function JoinPage() {
  const join = useAct(signInEndpoints.acceptInvitation);
  const [token] = useState(linkToken);
  if (token === '') return <NoLink what="invitation" />;
  return (
    <Gate
      onSend={({ name = '', password = '' }) =>
        join.mutate(
          { body: { token, name, password } },
          { onSuccess: () => window.location.assign('/') },
        )
      }
      sentence="You were invited. The link you followed works once."
      title="Join Wharfinger"
    >
      <TextInput autoComplete="name" label="Your name" maxLength={200} name="name" required />
      <NewPassword />
      <ActError error={join.error} />
      <Button loading={join.isPending} type="submit">
        Join
      </Button>
    </Gate>
  );
}

function NewPassword() {
  return (
    <PasswordInput
      autoComplete="new-password"
      description={passwordHelp}
      label="Password"
      minLength={PASSWORD_LENGTH_MIN}
      name="password"
      required
    />
  );
}

function NoLink({ what }: { readonly what: 'set-up' | 'invitation' }) {
  const where =
    what === 'set-up'
      ? 'The first start prints it, and leaves it in the file set-up-link of the data folder.'
      : 'Whoever invited you has it, and can make a new one.';
  return (
    <Gate
      onSend={() => window.location.assign('/sign-in')}
      sentence={where}
      title={`Open the whole ${what} link`}
    >
      <Button type="submit" variant="default">
        Sign in instead
      </Button>
    </Gate>
  );
}
