import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openBrowser, type TestBrowser } from '../harness/browser.ts';
import {
  engineSocket,
  provideTinyImage,
  removeContainer,
  startContainer,
} from '../harness/docker.ts';
import { describeWith } from '../harness/parts.ts';
import {
  freePort,
  PROJECT,
  type Served,
  startServe,
  stopServe,
  temporaryFolder,
  untilReady,
} from '../harness/serve.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const container = `wharf-console-${process.pid}`;

const looks = [
  { colorScheme: 'light', width: 1440 },
  { colorScheme: 'dark', width: 1440 },
  { colorScheme: 'light', width: 390 },
  { colorScheme: 'dark', width: 390 },
] as const;

type Violation = { readonly id: string; readonly nodes: readonly { readonly html: string }[] };

/** What axe finds wrong with the page as it stands, one line each. */
async function findViolations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe);
  const found = await page.evaluate<readonly Violation[]>(
    `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] })
       .then((result) => result.violations)`,
  );
  return found.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}

describeWith(['chromium', 'fonts', 'dockerd', 'busybox'], 'the console', () => {
  const folder = temporaryFolder();
  const data = join(folder.path, 'data');
  const refused: string[] = [];
  let served: Served;
  let browser: TestBrowser;
  let page: Page;
  let containerId = '';

  beforeAll(async () => {
    await provideTinyImage();
    ({ id: containerId } = await startContainer({ name: container }));
    served = await untilReady(startServe({ data, port: await freePort() }));
    browser = await openBrowser();
    page = await browser.context.newPage();
    page.on('pageerror', (error) => refused.push(error.message));
    page.on('console', (line) => {
      // A session that is not there yet is asked for, and answered 401.
      if (line.type() === 'error' && !line.text().includes('401')) refused.push(line.text());
    });
  });
  afterAll(async () => {
    await browser.close();
    await stopServe(served);
    await removeContainer(containerId);
    folder.remove();
  });

  it('is set up with the one-time link', async () => {
    await page.goto(readFileSync(join(data, 'set-up-link'), 'utf8').trim());
    expect(await findViolations(page)).toEqual([]);

    await page.getByLabel('Your name').fill('Jo Mayer');
    await page.getByLabel('E-mail address').fill('jo@wharf.example');
    await page.getByRole('textbox', { name: 'Password' }).fill('a quay in the morning');
    await page.getByRole('button', { name: 'Become the owner' }).click();

    await page.getByRole('heading', { name: 'Nothing is connected yet' }).waitFor();
  });

  it('tries a connection before it keeps it, and shows its reading', async () => {
    await page.getByRole('link', { name: 'Connect a system' }).click();
    await page.getByLabel('Address').fill('unix:///no/such/socket');
    await page.getByRole('button', { name: 'Test' }).click();
    await page.getByText('Nothing was kept.').waitFor();

    await page.getByLabel('Address').fill(`unix://${engineSocket()}`);
    await page.getByRole('button', { name: 'Test' }).click();
    await page.getByText(/^Docker Engine .+ on /).waitFor();
    await page.getByLabel('Name in Wharfinger').fill('the quay');
    await page.getByRole('button', { name: 'Keep and start reading' }).click();

    await page.getByRole('heading', { name: 'the quay' }).waitFor();
    await page.getByText('Fresh', { exact: true }).waitFor();
  });

  it('finds a container by its name and shows its passport', async () => {
    await page.keyboard.press('/');
    await page.getByRole('combobox').fill(container);
    await page.getByRole('option', { name: container }).first().waitFor();
    await page.keyboard.press('Enter');

    await page.getByRole('heading', { name: container }).waitFor();
    await page.getByRole('heading', { name: 'Runs' }).waitFor();
    await page.getByRole('link', { name: '1 component', exact: true }).waitFor();
  });

  it('opens the proof of a fact, which wharfinger verify accepts', async () => {
    await page.getByRole('button', { name: /^read .+ entry/ }).click();
    const drawer = page.getByRole('dialog');
    await drawer.getByText('Sealed').waitFor();
    expect(await findViolations(page)).toEqual([]);
    const command = (await drawer.getByText(/^wharfinger verify/).textContent()) ?? '';
    const link = await drawer.getByRole('link', { name: 'Save the proof' }).getAttribute('href');
    const proof = await browser.context.request.get(`${served.url}${link}`);
    const [, file = '', key = ''] = /^wharfinger verify (\S+) --key '([^']+)'$/.exec(command) ?? [];
    writeFileSync(join(folder.path, file), await proof.body());

    const verified = spawnSync(join(PROJECT, 'bin/wharfinger'), ['verify', file, '--key', key], {
      cwd: folder.path,
      encoding: 'utf8',
    });

    expect(verified.stderr + verified.stdout).toContain('is in the log');
    expect(verified.status).toBe(0);
    await page.keyboard.press('Escape');
  });

  it('moves along a list with j and k, and keeps its filters in the address', async () => {
    await page.goto(`${served.url}/containers?q=${container}`);
    await page.getByRole('link', { name: container }).waitFor();
    await page.getByRole('link', { name: /^All/ }).click();
    expect(page.url()).toContain('state=all');
    expect(page.url()).toContain(`q=${container}`);

    await page.keyboard.press('j');
    await page.keyboard.press('Enter');

    await page.getByRole('heading', { name: container }).waitFor();
  });

  it('has nothing axe objects to and no sideways scroll, in both looks and widths', async () => {
    const thing = new URL(page.url()).pathname;
    const wrong: string[] = [];
    for (const path of ['/', '/containers', thing, '/images', '/connections', '/evidence']) {
      await page.goto(`${served.url}${path}`);
      await page.locator('.page .card').first().waitFor();
      for (const look of looks) {
        await page.emulateMedia({ colorScheme: look.colorScheme });
        await page.setViewportSize({ width: look.width, height: 844 });
        const scheme = `[data-mantine-color-scheme=${look.colorScheme}]`;
        await page.locator(scheme).waitFor({ state: 'attached' });
        const where = `${path}, ${look.colorScheme}, ${look.width}`;
        const sideways = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
        if (Number(sideways) > 0) wrong.push(`${where}: ${sideways} pixels too wide`);
        wrong.push(...(await findViolations(page)).map((line) => `${where}: ${line}`));
      }
    }

    expect(wrong).toEqual([]);
  });

  it('asks for nothing the server forbids', () => {
    expect(refused).toEqual([]);
  });

  it('sends whoever signed out to the door, and back to the page they wanted', async () => {
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.getByRole('button', { name: 'You: Jo Mayer' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.goto(`${served.url}/images?running=true`);

    await page.getByLabel('E-mail address').fill('jo@wharf.example');
    await page.getByRole('textbox', { name: 'Password' }).fill('a quay in the morning');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();

    await page.getByRole('heading', { name: 'Images' }).waitFor();
    expect(page.url()).toContain('running=true');
  });
});
