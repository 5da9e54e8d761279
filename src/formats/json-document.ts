import { Failure } from '../model/errors.ts';
import { type JsonLimits, parseBoundedJson } from './bounded-json.ts';

/** A bounded JSON document whose refusals begin with the name of the file it came from. */
export function readJsonDocument(
  bytes: Uint8Array,
  file: string,
  limits: Partial<JsonLimits>,
): unknown {
  try {
    return parseBoundedJson(bytes, limits);
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    throw new Failure(cause.kind, `${file}: ${cause.message}`, { code: cause.code, cause });
  }
}
