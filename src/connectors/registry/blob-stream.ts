import { setTimeout as sleep } from 'node:timers/promises';
import { Failure, invalid, unavailable } from '../../model/errors.ts';
import type { OutboundStream } from '../../platform/outbound/outbound-client.ts';
import type { RegistryClient } from './registry-client.ts';

const RESUMES_MAX = 20;
/** Breaks one after the other without a byte between them. */
const FRUITLESS_MAX = 2;
const BACK_OFF_MS = 200;

export type BlobPlace = {
  readonly repository: string;
  readonly digest: string;
  /** As the manifest states it. */
  readonly size: number;
};

/**
 * The bytes of a blob. A connection that breaks is taken up again where it broke (RFC 9110 section
 * 14, Range), a bounded number of times. Whoever reads compares the digest.
 */
export async function* streamBlob(
  client: RegistryClient,
  { repository, digest, size }: BlobPlace,
): AsyncGenerator<Uint8Array> {
  const { host } = client.place;
  let got = 0;
  let fruitless = 0;
  for (let resumes = 0; ; resumes += 1) {
    const before = got;
    try {
      const answer = await client.openBlob(repository, digest, got);
      for await (const chunk of await fromOffset(answer, got, host)) {
        got += chunk.length;
        if (got > size) {
          throw invalid(`${host} sends more than the ${size} bytes of ${digest}.`);
        }
        yield chunk;
      }
      if (got === size) return;
    } catch (error) {
      if (!isBroken(error)) throw error;
      if (resumes >= RESUMES_MAX || fruitless >= FRUITLESS_MAX) throw error;
    }
    fruitless = got > before ? 0 : fruitless + 1;
    if (resumes >= RESUMES_MAX || fruitless > FRUITLESS_MAX) {
      throw unavailable(`${host} sends only ${got} of the ${size} bytes of ${digest}.`, {
        code: 'cut-short',
      });
    }
    await sleep(BACK_OFF_MS * 2 ** fruitless);
  }
}

function isBroken(error: unknown): boolean {
  return error instanceof Failure && ['unreachable', 'cut-short'].includes(error.code);
}

/** A server may ignore Range and send everything again: then what is known is passed over. */
async function fromOffset(
  answer: OutboundStream,
  offset: number,
  host: string,
): Promise<AsyncIterable<Uint8Array>> {
  if (answer.status === 206) {
    const start = /^bytes (\d{1,16})-/.exec(answer.headers['content-range'] ?? '')?.[1];
    if (Number(start) === offset) return answer.chunks();
    await answer.discard();
    throw invalid(`${host} answers with another part of a blob than was asked for.`);
  }
  return offset === 0 ? answer.chunks() : without(answer.chunks(), offset);
}

async function* without(chunks: AsyncIterable<Uint8Array>, count: number) {
  let left = count;
  for await (const chunk of chunks) {
    const dropped = Math.min(left, chunk.length);
    left -= dropped;
    if (dropped < chunk.length) yield chunk.subarray(dropped);
  }
}
