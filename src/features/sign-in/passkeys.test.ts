import { describe, expect, it } from 'vitest';
import { testPassword as password } from '../../../test/harness/app.ts';
import { softAuthenticator } from '../../../test/harness/authenticator.ts';
import { aServer, tokenOf } from '../../../test/harness/sign-in-server.ts';
import { signInEndpoints as endpoints } from './sign-in-contract.ts';

describe('a passkey', () => {
  const added = async () => {
    const world = await aServer();
    const device = softAuthenticator('http://localhost:7420');
    const options = await world.owner.call(endpoints.startPasskey);
    const body = { name: 'berth key', answer: device.register(options) };
    const key = await world.owner.call(endpoints.addPasskey, { body });
    return { world, device, key };
  };

  it('is added in a session and signs in without a password', async () => {
    const { world, device, key } = await added();
    const options = await world.call(endpoints.startPasskeySignIn);

    const session = await world.call(endpoints.signInWithPasskey, { body: device.sign(options) });

    expect(session.user).toMatchObject({ email: world.owner.email, hasPasskey: true });
    const { items } = await world.owner.call(endpoints.listPasskeys);
    expect(items).toMatchObject([{ id: key.id, lastUsedAt: expect.any(String) }]);
  });

  it('answers a challenge once, and within five minutes', async () => {
    const { world, device } = await added();
    const refused = { code: 'passkey-refused' };
    const answer = device.sign(await world.call(endpoints.startPasskeySignIn));
    await world.call(endpoints.signInWithPasskey, { body: answer });

    const replay = world.call(endpoints.signInWithPasskey, { body: answer });
    await expect(replay).rejects.toMatchObject(refused);

    const late = device.sign(await world.call(endpoints.startPasskeySignIn));
    world.clock.moveBy(5 * 60_000 + 1);
    await expect(world.call(endpoints.signInWithPasskey, { body: late })).rejects.toMatchObject(
      refused,
    );
  });

  it.each([
    ['of another site', { origin: 'https://localhost.example' }],
    ['without the person', { isVerified: false }],
    ['with a counter that went back', { counter: 0 }],
    ['signed by another key', { isForged: true }],
  ])('%s is refused', async (_, twist) => {
    const { world, device } = await added();
    const first = device.sign(await world.call(endpoints.startPasskeySignIn));
    await world.call(endpoints.signInWithPasskey, { body: first });

    const answer = device.sign(await world.call(endpoints.startPasskeySignIn), twist);

    await expect(world.call(endpoints.signInWithPasskey, { body: answer })).rejects.toMatchObject({
      code: 'passkey-refused',
    });
  });

  it('of someone disabled is refused', async () => {
    const { world, device } = await added();
    await world.invite('bo@wharf.example', 'owner').then(({ link }) =>
      world.call(endpoints.acceptInvitation, {
        body: { token: tokenOf(link), name: 'Bo', password },
      }),
    );
    const params = { id: world.owner.userId };
    await world.owner.call(endpoints.changeUser, { params, body: { disabled: true } });

    const answer = device.sign(await world.call(endpoints.startPasskeySignIn));

    await expect(world.call(endpoints.signInWithPasskey, { body: answer })).rejects.toMatchObject({
      kind: 'unauthenticated',
    });
  });

  it('of another person cannot be removed or replaced', async () => {
    const { world, device, key } = await added();
    const viewer = await world.signInAs('viewer');
    const body = {
      name: 'mine',
      answer: device.register(await viewer.call(endpoints.startPasskey)),
    };

    await expect(
      viewer.call(endpoints.removePasskey, { params: { id: key.id } }),
    ).rejects.toMatchObject({
      kind: 'not-found',
    });
    await expect(viewer.call(endpoints.addPasskey, { body })).rejects.toMatchObject({
      kind: 'conflict',
    });
  });
});
