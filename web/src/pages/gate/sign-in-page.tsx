import { Button, Divider, PasswordInput, TextInput } from '@mantine/core';
import {
  browserSupportsWebAuthn,
  type PublicKeyCredentialRequestOptionsJSON,
  startAuthentication,
} from '@simplewebauthn/browser';
import { useState } from 'react';
import { signInEndpoints } from '../../../../src/features/sign-in/sign-in-contract.ts';
import { Failure } from '../../../../src/model/errors.ts';
import { client, useAct } from '../../kit/api.ts';
import { useSearchState } from '../../kit/navigation.tsx';
import { ActError } from '../../kit/states.tsx';
import { Gate } from './gate.tsx';
import { safeTarget } from './safe-target.ts';

/** Password, or a passkey where the browser has them; then back to where the person was going. */
export function SignInPage() {
  const { search } = useSearchState();
  const signIn = useAct(signInEndpoints.signIn);
  const [passkeyError, setPasskeyError] = useState<unknown>();
  const enter = (): void => window.location.assign(safeTarget(search['to']));
  const usePasskey = async (): Promise<void> => {
    setPasskeyError(undefined);
    try {
      await signInWithPasskey();
      enter();
    } catch (error) {
      setPasskeyError(passkeyFailure(error));
    }
  };
  return (
    <Gate
      onSend={({ email = '', password = '' }) =>
        signIn.mutate({ body: { email, password } }, { onSuccess: enter })
      }
      sentence="Custody of containers: what runs, what is in it, with proof."
      title="Sign in"
    >
      <TextInput
        autoComplete="username"
        label="E-mail address"
        name="email"
        required
        type="email"
      />
      <PasswordInput autoComplete="current-password" label="Password" name="password" required />
      <ActError error={signIn.error ?? passkeyError} />
      <Button loading={signIn.isPending} type="submit">
        Sign in
      </Button>
      {browserSupportsWebAuthn() ? (
        <>
          <Divider label="or" />
          <Button onClick={() => void usePasskey()} variant="default">
            Use a passkey
          </Button>
        </>
      ) : null}
    </Gate>
  );
}

async function signInWithPasskey(): Promise<void> {
  const options = await client(signInEndpoints.startPasskeySignIn);
  const optionsJSON = options as unknown as PublicKeyCredentialRequestOptionsJSON;
  const answer = await startAuthentication({ optionsJSON });
  await client(signInEndpoints.signInWithPasskey, { body: { ...answer } });
}

/** The browser's own refusals say nothing a person could act on. */
function passkeyFailure(error: unknown): unknown {
  if (error instanceof Failure) return error;
  return new Failure('invalid', 'No passkey was used. Try again, or sign in with your password.');
}
