import { describe, expect, it } from 'vitest';
import { Failure } from '../model/errors.ts';
import { parseServeConfig } from './config.ts';

function parse(flags: readonly string[], environment: Record<string, string> = {}, isRoot = false) {
  return parseServeConfig(flags, environment, isRoot);
}

function refusalOf(flags: readonly string[], environment: Record<string, string> = {}): string {
  try {
    parse(flags, environment);
  } catch (error) {
    return error instanceof Failure ? `${error.code}: ${error.message}` : String(error);
  }
  return 'accepted';
}

const CERTIFICATE = ['--tls-cert', import.meta.filename, '--tls-key', import.meta.filename];

describe('without flags', () => {
  it('listens on localhost:7420 with its own database in ./data', () => {
    expect(parse([])).toMatchObject({
      dataFolder: './data',
      host: 'localhost',
      port: 7420,
      databaseUrl: undefined,
      publicUrl: 'http://localhost:7420',
      hosts: ['localhost:7420', '127.0.0.1:7420', '[::1]:7420'],
    });
  });

  it('keeps data of root where PostgreSQL can reach it', () => {
    expect(parse([], {}, true).dataFolder).toBe('/var/lib/wharfinger');
  });
});

describe('a setting', () => {
  it('comes from the flag, else from the environment', () => {
    const environment = { WHARFINGER_PORT: '8000', WHARFINGER_DATA: '/srv/a' };

    expect(parse(['--port', '9000'], environment)).toMatchObject({
      port: 9000,
      dataFolder: '/srv/a',
    });
  });

  it('DATABASE_URL names a database of the operator', () => {
    const url = 'postgresql://a@db.example.org/wharfinger';

    expect(parse([], { DATABASE_URL: url }).databaseUrl).toBe(url);
  });
});

describe('another host than this machine', () => {
  it('needs TLS or a named proxy, and its public address', () => {
    expect(refusalOf(['--host', '0.0.0.0'])).toContain('give --tls-cert and --tls-key');
    expect(refusalOf(['--host', '0.0.0.0', ...CERTIFICATE])).toContain('needs --public-url');
    expect(refusalOf(['--host', '::', '--trusted-proxy', '10.0.0.1'])).toContain('--public-url');
  });

  it('answers to its public name too', () => {
    const flags = ['--host', '0.0.0.0', '--public-url', 'https://wharf.example.org/'];

    expect(parse([...flags, ...CERTIFICATE])).toMatchObject({
      publicUrl: 'https://wharf.example.org',
      hosts: ['localhost:7420', '127.0.0.1:7420', '[::1]:7420', 'wharf.example.org'],
    });
  });
});

describe('wrong use', () => {
  it.each([
    [['--port', '65536']],
    [['--port', '-1']],
    [['--port', '1e3']],
    [['extra']],
    [['--unknown']],
    [['--tls-cert', import.meta.filename]],
    [['--tls-cert', '/nonexistent', '--tls-key', '/nonexistent']],
    [['--public-url', 'ftp://a.example']],
    [['--public-url', 'https://a.example/path']],
    [['--public-url', 'https://user@a.example']],
  ])('%j is told apart from what cannot be done', (flags) => {
    expect(refusalOf(flags)).toMatch(/^usage: .+\.$/);
  });

  it('of a database URL shows no part of it', () => {
    expect(refusalOf(['--database-url', 'mysql://u:hunter2@h/d'])).not.toContain('hunter2');
  });
});
