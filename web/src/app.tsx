import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider, useLocation, useRouter } from '@tanstack/react-router';
import { useEffect } from 'react';
import { signInEndpoints } from '../../src/features/sign-in/sign-in-contract.ts';
import { createQueryClient, isSignedOut, useApi } from './kit/api.ts';
import { SessionContext } from './kit/session.ts';
import { ErrorState } from './kit/states.tsx';
import { resolveVariables, theme } from './kit/theme.ts';
import { createConsoleRouter } from './routes.tsx';
import { Shell } from './shell/shell.tsx';

const queries = createQueryClient();
const router = createConsoleRouter(SignedIn);

export function App() {
  return (
    <MantineProvider
      cssVariablesResolver={resolveVariables}
      defaultColorScheme="auto"
      theme={theme}
    >
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  );
}

/** The console proper: whoever is not signed in is sent to the door, and back afterwards. */
function SignedIn() {
  const session = useApi(signInEndpoints.getSession, {}, { every: 60_000 });
  const location = useLocation();
  const { history } = useRouter();
  const isOut = isSignedOut(session.error);
  useEffect(() => {
    // While the door's own bundle loads, this is still mounted at the door's address.
    if (!isOut || location.pathname === '/sign-in') return;
    const to = location.href === '/' ? '' : `?to=${encodeURIComponent(location.href)}`;
    history.replace(`/sign-in${to}`);
  }, [isOut, history, location.href, location.pathname]);
  if (isOut) return null;
  if (session.data === undefined) {
    if (session.error === null) return null;
    return <ErrorState error={session.error} retry={() => void session.refetch()} />;
  }
  return (
    <SessionContext value={session.data}>
      <Shell />
    </SessionContext>
  );
}
