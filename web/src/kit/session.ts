import { createContext, useContext } from 'react';
import type { Session } from '../../../src/features/sign-in/sign-in-contract.ts';
import type { Action } from '../../../src/model/roles.ts';

export const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === undefined) throw new Error('A page of the console needs a session.');
  return session;
}

/** Whether this person's role may; the server checks all the same. */
export function useMay(action: Action): boolean {
  return useSession().actions.includes(action);
}
