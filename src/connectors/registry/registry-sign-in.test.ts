import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { getPartPath } from '../../../test/harness/find-part.ts';
import { tinyOciLayout } from '../../../test/harness/images.ts';
import { describeWith } from '../../../test/harness/parts.ts';
import {
  registryPassword,
  registryUser,
  startRegistry,
  type TestRegistry,
} from '../../../test/harness/registry.ts';
import {
  json,
  type ScriptedRegistry,
  startScriptedRegistry,
} from '../../../test/harness/scripted-registry.ts';
import { startTokenServer, type TokenServer } from '../../../test/harness/token-server.ts';
import type { Observation } from '../../model/observation.ts';
import { systemClock } from '../../platform/clock.ts';
import { findDockerSignIn } from './docker-sign-in.ts';
import { RegistryClient } from './registry-client.ts';
import { readRegistry } from './registry-reading.ts';
import { RegistrySettings } from './registry-settings.ts';

const signedIn = { username: registryUser, password: registryPassword };

async function readTags(settings: Record<string, unknown>) {
  const parsed = RegistrySettings.parse(settings);
  const signal = new AbortController().signal;
  const client = new RegistryClient(parsed, { signal, clock: systemClock });
  const seen: Observation[] = [];
  try {
    const outcome = await readRegistry(client, parsed, {
      observe: async (batch) => void seen.push(...batch),
      progress: () => {},
    });
    const tags = seen.flatMap((one) => (one.kind === 'tag' ? [one.name] : []));
    return { ...outcome, tags: tags.map((tag) => tag.slice(tag.indexOf('/') + 1)).sort() };
  } finally {
    await client.close();
  }
}

const parts = ['docker-registry', 'openssl', 'skopeo', 'umoci', 'busybox'] as const;
describeWith(parts, 'a registry that takes tokens', () => {
  let tokens: TokenServer;
  let registry: TestRegistry;
  beforeAll(async () => {
    tokens = await startTokenServer();
    registry = await startRegistry({ tokens });
    const options = ['--insecure-policy', 'copy', '--dest-tls-verify=false'];
    const creds = ['--dest-creds', `${registryUser}:${registryPassword}`];
    for (const name of ['public/tool', 'private/ledger']) {
      const copy = [...options, ...creds, `oci:${await tinyOciLayout()}`];
      const to = `docker://${registry.host}/${name}:1`;
      await promisify(execFile)(getPartPath('skopeo'), [...copy, to]);
    }
    tokens.scopes.length = 0;
  });
  afterAll(async () => {
    await registry.stop();
    await tokens.stop();
  });
  const settings = () => ({ address: registry.url, tokenHosts: [tokens.origin] });

  it('is read with a user name, asking for nothing but reading', async () => {
    const { tags, problems } = await readTags({ ...settings(), ...signedIn });

    expect(problems).toEqual([]);
    expect(tags).toEqual(['private/ledger:1', 'public/tool:1']);
    expect([...new Set(tokens.scopes)].sort()).toEqual([
      'registry:catalog:*',
      'repository:private/ledger:pull',
      'repository:public/tool:pull',
    ]);
  });

  it('shows anyone what is public, and names what it refuses', async () => {
    const repositories = ['public/tool', 'private/ledger'];
    const { tags, problems, complete } = await readTags({ ...settings(), repositories });

    expect(tags).toEqual(['public/tool:1']);
    expect(problems).toEqual([
      {
        subject: 'private/ledger',
        message: `${registry.host} does not let anyone without a user name read private/ledger.`,
      },
    ]);
    expect(complete).toEqual([]);
  });

  it('asks to name repositories where it lists none to us', async () => {
    await expect(readTags(settings())).rejects.toThrow('Name those to be read');
  });

  it('says that the password is wrong', async () => {
    const wrong = { ...settings(), username: registryUser, password: 'wrong' };
    await expect(readTags(wrong)).rejects.toThrow('refuses this user name and password');
  });

  it('gets no password to a token service that nobody listed', async () => {
    const before = tokens.scopes.length;
    const call = readTags({ address: registry.url, ...signedIn });
    await expect(call).rejects.toThrow(`sends to ${tokens.origin} for a token`);
    expect(tokens.scopes).toHaveLength(before);
  });
});

describe('a registry that asks for sign-in in an odd way', () => {
  let remote: ScriptedRegistry;
  beforeEach(async () => {
    remote = await startScriptedRegistry();
  });
  afterEach(() => remote.stop());
  const challenge = (header: string) =>
    remote.on('/v2/_catalog', (_request, response) => {
      response.writeHead(401, { 'www-authenticate': header }).end();
    });

  it.each([
    ['Negotiate', 'in a way that is not known here'],
    ['', 'in a way that is not known here'],
    ['Bearer realm="not an address"', 'does not say where it gives tokens'],
    ['Bearer realm="http://169.254.169.254/token"', 'which is not configured'],
  ])('%s is refused', async (header, message) => {
    challenge(header);
    await expect(readTags({ address: remote.origin, ...signedIn })).rejects.toThrow(message);
  });

  it('gives up when a token never helps', async () => {
    challenge(`Bearer realm="${remote.origin}/token",service="s"`);
    remote.on('/token', (_request, response) => void response.end(json({ token: 'abc' })));
    const call = readTags({ address: remote.origin, ...signedIn, repositories: 'wharf/*' });
    await expect(call).rejects.toThrow('Name those to be read');
    expect(remote.asked.filter((path) => path.includes('_catalog'))).toHaveLength(2);
  });

  it('refuses a token that is none', async () => {
    challenge(`Bearer realm="${remote.origin}/token",service="s"`);
    const token = 'a\r\nx-injected: 1';
    remote.on('/token', (_request, response) => void response.end(json({ token })));
    const call = readTags({ address: remote.origin, ...signedIn });
    await expect(call).rejects.toThrow('sent no token');
  });
});

describe('what docker login kept', () => {
  const auth = Buffer.from('ada:mooring:line').toString('base64');
  const config = (auths: object) => Buffer.from(JSON.stringify({ auths }));

  it('is found by the name of the registry, and of Docker Hub by its old address', () => {
    const both = config({ 'registry.example': { auth }, 'https://index.docker.io/v1/': { auth } });
    const expected = { username: 'ada', password: 'mooring:line' };
    expect(findDockerSignIn(both, 'registry.example')).toEqual(expected);
    expect(findDockerSignIn(both, 'docker.io')).toEqual(expected);
    expect(findDockerSignIn(both, 'other.example')).toBeUndefined();
  });

  it('is nothing where a helper keeps it, and where the file is broken', () => {
    expect(
      findDockerSignIn(config({ 'registry.example': {} }), 'registry.example'),
    ).toBeUndefined();
    expect(findDockerSignIn(Buffer.from('{'), 'registry.example')).toBeUndefined();
  });
});
