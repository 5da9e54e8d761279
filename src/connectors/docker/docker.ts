import { Failure } from '../../model/errors.ts';
import { mapBounded } from '../../model/map-bounded.ts';
import type { ContainerObservation, ReadProblem, ThingKind } from '../../model/observation.ts';
import type { Connector, ConnectorSession, ReadOutcome, ReadSink } from '../connector.ts';
import { connectDockerEngine, type DockerEngine } from './docker-engine.ts';
import { followEvents } from './docker-follow.ts';
import { openDockerImage } from './docker-image.ts';
import { observeContainer, observeHost, observeImage, timeOf } from './docker-observations.ts';
import { DockerSettings } from './docker-settings.ts';
import {
  ContainerIds,
  ContainerInspect,
  ImageIds,
  ImageInspect,
  Info,
  Stats,
} from './docker-shapes.ts';

const CALLS_AT_ONCE = 8;
const BATCH = 200;

/** Docker Engine over its socket or TCP, and whatever answers like it (Podman). */
export const docker: Connector<DockerSettings> = {
  kind: 'docker',
  title: 'Docker Engine',
  reads: 'Hosts, images and containers of a Docker Engine or Podman, and what happens to them.',
  leastRights: [
    'Read access to the engine’s socket: GET /info, /containers, /images, /events and /images/…/get.',
    'Wharfinger sends GET only; a proxy that lets nothing else through is enough.',
  ],
  fields: [
    {
      name: 'address',
      label: 'Address',
      kind: 'text',
      required: true,
      placeholder: 'unix:///var/run/docker.sock',
      initial: 'unix:///var/run/docker.sock',
      help: 'A socket on this machine, or tcp://host:2376 with a client certificate.',
    },
    { name: 'ca', label: 'CA certificate', kind: 'multiline', required: false },
    { name: 'clientCertificate', label: 'Client certificate', kind: 'multiline', required: false },
    { name: 'clientKey', label: 'Client key', kind: 'secret-multiline', required: false },
  ],
  settings: DockerSettings,
  address: (settings) => settings.address,
  follows: true,
  test: async (context, settings) => {
    const engine = connectDockerEngine(settings, context.signal);
    try {
      const info = await engine.get('/info', Info);
      const images = await engine.get('/images/json', ImageIds);
      const bytes = images.reduce((sum, image) => sum + (image.Size ?? 0), 0);
      return {
        found: `Docker Engine ${info.ServerVersion} on ${info.Name}`,
        plan: [
          { name: 'containers', count: info.Containers ?? 0 },
          { name: 'images', count: images.length, bytes },
        ],
      };
    } finally {
      await engine.close();
    }
  },
  open: async (context, settings): Promise<ConnectorSession> => {
    const engine = connectDockerEngine(settings, context.signal);
    return {
      read: (sink) => readEngine(engine, sink),
      follow: (options) => followEvents(engine, context, options),
      openImage: (key) => openDockerImage(engine, key),
      close: engine.close,
    };
  },
};

async function readEngine(engine: DockerEngine, sink: ReadSink): Promise<ReadOutcome> {
  const problems: ReadProblem[] = [];
  const info = await engine.get('/info', Info);
  const host = observeHost(info);
  await sink.observe([host]);
  sink.progress('host', 1, 1);
  const imagesRead = await readImages(engine, host.key, sink, problems);
  const containersRead = await readContainers(engine, host.key, sink, problems);
  const complete: ThingKind[] = ['host'];
  if (imagesRead) complete.push('image', 'tag');
  if (containersRead) complete.push('container');
  return { complete, problems };
}

async function readImages(
  engine: DockerEngine,
  hostKey: string,
  sink: ReadSink,
  problems: ReadProblem[],
): Promise<boolean> {
  const ids = await engine.get('/images/json', ImageIds);
  const unique = [...new Set(ids.map((image) => image.Id))];
  return readEach(unique, problems, sink, 'images', async (id) => {
    const path = `/images/${encodeURIComponent(id)}/json`;
    const image = observeImage(await engine.get(path, ImageInspect), hostKey);
    const tags = image.tags.map(
      (name) => ({ kind: 'tag', where: hostKey, name, digest: id }) as const,
    );
    return [image, ...tags];
  });
}

async function readContainers(
  engine: DockerEngine,
  hostKey: string,
  sink: ReadSink,
  problems: ReadProblem[],
): Promise<boolean> {
  const ids = await engine.get('/containers/json?all=1', ContainerIds);
  return readEach(
    ids.map((container) => container.Id),
    problems,
    sink,
    'containers',
    async (id) => {
      const inspect = await engine.get(`/containers/${id}/json`, ContainerInspect);
      return [await withProcessorTime(engine, observeContainer(inspect, hostKey))];
    },
  );
}

/** Reads one by one, so that a broken one is named and the others count. */
async function readEach(
  ids: readonly string[],
  problems: ReadProblem[],
  sink: ReadSink,
  part: string,
  read: (id: string) => Promise<readonly Parameters<ReadSink['observe']>[0][number][]>,
): Promise<boolean> {
  let whole = true;
  sink.progress(part, 0, ids.length);
  for (let start = 0; start < ids.length; start += BATCH) {
    const slice = ids.slice(start, start + BATCH);
    const read1 = await mapBounded(slice, CALLS_AT_ONCE, async (id) => {
      try {
        return await read(id);
      } catch (error) {
        // Gone between the list and the look: that is not a problem, it is a fact.
        if (error instanceof Failure && error.kind === 'not-found') return [];
        if (!(error instanceof Failure) || error.kind === 'unavailable') throw error;
        whole = false;
        problems.push({ subject: `${part} ${id}`, message: error.message });
        return [];
      }
    });
    await sink.observe(read1.flat());
    sink.progress(part, start + slice.length, ids.length);
  }
  return whole;
}

async function withProcessorTime(
  engine: DockerEngine,
  container: ContainerObservation,
): Promise<ContainerObservation> {
  if (container.state !== 'running') return container;
  try {
    const path = `/containers/${container.key}/stats?stream=false&one-shot=true`;
    const stats = await engine.get(path, Stats);
    const totalNs = stats.cpu_stats?.cpu_usage?.total_usage;
    const at = timeOf(stats.read);
    if (totalNs === undefined || at === undefined) return container;
    return { ...container, cpu: { totalNs, at } };
  } catch (error) {
    // A measurement, not a fact of the container: without it the rest still counts.
    if (error instanceof Failure && error.kind !== 'unavailable') return container;
    throw error;
  }
}
