import { existsSync } from 'node:fs';
import { findPart } from '../../test/harness/find-part.ts';
import { type Part, type PartName, parts } from '../../test/parts.ts';
import { run } from './run.ts';

const isRootOnDebian = (): boolean =>
  process.getuid?.() === 0 && existsSync('/etc/debian_version') && existsSync('/usr/bin/apt-get');

/** As root on Debian: says which packages the suites need and are not there, and installs them. */
export async function installParts(): Promise<void> {
  const wanted = (parts as readonly Part[]).flatMap(({ part, debian, why }) =>
    debian !== undefined && findPart(part as PartName) === undefined ? [{ debian, why }] : [],
  );
  if (wanted.length === 0) return;
  if (!isRootOnDebian()) {
    console.log('Suites whose real part is missing are skipped by name:');
    for (const { debian, why } of wanted) console.log(`  ${debian}: ${why}`);
    return;
  }
  console.log("Installing from Debian's packages, because the suites need them:");
  for (const { debian, why } of wanted) console.log(`  ${debian}: ${why}`);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const packages = [...new Set(wanted.map(({ debian }) => debian))];
  await apt(['update', '-qq'], environment);
  await apt(['install', '-y', '-qq', '--no-install-recommends', ...packages], environment);
}

async function apt(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<void> {
  const { code, output } = await run(['apt-get', ...args], { environment });
  if (code === 0) return;
  // Not the end: what is missing now is skipped by name, or fails by name where nothing may.
  console.log(`apt-get ${args[0]} did not succeed:\n${output.trim().slice(-1_500)}`);
}
