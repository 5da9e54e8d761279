import type { z } from 'zod';
import type {
  ContainerFacts,
  ContainerObservation,
  ContainerState,
  HostObservation,
  ImageObservation,
  WorkloadObservation,
} from '../../model/observation.ts';
import { containerStates } from '../../model/observation.ts';
import type { ContainerInspect, ImageInspect, Info } from './docker-shapes.ts';

/** The engine's zero time: "never". */
const NEVER = '0001-01-01';

type Labels = Readonly<Record<string, string>>;

export function observeHost(info: z.output<typeof Info>): HostObservation {
  const facts: Record<string, string | number | boolean> = {};
  const keep = (name: string, value: string | number | boolean | null | undefined) => {
    if (value !== null && value !== undefined && value !== '') facts[name] = value;
  };
  keep('operatingSystem', info.OperatingSystem);
  keep('osType', info.OSType);
  keep('architecture', info.Architecture);
  keep('kernel', info.KernelVersion);
  keep('processors', info.NCPU);
  keep('memoryBytes', info.MemTotal);
  keep('storageDriver', info.Driver);
  keep('cgroupVersion', info.CgroupVersion);
  keep('securityOptions', info.SecurityOptions?.join(', '));
  keep('liveRestore', info.LiveRestoreEnabled);
  return {
    kind: 'host',
    key: info.ID,
    name: info.Name,
    engine: `Docker Engine ${info.ServerVersion}`,
    facts,
  };
}

/** A workload outlives its containers: the Compose or Swarm service, else host and name. */
export function workloadOf(name: string, labels: Labels): WorkloadObservation {
  const project = labels['com.docker.compose.project'];
  const service = labels['com.docker.compose.service'];
  if (project !== undefined && service !== undefined) {
    return {
      kind: 'container',
      key: `compose:${project}/${service}`,
      name: `${project}/${service}`,
    };
  }
  const swarm = labels['com.docker.swarm.service.name'];
  if (swarm !== undefined) return { kind: 'container', key: `swarm:${swarm}`, name: swarm };
  return { kind: 'container', key: `name:${name}`, name };
}

export function observeContainer(inspect: ContainerInspect, hostKey: string): ContainerObservation {
  const name = inspect.Name.replace(/^\//, '');
  const labels = inspect.Config?.Labels ?? {};
  const state = stateOf(inspect.State.Status);
  const ended = state === 'exited' || state === 'dead';
  const startedAt = timeOf(inspect.State.StartedAt);
  const endedAt = ended ? timeOf(inspect.State.FinishedAt) : undefined;
  const createdAt = timeOf(inspect.Created);
  const exposed = exposedOf(inspect);
  const privileged = inspect.HostConfig?.Privileged;
  const exitCode = ended ? (inspect.State.ExitCode ?? undefined) : undefined;
  return {
    kind: 'container',
    key: inspect.Id,
    hostKey,
    name,
    imageName: inspect.Config?.Image ?? inspect.Image ?? '',
    ...(inspect.Image ? { imageKey: inspect.Image } : {}),
    state,
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(typeof privileged === 'boolean' ? { privileged } : {}),
    ...(exposed === undefined ? {} : { exposed }),
    workload: workloadOf(name, labels),
    facts: factsOf(inspect),
  };
}

function stateOf(status: string | null | undefined): ContainerState {
  const known = containerStates.find((state) => state === status);
  return known ?? (status === 'removing' ? 'dead' : 'unknown');
}

/** The engine's times have nanoseconds; ours have milliseconds. */
export function timeOf(text: string | null | undefined): string | undefined {
  if (!text || text.startsWith(NEVER)) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}

function portsOf(inspect: ContainerInspect): ContainerFacts['ports'] {
  const bindings = inspect.NetworkSettings?.Ports ?? {};
  const asked = inspect.HostConfig?.PortBindings ?? {};
  const all = Object.keys(bindings).length > 0 ? bindings : asked;
  return Object.entries(all).flatMap(([container, published]) =>
    published === null || published === undefined || published.length === 0
      ? [{ container }]
      : published.map((binding) => ({
          container,
          ...(binding.HostPort ? { host: binding.HostPort } : {}),
          ...(binding.HostIp ? { address: binding.HostIp } : {}),
        })),
  );
}

/** Cannot tell on the host's own network: what listens there is not in any answer. */
function exposedOf(inspect: ContainerInspect): boolean | undefined {
  if (inspect.HostConfig?.NetworkMode === 'host') return undefined;
  return portsOf(inspect).some(
    (port) =>
      port.host !== undefined && !(port.address ?? '').startsWith('127.') && port.address !== '::1',
  );
}

function factsOf(inspect: ContainerInspect): ContainerFacts {
  const host = inspect.HostConfig;
  const sorted = (list: readonly string[] | null | undefined) => [...(list ?? [])].sort();
  return {
    engineId: inspect.Id,
    command: [...(inspect.Config?.Entrypoint ?? []), ...(inspect.Config?.Cmd ?? [])],
    user: inspect.Config?.User ?? '',
    labels: inspect.Config?.Labels ?? {},
    ports: portsOf(inspect),
    mounts: (inspect.Mounts ?? []).map((mount) => ({
      kind: mount.Type ?? 'unknown',
      source: mount.Name ?? mount.Source ?? '',
      target: mount.Destination ?? '',
      writable: mount.RW ?? true,
    })),
    capabilitiesAdded: sorted(host?.CapAdd),
    capabilitiesDropped: sorted(host?.CapDrop),
    networks: Object.keys(inspect.NetworkSettings?.Networks ?? {}).sort(),
    ...(typeof host?.ReadonlyRootfs === 'boolean' ? { readOnlyRoot: host.ReadonlyRootfs } : {}),
    ...(host?.RestartPolicy?.Name ? { restartPolicy: host.RestartPolicy.Name } : {}),
    ...(typeof inspect.RestartCount === 'number' ? { restarts: inspect.RestartCount } : {}),
    ...(typeof inspect.State.OOMKilled === 'boolean' ? { oomKilled: inspect.State.OOMKilled } : {}),
    ...(host?.PidMode ? { pidMode: host.PidMode } : {}),
    ...(host?.NetworkMode ? { networkMode: host.NetworkMode } : {}),
  };
}

const indexTypes = new Set([
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
]);

export function observeImage(inspect: ImageInspect, hostKey: string): ImageObservation {
  const digests = (inspect.RepoDigests ?? []).flatMap((reference) => {
    const digest = reference.split('@')[1];
    return digest === undefined ? [] : [digest];
  });
  const descriptor = inspect.Descriptor ?? undefined;
  const platform = [inspect.Os, inspect.Architecture, inspect.Variant].filter(Boolean).join('/');
  const createdAt = timeOf(inspect.Created);
  const isIndex = descriptor !== undefined && indexTypes.has(descriptor.mediaType);
  return {
    kind: 'image',
    key: inspect.Id,
    ...(descriptor === undefined ? { configDigest: inspect.Id } : {}),
    manifestDigests: isIndex ? [] : [...new Set(digests)],
    indexDigests: isIndex ? [...new Set([descriptor.digest, ...digests])] : [],
    where: hostKey,
    tags: (inspect.RepoTags ?? []).filter((tag) => tag !== '<none>:<none>'),
    ...(platform === '' ? {} : { platform }),
    ...(typeof inspect.Size === 'number' ? { sizeBytes: inspect.Size } : {}),
    ...(createdAt === undefined ? {} : { createdAt }),
    diffIds: inspect.RootFS?.Layers ?? [],
    labels: inspect.Config?.Labels ?? {},
  };
}
