import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { PROJECT_FOLDER } from '../src/app/version.ts';
import type { ConnectorSession } from '../src/connectors/connector.ts';
import { docker as dockerConnector } from '../src/connectors/docker/docker.ts';
import { openDockerReference } from '../src/connectors/docker/docker-image.ts';
import type { ScannedImage } from '../src/model/catalogue.ts';
import type { Observation, ThingKind } from '../src/model/observation.ts';
import { systemClock } from '../src/platform/clock.ts';
import { cataloguers } from '../src/scan/cataloguers/list.ts';
import { noLayerCache } from '../src/scan/layer-cache.ts';
import { LayerPool } from '../src/scan/layer-pool.ts';
import { scanImage } from '../src/scan/scan-image.ts';
import { acts } from './sample-acts.ts';
import { berths, moveTimes, type Recorded, splitByBerth } from './sample-berths.ts';
import { buildSampleImages, type Docker, dockerAt } from './sample-images.ts';

// Records the sample estate: builds its images, plays a month of acts on a real engine, and writes
// what the Docker connector and the cataloguers said. It wants an engine of its own:
//   bin/node tools/test/engine.ts bin/node tools/record-sample.ts WORK_FOLDER
const host = process.env['DOCKER_HOST'];
const work = process.argv[2];
if (host === undefined || work === undefined) {
  console.error('Give DOCKER_HOST an engine without containers, and a folder to build in.');
  process.exit(2);
}

/** The engine's events come a moment after the act. */
const EVENTS_SETTLE_MS = 1500;

async function readAll(session: ConnectorSession): Promise<Recorded> {
  const observations: Observation[] = [];
  const { complete, problems } = await session.read({
    observe: async (batch) => {
      observations.push(...batch);
    },
    progress: () => {},
  });
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return { at: new Date(), observations, complete };
}

/** A machine may refuse privileges to its containers: they are then made and do not start. */
function tolerant(docker: Docker): Docker {
  return (...args) => {
    try {
      return docker(...args);
    } catch (error) {
      console.error(`Refused: docker ${args.join(' ')}\n${String(error).slice(0, 500)}`);
      return '';
    }
  };
}

async function playAll(address: string): Promise<{ recorded: Recorded[]; begun: Date[] }> {
  const docker = tolerant(dockerAt(address));
  const stop = new AbortController();
  const settings = dockerConnector.settings.parse({ address });
  const session = await dockerConnector.open({ signal: stop.signal, clock: systemClock }, settings);
  const recorded: Recorded[] = [];
  const begun: Date[] = [];
  const none: readonly ThingKind[] = [];
  const following = session.follow?.({
    since: new Date(),
    onOpen: () => {},
    onGap: async () => {},
    onObserved: async (observations) => {
      recorded.push({ at: new Date(), observations, complete: none });
    },
  });
  following?.catch(() => {});
  await wait(EVENTS_SETTLE_MS);
  for (const act of acts) {
    begun.push(new Date());
    act.play(docker);
    await wait(EVENTS_SETTLE_MS);
    recorded.push(await readAll(session));
    console.error(`${act.daysAgo} days ago: done`);
  }
  stop.abort();
  await session.close();
  return { recorded, begun };
}

async function catalogueAll(address: string, names: readonly string[]): Promise<ScannedImage[]> {
  const reader = new LayerPool();
  const scanned: ScannedImage[] = [];
  for (const name of names) {
    const source = await openDockerReference({ address }, name);
    const [first] = await source.images();
    if (first === undefined) throw new Error(`${name} is not at the engine.`);
    const tools = { reader, cache: noLayerCache, cataloguers, hashing: 'both' } as const;
    scanned.push(await scanImage(await first.load(), tools));
    await source.close();
    console.error(`${name}: ${scanned.at(-1)?.catalogue.components.length} components`);
  }
  await reader.close();
  return scanned;
}

const names = await buildSampleImages(dockerAt(host), resolve(work));
const catalogues = await catalogueAll(host, names);
const { recorded, begun } = await playAll(host);
const readings = splitByBerth(recorded);
const times = { begun, daysAgo: acts.map((act) => act.daysAgo) };
const estate = moveTimes({ connections: berths, readings, catalogues }, times);
const file = join(PROJECT_FOLDER, 'sample/estate.json.gz');
mkdirSync(dirname(file), { recursive: true });
const packed = gzipSync(JSON.stringify(estate), { level: 9 });
writeFileSync(file, packed);
console.error(`${file}: ${packed.length} bytes, ${readings.length} readings`);
