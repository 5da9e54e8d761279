import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openBrowser, type TestBrowser } from './browser.ts';
import { describeWith } from './parts.ts';

const page = `<!doctype html><title>Wharf</title><style>
  body { color: black } @media (prefers-color-scheme: dark) { body { color: white } }
</style><button onclick="this.textContent = 'taken'">berth</button>`;

describeWith(['chromium', 'fonts'], 'a real browser', () => {
  let server: Server;
  let browser: TestBrowser;
  let url = '';

  beforeAll(async () => {
    server = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html').end(page);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://localhost:${(server.address() as AddressInfo).port}/`;
    browser = await openBrowser({ width: 390, height: 800, colourScheme: 'dark' });
  });
  afterAll(async () => {
    await browser.close();
    server.closeAllConnections();
    server.close();
  });

  it('opens a page of the loopback and clicks', async () => {
    const tab = await browser.context.newPage();
    await tab.goto(url);
    await tab.getByRole('button', { name: 'berth' }).click();
    expect(await tab.getByRole('button').textContent()).toBe('taken');
  });

  it('has the width and the colours it was asked for', async () => {
    const tab = await browser.context.newPage();
    await tab.goto(url);
    expect(await tab.evaluate('innerWidth')).toBe(390);
    expect(await tab.evaluate('getComputedStyle(document.body).color')).toBe('rgb(255, 255, 255)');
  });
});
