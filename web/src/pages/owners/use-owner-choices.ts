import { connectionsEndpoints } from '../../../../src/features/connections/connections-contract.ts';
import { ownershipEndpoints } from '../../../../src/features/ownership/ownership-contract.ts';
import { signInEndpoints } from '../../../../src/features/sign-in/sign-in-contract.ts';
import { useApi } from '../../kit/api.ts';
import { useMay } from '../../kit/session.ts';

export type Choice = { readonly id: string; readonly name: string };

/** Who can own, and which connections a rule can name. */
export function useOwnerChoices() {
  const query = { limit: 200 };
  const teams = useApi(ownershipEndpoints.listTeams, { query });
  const mayReadPeople = useMay('user.read');
  const people = useApi(signInEndpoints.listUsers, { query }, { isOff: !mayReadPeople });
  const connections = useApi(connectionsEndpoints.listConnections, { query });
  const active = (people.data?.items ?? []).filter(({ state }) => state !== 'disabled');
  return {
    teams: (teams.data?.items ?? []).map(({ id, name }): Choice => ({ id, name })),
    people: active.map(({ id, name, email }): Choice => ({ id, name: name === '' ? email : name })),
    connections: (connections.data?.items ?? []).map(({ id, name }): Choice => ({ id, name })),
  };
}

export type OwnerChoices = ReturnType<typeof useOwnerChoices>;
