import { signInEndpoints as endpoints } from '../../src/features/sign-in/sign-in-contract.ts';
import { manualClock } from '../../src/platform/clock.ts';
import { type Signed, testApp } from './app.ts';

export const tokenOf = (link: string | undefined): string => link?.split('#')[1] ?? '';

/** A server of its own with its owner: no test meets another's users, links or limits. */
export async function aServer() {
  const clock = manualClock(new Date().toISOString());
  const world = await testApp({ clock, isStarted: false, hasJobs: false });
  const owner = await world.signInAs('owner');
  const invite = async (email: string, role: Signed['role'] = 'viewer') =>
    owner.call(endpoints.inviteUser, { body: { email, role } });
  const post = (url: string, payload: object, headers: Record<string, string> = {}) =>
    world.inject({ method: 'POST', url, payload, headers });
  return { ...world, clock, owner, invite, post };
}
