import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { HostPace } from './host-pace.ts';
import { createOutboundClient, type OutboundOptions } from './outbound-client.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function serve(handler: Handler): Promise<{ origin: string; server: Server }> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

/** A clock that only moves when somebody sleeps, and tells for how long. */
function countedTime() {
  let now = 0;
  const slept: number[] = [];
  const sleep = async (ms: number) => {
    slept.push(ms);
    now += ms;
  };
  return { slept, nowMs: () => now, sleep };
}

function client(options: Partial<OutboundOptions> & { origin: string }) {
  const timing = options.timing ?? countedTime();
  const made = createOutboundClient({
    others: [],
    signal: new AbortController().signal,
    timing,
    pace: new HostPace(timing),
    environment: {},
    ...options,
  });
  ends.push(made.close);
  return made;
}

describe('where outbound calls go', () => {
  it('follows a redirect within the origin', async () => {
    const { origin } = await serve((request, response) => {
      if (request.url === '/a') response.writeHead(307, { location: '/b' }).end();
      else response.end('berth');
    });
    const answer = await client({ origin }).document({ url: `${origin}/a` }, 100);
    expect(answer.bytes.toString()).toBe('berth');
    expect(answer.url).toBe(`${origin}/b`);
  });

  it('refuses a redirect to an address that nobody configured, and never calls it', async () => {
    let called = 0;
    const other = await serve((_request, response) => {
      called += 1;
      response.end();
    });
    const { origin } = await serve((_request, response) => {
      response.writeHead(302, { location: `${other.origin}/x` }).end();
    });
    const call = client({ origin }).document({ url: origin }, 100);
    await expect(call).rejects.toThrow(
      `leads to ${other.origin}, which is not configured for this connection`,
    );
    expect(called).toBe(0);
  });

  it('takes no password along to a listed host', async () => {
    const seen: (string | undefined)[] = [];
    const other = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.end('cargo');
    });
    const { origin } = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(307, { location: `${other.origin}/x` }).end();
    });
    const door = client({ origin, others: [other.origin] });
    await door.document({ url: origin, authorization: 'Basic c2VjcmV0' }, 100);
    expect(seen).toEqual(['Basic c2VjcmV0', undefined]);
  });

  it('refuses a redirect to a link-local address even where its host is listed', async () => {
    const { origin } = await serve((_request, response) => {
      response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end();
    });
    const door = client({ origin, others: ['http://169.254.169.254'] });
    await expect(door.document({ url: origin }, 100)).rejects.toThrow('never called');
  });

  it('refuses a listed host over plain HTTP, and an address with a password in it', async () => {
    const { origin } = await serve((request, response) => {
      const location =
        request.url === '/plain' ? 'http://cdn.example/' : 'https://a:b@cdn.example/';
      response.writeHead(302, { location }).end();
    });
    const door = client({ origin, others: ['cdn.example'] });
    const plain = door.document({ url: `${origin}/plain` }, 100);
    await expect(plain).rejects.toThrow('not configured');
    await expect(door.document({ url: origin }, 100)).rejects.toThrow('password in it');
  });

  it('ends a circle of redirects', async () => {
    const { origin } = await serve((_request, response) => {
      response.writeHead(302, { location: '/again' }).end();
    });
    await expect(client({ origin }).document({ url: origin }, 100)).rejects.toThrow('without end');
  });

  it('goes through the proxy that is set, but not where NO_PROXY says so', async () => {
    const { origin } = await serve((_request, response) => void response.end('through'));
    const tunnelled: string[] = [];
    const proxy = await serve((request, response) => {
      tunnelled.push(request.url ?? '');
      response.end('by the proxy');
    });
    proxy.server.on('connect', (request, socket) => {
      tunnelled.push(request.url ?? '');
      const [host, port] = (request.url ?? '').split(':');
      const onward = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        onward.pipe(socket).pipe(onward);
      });
      socket.on('error', () => onward.destroy());
      onward.on('error', () => socket.destroy());
    });
    const environment = { HTTP_PROXY: proxy.origin };
    await client({ origin, environment }).document({ url: origin }, 100);
    expect(tunnelled).toHaveLength(1);
    const around = { ...environment, NO_PROXY: '127.0.0.1' };
    const answer = await client({ origin, environment: around }).document({ url: origin }, 100);
    expect(answer.bytes.toString()).toBe('through');
    expect(tunnelled).toHaveLength(1);
  });
});

describe('how long and how often outbound calls wait', () => {
  it('waits as long as the host asks, and asks again', async () => {
    let calls = 0;
    const { origin } = await serve((_request, response) => {
      calls += 1;
      if (calls === 1) response.writeHead(429, { 'retry-after': '7' }).end();
      else response.end('now');
    });
    const timing = countedTime();
    const answer = await client({ origin, timing }).document({ url: origin }, 100);
    expect(answer.bytes.toString()).toBe('now');
    expect(timing.slept).toEqual([7000]);
  });

  it('does not wait an hour because a host asks for it', async () => {
    const { origin } = await serve((_request, response) => {
      response.writeHead(429, { 'retry-after': '3600' }).end();
    });
    const timing = countedTime();
    const call = client({ origin, timing }).document({ url: origin }, 100);
    await expect(call).rejects.toThrow('asks to be left alone for 60 minutes');
    expect(timing.slept).toEqual([]);
  });

  it('hands over what a host answers that stays busy', async () => {
    const { origin } = await serve((_request, response) => void response.writeHead(503).end());
    const timing = countedTime();
    const answer = await client({ origin, timing }).document({ url: origin }, 100);
    expect(answer.status).toBe(503);
    expect(timing.slept).toEqual([500, 1000, 2000]);
  });

  it('calls a host no more often than its pace', async () => {
    const { origin } = await serve((_request, response) => void response.end());
    const timing = countedTime();
    const pace = new HostPace(timing, { callsASecond: 2, burst: 2 });
    const door = client({ origin, timing, pace });
    for (let call = 0; call < 6; call += 1) await door.document({ url: origin }, 100);
    expect(timing.slept.length).toBeGreaterThan(2);
    expect(timing.slept.every((ms) => ms <= 500)).toBe(true);
  });

  it('tries a broken connection again', async () => {
    let calls = 0;
    const { origin } = await serve((request, response) => {
      calls += 1;
      if (calls === 1) request.socket.destroy();
      else response.end('whole');
    });
    const answer = await client({ origin }).document({ url: origin }, 100);
    expect(answer.bytes.toString()).toBe('whole');
  });

  it('gives up on a host that does not answer, and on one that stops in the middle', async () => {
    const { origin } = await serve((request, response) => {
      if (request.url === '/middle') response.write('half');
    });
    const door = client({ origin, limits: { headersMs: 100, stallMs: 100, documentMs: 400 } });
    const never = door.document({ url: origin }, 100);
    await expect(never).rejects.toThrow('took too long to answer');
    const half = door.document({ url: `${origin}/middle` }, 100);
    await expect(half).rejects.toThrow(/stopped sending|took too long/);
  });

  it('reads no more than it was allowed to', async () => {
    const { origin } = await serve((_request, response) => void response.end('x'.repeat(1000)));
    await expect(client({ origin }).document({ url: origin }, 999)).rejects.toThrow(
      'more than 999',
    );
  });

  it('says that nothing listens', async () => {
    const { origin, server } = await serve(() => {});
    await new Promise((resolve) => server.close(resolve));
    await expect(client({ origin }).document({ url: origin }, 9)).rejects.toThrow(
      'cannot be read: nothing listens there.',
    );
  });
});
