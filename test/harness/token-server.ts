import { execFileSync } from 'node:child_process';
import { randomUUID, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getPartPath } from './find-part.ts';
import { registryPassword, registryUser, tokenIssuer, tokenService } from './registry.ts';

/**
 * A token service as the distribution project specifies it ("Token Authentication Specification"
 * and "Token Authentication Implementation"): the registry checks what it signs. Everyone may pull
 * what begins with `public/`, the test's user may pull and push anything.
 */
export type TokenServer = {
  readonly origin: string;
  readonly realm: string;
  /** What the registry trusts. */
  readonly certificate: string;
  /** The scopes that were asked for. */
  readonly scopes: string[];
  readonly stop: () => Promise<void>;
};

export async function startTokenServer(): Promise<TokenServer> {
  const { key, certificate } = makeSigner();
  const scopes: string[] = [];
  const server = createServer((request, response) => {
    const query = new URL(request.url ?? '', 'http://x').searchParams;
    const basic = Buffer.from(`${registryUser}:${registryPassword}`).toString('base64');
    const given = request.headers.authorization;
    if (given !== undefined && given !== `Basic ${basic}`) {
      return void response.writeHead(401).end();
    }
    const asked = query.getAll('scope').flatMap((scope) => scope.split(' '));
    scopes.push(...asked);
    const access = asked.flatMap((scope) => accessTo(scope, given !== undefined));
    const token = tokenFor(access, { key, certificate, service: query.get('service') ?? '' });
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ token, expires_in: 300, issued_at: new Date().toISOString() }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { origin, realm: `${origin}/token`, certificate, scopes, stop };
}

function accessTo(scope: string, isSignedIn: boolean): readonly object[] {
  const [type = '', name = '', actions = ''] = scope.split(':');
  if (type === 'repository' && (isSignedIn || name.startsWith('public/'))) {
    const allowed = actions.split(',').filter((action) => isSignedIn || action === 'pull');
    return [{ type, name, actions: allowed }];
  }
  return type === 'registry' && isSignedIn ? [{ type, name, actions: ['*'] }] : [];
}

type Signer = { readonly key: string; readonly certificate: string };

function makeSigner(): Signer {
  const folder = mkdtempSync(join(tmpdir(), 'wharfinger-tokens-'));
  try {
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    const files = ['-keyout', 'key.pem', '-out', 'cert.pem', '-subj', '/CN=Wharf tokens'];
    const args = ['req', '-x509', ...curve, ...files, '-days', '2'];
    execFileSync(getPartPath('openssl'), args, { cwd: folder, stdio: 'pipe' });
    const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
    return { key: read('key.pem'), certificate: read('cert.pem') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function tokenFor(
  access: readonly object[],
  { key, certificate, service }: Signer & { service: string },
): string {
  const der = certificate.replace(/-----[^-]+-----|\s/g, '');
  const seconds = Math.floor(Date.now() / 1000);
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const head = part({ typ: 'JWT', alg: 'ES256', x5c: [der] });
  const claims = part({
    iss: tokenIssuer,
    sub: registryUser,
    aud: service || tokenService,
    exp: seconds + 300,
    nbf: seconds - 60,
    iat: seconds,
    jti: randomUUID(),
    access,
  });
  const signature = sign('sha256', Buffer.from(`${head}.${claims}`), {
    key,
    dsaEncoding: 'ieee-p1363',
  });
  return `${head}.${claims}.${signature.toString('base64url')}`;
}
