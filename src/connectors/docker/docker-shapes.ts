import { z } from 'zod';

/** What of the Docker Engine API's answers is read. Everything else in them is ignored. */
const text = z.string().max(100_000);
const texts = z.array(text).nullish();
const map = z.record(z.string(), z.string()).nullish();

export const Info = z.object({
  ID: text,
  Name: text,
  ServerVersion: text,
  OperatingSystem: text.nullish(),
  OSType: text.nullish(),
  Architecture: text.nullish(),
  KernelVersion: text.nullish(),
  NCPU: z.number().nullish(),
  MemTotal: z.number().nullish(),
  Driver: text.nullish(),
  Containers: z.number().nullish(),
  Images: z.number().nullish(),
  CgroupVersion: text.nullish(),
  SecurityOptions: texts,
  LiveRestoreEnabled: z.boolean().nullish(),
});

export const ContainerIds = z.array(z.object({ Id: text }));

const Binding = z.object({ HostIp: text.nullish(), HostPort: text.nullish() });
const Bindings = z.record(z.string(), z.array(Binding).nullish()).nullish();

export const ContainerInspect = z.object({
  Id: text,
  Name: text,
  Created: text.nullish(),
  Image: text.nullish(),
  RestartCount: z.number().nullish(),
  State: z.object({
    Status: text.nullish(),
    OOMKilled: z.boolean().nullish(),
    ExitCode: z.number().nullish(),
    StartedAt: text.nullish(),
    FinishedAt: text.nullish(),
  }),
  HostConfig: z
    .object({
      Privileged: z.boolean().nullish(),
      CapAdd: texts,
      CapDrop: texts,
      RestartPolicy: z.object({ Name: text.nullish() }).nullish(),
      ReadonlyRootfs: z.boolean().nullish(),
      NetworkMode: text.nullish(),
      PidMode: text.nullish(),
      PortBindings: Bindings,
    })
    .nullish(),
  Mounts: z
    .array(
      z.object({
        Type: text.nullish(),
        Name: text.nullish(),
        Source: text.nullish(),
        Destination: text.nullish(),
        RW: z.boolean().nullish(),
      }),
    )
    .nullish(),
  // Env is left out on purpose: it carries secrets, which must not enter the store.
  Config: z
    .object({
      User: text.nullish(),
      Cmd: texts,
      Entrypoint: texts,
      Labels: map,
      Image: text.nullish(),
    })
    .nullish(),
  NetworkSettings: z
    .object({ Ports: Bindings, Networks: z.record(z.string(), z.unknown()).nullish() })
    .nullish(),
});
export type ContainerInspect = z.output<typeof ContainerInspect>;

export const ImageIds = z.array(z.object({ Id: text, Size: z.number().nullish() }));

export const ImageInspect = z.object({
  Id: text,
  RepoTags: texts,
  RepoDigests: texts,
  Created: text.nullish(),
  Architecture: text.nullish(),
  Variant: text.nullish(),
  Os: text.nullish(),
  Size: z.number().nullish(),
  RootFS: z.object({ Layers: texts }).nullish(),
  Config: z.object({ Labels: map }).nullish(),
  // Only engines with the containerd image store say this: their Id is a manifest's or an index's.
  Descriptor: z.object({ mediaType: text, digest: text }).nullish(),
});
export type ImageInspect = z.output<typeof ImageInspect>;

/** Of an image's config, what its page shows. Env is left out: it may carry secrets. */
export const ImageConfig = z.object({
  User: text.nullish(),
  Entrypoint: texts,
  Cmd: texts,
  ExposedPorts: z.record(z.string(), z.unknown()).nullish(),
  Labels: map,
});

export const ImageWithConfig = ImageInspect.extend({ Config: ImageConfig.nullish() });
export type ImageWithConfig = z.output<typeof ImageWithConfig>;

export const Stats = z.object({
  read: text.nullish(),
  cpu_stats: z.object({ cpu_usage: z.object({ total_usage: z.number() }).nullish() }).nullish(),
});

export const EngineEvent = z.object({
  Type: text.nullish(),
  Action: text.nullish(),
  Actor: z.object({ ID: text.nullish(), Attributes: map }).nullish(),
  time: z.number().nullish(),
  timeNano: z.number().nullish(),
});
export type EngineEvent = z.output<typeof EngineEvent>;
