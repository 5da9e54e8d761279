import { beforeAll, describe, expect, it } from 'vitest';
import { type Signed, testApp } from '../../../test/harness/app.ts';
import { componentsEndpoints } from './components-contract.ts';

describe('the search for components', () => {
  let owner: Signed;
  beforeAll(async () => {
    owner = await (await testApp()).signInAs('owner');
  }, 60_000);

  it('refuses a version range it does not understand, with examples', async () => {
    const search = owner.call(componentsEndpoints.searchComponents, {
      query: { q: 'openssl', version: '^3.0' },
    });

    await expect(search).rejects.toMatchObject({
      kind: 'invalid',
      message: expect.stringMatching(/“\^3\.0”.*such as “<1\.2\.3”/),
    });
  });

  it('takes one it understands', async () => {
    const query = { q: 'openssl', version: '>=3.0 <4' };

    expect(await owner.call(componentsEndpoints.searchComponents, { query })).toMatchObject({
      items: [],
    });
  });
});
