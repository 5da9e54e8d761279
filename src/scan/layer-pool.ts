import { availableParallelism } from 'node:os';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { Failure, publicMessage, tooLarge } from '../model/errors.ts';
import type { LayerAnswer, LayerTask, StreamMessage, StreamRequest } from './layer-task.ts';

/** Reads layers; its promise holds an encoded LayerRecord. */
export type LayerReader = {
  readonly read: (task: LayerRequest) => Promise<ArrayBuffer>;
  readonly close: () => Promise<void>;
};

export type LayerRequest = {
  readonly expected: LayerTask['expected'];
  readonly bytes:
    | Exclude<LayerTask['bytes'], { kind: 'stream' }>
    | { readonly kind: 'stream'; readonly chunks: () => AsyncIterable<Uint8Array> };
};

/** A worker that needs more than this is reading something made to need it. */
const HEAP_MEGABYTES_MAX = 256;
/** A small young generation: findings live until the end, and copying garbage twice costs room. */
const YOUNG_MEGABYTES_MAX = 8;

/** Worker threads that read one layer each, started when first needed, at most one a core. */
export class LayerPool implements LayerReader {
  readonly #workersMax: number;
  readonly #idle: Worker[] = [];
  readonly #all = new Set<Worker>();
  readonly #waiting: ((worker: Worker) => void)[] = [];

  constructor(workersMax: number = availableParallelism()) {
    this.#workersMax = workersMax;
  }

  async read(request: LayerRequest): Promise<ArrayBuffer> {
    const worker = await this.#take();
    let answer: LayerAnswer;
    try {
      answer = await exchange(worker, request);
    } catch (error) {
      this.#drop(worker);
      throw error;
    }
    this.#give(worker);
    if (answer.ok) return answer.record;
    const { kind, code, message } = answer;
    if (answer.isDefect) throw new Error(message);
    throw new Failure(kind, message, { code });
  }

  async close(): Promise<void> {
    await Promise.all([...this.#all].map((worker) => worker.terminate()));
    this.#all.clear();
    this.#idle.length = 0;
  }

  async #take(): Promise<Worker> {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    if (this.#all.size < this.#workersMax) return this.#start();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #give(worker: Worker): void {
    const next = this.#waiting.shift();
    if (next !== undefined) next(worker);
    else this.#idle.push(worker);
  }

  /** A worker that died takes its place with it; whoever waits gets a new one. */
  #drop(worker: Worker): void {
    this.#all.delete(worker);
    void worker.terminate();
    this.#waiting.shift()?.(this.#start());
  }

  #start(): Worker {
    const worker = new Worker(new URL('./layer-worker.ts', import.meta.url), {
      resourceLimits: {
        maxOldGenerationSizeMb: HEAP_MEGABYTES_MAX,
        maxYoungGenerationSizeMb: YOUNG_MEGABYTES_MAX,
      },
    });
    // An idle worker must not keep the process alive.
    worker.unref();
    worker.setMaxListeners(0);
    this.#all.add(worker);
    return worker;
  }
}

function exchange(worker: Worker, { bytes, expected }: LayerRequest): Promise<LayerAnswer> {
  return new Promise((resolve, reject) => {
    let port: MessagePort | undefined;
    const settle = (action: () => void) => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      worker.unref();
      port?.close();
      action();
    };
    const onMessage = (answer: LayerAnswer) => settle(() => resolve(answer));
    const onError = (error: NodeJS.ErrnoException) =>
      settle(() => reject(whyWorkerDied(error, expected.label)));
    const onExit = () =>
      settle(() => reject(new Error(`The thread that read ${expected.label} ended.`)));
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    worker.ref();
    if (bytes.kind !== 'stream') {
      worker.postMessage({ bytes, expected } satisfies LayerTask);
      return;
    }
    const channel = new MessageChannel();
    port = channel.port1;
    feed(port, bytes.chunks);
    const task: LayerTask = { bytes: { kind: 'stream', port: channel.port2 }, expected };
    worker.postMessage(task, [channel.port2]);
  });
}

function whyWorkerDied(error: NodeJS.ErrnoException, label: string): Error {
  if (error.code !== 'ERR_WORKER_OUT_OF_MEMORY') return error;
  return tooLarge(`${label} needs more than ${HEAP_MEGABYTES_MAX} MiB of memory to be read.`, {
    cause: error,
  });
}

/** Hands a stream over piece by piece, as the worker asks. */
function feed(port: MessagePort, chunks: () => AsyncIterable<Uint8Array>): void {
  let iterator: AsyncIterator<Uint8Array> | undefined;
  const answer = (message: StreamMessage, transfer: ArrayBuffer[] = []) =>
    port.postMessage(message, transfer);
  const next = async () => {
    const { value, done } = await (iterator as AsyncIterator<Uint8Array>).next();
    if (done === true) return answer({ end: true });
    // A copy: the piece may be a part of a buffer that its source still uses.
    const chunk = new Uint8Array(value);
    answer({ chunk }, [chunk.buffer]);
  };
  port.on('message', (request: StreamRequest) => {
    if (request === 'again') iterator = chunks()[Symbol.asyncIterator]();
    next().catch((error: unknown) => {
      const kind = error instanceof Failure ? error.kind : 'unavailable';
      answer({ error: publicMessage(error), kind });
    });
  });
  port.on('close', () => {
    void iterator?.return?.();
  });
}
