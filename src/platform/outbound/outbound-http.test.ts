import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { mayCallAddress } from './address-rule.ts';
import { createOutboundHttp } from './outbound-http.ts';

const kept = new Map<string, string>();
const server = createServer((request, response) => {
  const path = request.url ?? '';
  if (path === '/redirect') return void response.writeHead(302, { location: '/kept' }).end();
  if (path === '/long') return void response.end('x'.repeat(2000));
  if (request.method === 'GET') {
    const text = kept.get(path);
    return void response.writeHead(text === undefined ? 404 : 200).end(text);
  }
  let text = '';
  request.on('data', (part: Buffer) => {
    text += part.toString();
  });
  request.on('end', () => {
    kept.set(path, text);
    response.writeHead(204).end();
  });
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;
const http = createOutboundHttp();
afterAll(async () => {
  await http.close();
  server.close();
});

describe('outbound calls', () => {
  it('put a text and get it back', async () => {
    const url = `http://localhost:${port}/kept`;
    expect(await http.get(url, 1000)).toBeUndefined();
    await http.put(url, 'a note\n');
    expect(await http.get(url, 1000)).toBe('a note\n');
  });

  it('follow no redirect and read no more than asked', async () => {
    await expect(http.get(`http://localhost:${port}/redirect`, 1000)).rejects.toThrow('302');
    await expect(http.get(`http://localhost:${port}/long`, 1000)).rejects.toThrow('more than');
  });

  it('say who does not answer', async () => {
    await expect(http.get('http://localhost:1/', 1000)).rejects.toThrow(
      'localhost:1 does not answer.',
    );
  });

  it('never go to a link-local address, however it is written', async () => {
    const written = ['169.254.169.254', '[fe80::1]', '[::ffff:169.254.169.254]', '2852039166'];
    for (const host of written) {
      await expect(http.get(`http://${host}/latest`, 1000), host).rejects.toThrow('never called');
    }
    expect(mayCallAddress('10.1.2.3')).toBe(true);
    expect(mayCallAddress('fd12::1')).toBe(true);
    expect(mayCallAddress('::ffff:169.254.1.1')).toBe(false);
  });
});
