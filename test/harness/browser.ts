import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';
import { getPartPath } from './find-part.ts';

// Chromium speaks to its maker at every start unless it is told not to; the suites run with the
// network cut, and what they see must not depend on it.
const quiet = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export type BrowserOptions = {
  readonly width?: number;
  readonly height?: number;
  readonly colourScheme?: 'light' | 'dark';
  /** Trusts any certificate: for servers with a test authority. */
  readonly trustsAnyCertificate?: boolean;
};

export type TestBrowser = {
  readonly context: BrowserContext;
  readonly close: () => Promise<void>;
};

/** Debian's Chromium, headless, with a new and empty profile of its own. */
export async function openBrowser(options: BrowserOptions = {}): Promise<TestBrowser> {
  const profile = mkdtempSync(join(tmpdir(), 'wharfinger-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: getPartPath('chromium'),
    headless: true,
    // Chromium's sandbox refuses to start as root.
    args: process.getuid?.() === 0 ? [...quiet, '--no-sandbox'] : quiet,
    viewport: { width: options.width ?? 1440, height: options.height ?? 900 },
    colorScheme: options.colourScheme ?? 'light',
    ignoreHTTPSErrors: options.trustsAnyCertificate ?? false,
    locale: 'en-GB',
    timezoneId: 'UTC',
  });
  const close = async (): Promise<void> => {
    await context.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 3 });
  };
  return { context, close };
}
