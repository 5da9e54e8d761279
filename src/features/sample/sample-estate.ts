import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import type { ScannedImage } from '../../model/catalogue.ts';
import { unavailable } from '../../model/errors.ts';
import type { Observation, ThingKind } from '../../model/observation.ts';

/**
 * What tools/record-sample.ts wrote: observations and catalogues of a real engine and real images.
 * Times are milliseconds before the moment of loading, so that it always ends now.
 */
export type Estate = {
  readonly connections: readonly EstateConnection[];
  /** In the order they happened. */
  readonly readings: readonly EstateReading[];
  readonly catalogues: readonly ScannedImage[];
};

export type EstateConnection = {
  readonly key: string;
  readonly name: string;
  readonly address: string;
};

export type EstateReading = {
  readonly connection: string;
  readonly at: string;
  readonly observations: readonly Observation[];
  /** What was read in full; empty for what the event stream told. */
  readonly complete: readonly ThingKind[];
};

const ESTATE_BYTES_MAX = 256 * 1024 * 1024;
/** Under these names numbers are times. */
const TIME_NAMES: ReadonlySet<string> = new Set([
  'at',
  'created',
  'createdAt',
  'startedAt',
  'endedAt',
]);

/** Reads the recorded estate with its times moved so that it ends at `now`. */
export async function readEstate(file: string, now: Date): Promise<Estate> {
  let packed: Buffer;
  try {
    packed = await readFile(file);
  } catch (cause) {
    throw unavailable('The sample estate is not part of this installation.', { cause });
  }
  const json = gunzipSync(packed, { maxOutputLength: ESTATE_BYTES_MAX }).toString('utf8');
  return JSON.parse(json, (name: string, value: unknown) =>
    typeof value === 'number' && TIME_NAMES.has(name)
      ? new Date(now.getTime() + value).toISOString()
      : value,
  ) as Estate;
}
