import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Agent, request } from 'undici';
import { afterAll, expect, it } from 'vitest';
import { getPartPath } from './find-part.ts';
import { tinyOciLayout } from './images.ts';
import { describeWith } from './parts.ts';
import { registryPassword, registryUser, startRegistry, type TestRegistry } from './registry.ts';

const open: TestRegistry[] = [];
const start = async (options: Parameters<typeof startRegistry>[0]): Promise<TestRegistry> => {
  const registry = await startRegistry(options);
  open.push(registry);
  return registry;
};

describeWith(['docker-registry', 'openssl', 'skopeo', 'umoci', 'busybox'], 'a registry', () => {
  afterAll(async () => {
    for (const registry of open) await registry.stop();
  });

  it('takes an image and lists its tag', async () => {
    const { host, url } = await start({});
    const source = `oci:${await tinyOciLayout()}`;

    const options = ['--insecure-policy', 'copy', '--dest-tls-verify=false'];
    const copy = [...options, source, `docker://${host}/wharf/tiny:1`];
    await promisify(execFile)(getPartPath('skopeo'), copy);

    const { body } = await request(`${url}/v2/wharf/tiny/tags/list`);
    expect(await body.json()).toEqual({ name: 'wharf/tiny', tags: ['1'] });
  });

  it('opens to the right password only', async () => {
    const { url } = await start({ signIn: true });
    const status = async (password: string): Promise<number> => {
      const token = Buffer.from(`${registryUser}:${password}`).toString('base64');
      const headers = { authorization: `Basic ${token}` };
      const { statusCode, body } = await request(`${url}/v2/`, { headers });
      await body.dump();
      return statusCode;
    };

    expect(await status(registryPassword)).toBe(200);
    expect(await status('wrong')).toBe(401);
  });

  it('speaks TLS under an authority of its own, which nobody trusts by default', async () => {
    const { url, authority = '' } = await start({ tls: true });
    const agent = new Agent({ connect: { ca: authority } });

    const { statusCode, body } = await request(`${url}/v2/`, { dispatcher: agent });
    await body.dump();

    expect(statusCode).toBe(200);
    await expect(request(`${url}/v2/`)).rejects.toThrow(/certificate/);
    await agent.close();
  });

  it('answers no more once it is stopped', async () => {
    const registry = await startRegistry();
    await registry.stop();
    await expect(request(`${registry.url}/v2/`)).rejects.toThrow(/ECONNREFUSED/);
  });
});
