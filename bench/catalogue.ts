import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { cpus } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type BenchImage, buildImages, WORK } from './catalogue-images.ts';
import { measure, median, type Run } from './measure.ts';

/**
 * Catalogues images beside every trivy and syft on the PATH, and beside plain decompression of the
 * same layers by gzip and igzip. Runs take turns; what is printed are medians of ratios of pairs.
 *
 *   bin/node bench/catalogue.ts [--pairs N] [debian|multi|node|java …]
 */
const WHARFINGER = resolve(import.meta.dirname, '../bin/wharfinger');
const PAIRS = 3;

type Rival = {
  readonly name: string;
  readonly commands: (fresh: string) => readonly (readonly string[])[];
};

export async function benchCatalogue(parameters: readonly string[]): Promise<void> {
  const at = parameters.indexOf('--pairs');
  const pairs = at === -1 ? PAIRS : Number(parameters[at + 1]);
  const named = parameters.filter((word) => /^[a-z]+$/.test(word));
  print(`${cpus()[0]?.model.trim()}, ${cpus().length} cores; medians of ${pairs} pairs`);
  for (const image of buildImages(named.length > 0 ? named : ['debian', 'multi', 'node', 'java'])) {
    await benchImage(image, pairs);
  }
}

async function benchImage(image: BenchImage, pairs: number): Promise<void> {
  const layers = layerFiles(image.oci);
  const bytes = layers.reduce((sum, layer) => sum + statSync(layer).size, 0);
  print(`\n${image.name}: ${layers.length} layers, ${(bytes / 1e6).toFixed(0)} MB of gzip`);
  const oci = `oci:${image.oci}:bench`;
  const archive = `docker-archive:${image.archive}`;
  const decompressors = ['gzip', 'igzip'].filter(isOnPath).map((tool) => ({
    name: `parallel ${tool} -dc`,
    commands: () => layers.map((layer) => [tool, '-dc', layer]),
  }));
  await compare('gzip OCI layout', oci, [...peers(oci, image.oci), ...decompressors], pairs);
  await compare('docker archive', archive, peers(archive, image.archive), pairs);
  await compareWarm(oci, image.oci, pairs);
}

function peers(target: string, input: string): Rival[] {
  const output = (name: string) => join(WORK, `${name}.out`);
  const trivy = (cache: string) => [
    'trivy',
    '--quiet',
    '--cache-dir',
    cache,
    'image',
    '--offline-scan',
    '--skip-db-update',
    '--skip-java-db-update',
    '--skip-version-check',
    '--scanners',
    'license',
    '--format',
    'cyclonedx',
    '--input',
    input,
    '--output',
    output('trivy'),
  ];
  return [
    {
      name: 'trivy',
      commands: (fresh: string) => {
        if (!existsSync(join(fresh, 'java-db'))) putEmptyJavaDatabase(fresh);
        return [trivy(fresh)];
      },
    },
    {
      name: 'syft',
      commands: () => [
        [
          'syft',
          '-q',
          target.replace(/^oci:/, 'oci-dir:').replace(/:bench$/, ''),
          '-o',
          `cyclonedx-json=${output('syft')}`,
        ],
      ],
    },
  ].filter(({ name }) => isOnPath(name));
}

const scanOf = (target: string, ...more: string[]) => [
  WHARFINGER,
  'scan',
  target,
  '--format',
  'cyclonedx',
  '--output',
  join(WORK, 'ours.out'),
  ...more,
];

async function compare(what: string, target: string, rivals: readonly Rival[], pairs: number) {
  const ours: Run[] = [];
  const theirs = new Map<string, Run[]>();
  // The first run fills Node's compile cache and the page cache; nobody counts it.
  await measure([scanOf(target, '--no-cache')]);
  for (let pair = 0; pair < pairs; pair++) {
    ours.push(await measure([scanOf(target, '--no-cache')]));
    for (const rival of rivals) {
      const run = await inFreshFolder((fresh) => measure(rival.commands(fresh))).catch(
        (error: unknown) => {
          print(`  ${rival.name} could not: ${String(error).slice(0, 300)}`);
          return undefined;
        },
      );
      if (run !== undefined) theirs.set(rival.name, [...(theirs.get(rival.name) ?? []), run]);
    }
  }
  print(`  ${what}: ${describe(ours)}`);
  for (const [name, runs] of theirs)
    print(`    ${ratios(ours, runs)} of ${name} (${describe(runs)})`);
}

/** All layers known: start-up, reading of the records, fold and output. */
async function compareWarm(target: string, input: string, pairs: number): Promise<void> {
  await inFreshFolder(async (cache) => {
    const environment = { WHARFINGER_CACHE: cache };
    const trivy = peers(target, input).find(({ name }) => name === 'trivy');
    const trivyCache = join(cache, 'trivy');
    const first = await measure([scanOf(target)], environment);
    const usable = await measure(trivy?.commands(trivyCache) ?? []).then(
      () => true,
      () => false,
    );
    const ours: Run[] = [];
    const theirs: Run[] = [];
    for (let pair = 0; pair < pairs * 2; pair++) {
      ours.push(await measure([scanOf(target)], environment));
      if (trivy !== undefined && usable) theirs.push(await measure(trivy.commands(trivyCache)));
    }
    print(`  every layer known: ${describe(ours)}`);
    const share = median(ours.map((run) => run.wallSeconds / first.wallSeconds));
    print(`    wall ${share.toFixed(2)} of the first scan`);
    if (theirs.length > 0) print(`    ${ratios(ours, theirs)} of trivy warm (${describe(theirs)})`);
  });
}

function ratios(ours: readonly Run[], theirs: readonly Run[]): string {
  const ratio = (of: (run: Run) => number) => {
    const values = theirs.map((run, index) => of(ours[index] ?? run) / of(run));
    return median(values).toFixed(2);
  };
  const wall = ratio((run) => run.wallSeconds);
  const cpu = ratio((run) => run.cpuSeconds);
  return `wall ${wall}, CPU ${cpu}, memory ${ratio((run) => run.peakMebibytes)}`;
}

function describe(runs: readonly Run[]): string {
  const wall = median(runs.map((run) => run.wallSeconds)).toFixed(2);
  const cpu = median(runs.map((run) => run.cpuSeconds)).toFixed(2);
  const peak = median(runs.map((run) => run.peakMebibytes)).toFixed(0);
  return `${wall} s, ${cpu} s of CPU, ${peak} MiB`;
}

/** Trivy reads no jar without its Java database, which is downloaded: an empty one lets it run. */
function putEmptyJavaDatabase(cache: string): void {
  const folder = join(cache, 'java-db');
  mkdirSync(folder, { recursive: true });
  const database = new DatabaseSync(join(folder, 'trivy-java.db'));
  database.exec('CREATE TABLE artifacts(id INTEGER, group_id TEXT, artifact_id TEXT)');
  database.exec(
    'CREATE TABLE indices(artifact_id INTEGER, version TEXT, sha1 BLOB, archive_type TEXT)',
  );
  database.close();
  const [UpdatedAt, NextUpdate] = ['2026-01-01T00:00:00Z', '2099-01-01T00:00:00Z'];
  const metadata = { Version: 1, UpdatedAt, DownloadedAt: UpdatedAt, NextUpdate };
  writeFileSync(join(folder, 'metadata.json'), JSON.stringify(metadata));
}

async function inFreshFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(WORK, 'fresh-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function layerFiles(oci: string): string[] {
  const folder = join(oci, 'blobs', 'sha256');
  // What is not JSON in a layout of one image is a layer.
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).size > 100_000);
}

function isOnPath(command: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

const print = (line: string) => process.stdout.write(`${line}\n`);

if (import.meta.main) await benchCatalogue(process.argv.slice(2));
