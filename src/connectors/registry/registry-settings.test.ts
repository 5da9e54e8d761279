import { describe, expect, it } from 'vitest';
import { findKnownRegistry } from './known-registries.ts';
import { isLoopback, placeOf, RegistrySettings } from './registry-settings.ts';

const place = (address: string, more: object = {}) =>
  placeOf(RegistrySettings.parse({ address, ...more }));
const whyNot = (settings: object): string | undefined =>
  RegistrySettings.safeParse(settings).error?.issues[0]?.message;

describe('where a registry is', () => {
  it('is https at its host, and for Docker Hub at the host its API has', () => {
    expect(place('Registry.example:5000/').origin).toBe('https://registry.example:5000');
    const hub = place('docker.io');
    expect([hub.host, hub.origin]).toEqual(['docker.io', 'https://registry-1.docker.io']);
    expect(hub.tokenHosts).toEqual(['auth.docker.io']);
  });

  it('takes plain HTTP on this machine, elsewhere only when told to', () => {
    expect(place('http://127.0.0.1:5000').origin).toBe('http://127.0.0.1:5000');
    expect(whyNot({ address: 'http://registry.example' })).toContain('Plain HTTP shows passwords');
    expect(place('http://registry.example', { insecure: true }).origin).toMatch(/^http:/);
    expect(['localhost:5000', '[::1]:5000', '127.9.9.9'].every(isLoopback)).toBe(true);
    expect(['localhost.example', '10.0.0.1', '127.example'].some(isLoopback)).toBe(false);
  });

  it('is no path, no query and no password', () => {
    for (const address of ['registry.example/team', 'https://a:b@registry.example', 'r?x=1', '']) {
      expect(whyNot({ address }), address).toContain('Give the registry’s host');
    }
  });

  it('keeps who is given the password apart from who is not', () => {
    const listed = { tokenHosts: ['auth.example'], storageHosts: 'cdn.example\n*.cdn.example' };
    const { tokenHosts, storageHosts } = place('registry.example', listed);
    expect(tokenHosts).toEqual(['auth.example']);
    expect(storageHosts).toEqual(['cdn.example', '*.cdn.example']);
  });
});

describe('the settings of a registry', () => {
  it('read what they wrote', () => {
    const form = { address: 'registry.example', username: '', tags: 'v*, 1.*\n', platforms: '' };
    const parsed = RegistrySettings.parse(form);
    expect(parsed).toMatchObject({ tags: ['v*', '1.*'], platforms: [], username: undefined });
    expect(RegistrySettings.parse(parsed)).toEqual(parsed);
  });

  it('say what is wrong with an entry', () => {
    const address = 'registry.example';
    expect(whyNot({ address, platforms: ['arm64'] })).toContain('Write OS/ARCH');
    expect(whyNot({ address, repositories: ['a b?'] })).toContain('Use names');
    expect(whyNot({ address, tokenHosts: ['https://x/y'] })).toContain('Give a host name');
    expect(whyNot({ address, ca: 'nonsense' })).toContain('PEM');
    expect(whyNot({ address, password: 'x' })).toContain('needs its user name');
  });
});

it('knows public registries by their own names alone', () => {
  expect(findKnownRegistry('europe-docker.pkg.dev')?.storageHosts).toContain(
    'storage.googleapis.com',
  );
  expect(findKnownRegistry('pkg.dev.example')).toBeUndefined();
  expect(findKnownRegistry('notghcr.io')).toBeUndefined();
});
