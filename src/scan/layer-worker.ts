import { closeSync, openSync } from 'node:fs';
import { type MessagePort, parentPort } from 'node:worker_threads';
import { Failure } from '../model/errors.ts';
import { cataloguers } from './cataloguers/list.ts';
import { encodeLayerRecord, type LayerRecord } from './layer-record.ts';
import type { LayerAnswer, LayerTask, StreamMessage, StreamRequest } from './layer-task.ts';
import { readFolder } from './read-folder.ts';
import { readLayer } from './read-layer.ts';

/** A worker thread's whole life: one layer at a time, until it is told to end. */
parentPort?.on('message', (task: LayerTask) => {
  void run(task).then((answer) => {
    parentPort?.postMessage(answer, answer.ok ? [answer.record] : []);
  });
});

async function run(task: LayerTask): Promise<LayerAnswer> {
  try {
    return { ok: true, record: encodeLayerRecord(await read(task)) };
  } catch (error) {
    if (error instanceof Failure) {
      const { kind, code, message } = error;
      return { ok: false, kind, code, message, isDefect: false };
    }
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { ok: false, kind: 'invalid', code: 'invalid', message, isDefect: true };
  }
}

async function read({ bytes, expected }: LayerTask): Promise<LayerRecord> {
  if (bytes.kind === 'folder') return readFolder(bytes.path, cataloguers);
  if (bytes.kind === 'stream') {
    const { port } = bytes;
    try {
      const stream = { kind: 'stream', chunks: () => chunksOf(port) } as const;
      return await readLayer(stream, expected, cataloguers);
    } finally {
      port.close();
    }
  }
  const fd = openSync(bytes.path, 'r');
  try {
    const { offset, length } = bytes;
    return await readLayer({ kind: 'file', fd, offset, length }, expected, cataloguers);
  } finally {
    closeSync(fd);
  }
}

/** Asks for one piece at a time: the other side never runs ahead. */
async function* chunksOf(port: MessagePort): AsyncGenerator<Uint8Array> {
  // A listener all along: what arrives while nobody listens is lost.
  const arrived: StreamMessage[] = [];
  let wake = () => {};
  const onMessage = (message: StreamMessage) => {
    arrived.push(message);
    wake();
  };
  port.on('message', onMessage);
  try {
    ask(port, 'again');
    for (;;) {
      if (arrived.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const message = arrived.shift();
      if (message === undefined) continue;
      if ('error' in message) throw new Failure(message.kind, message.error);
      if ('end' in message) return;
      // The next piece travels while this one is worked on.
      ask(port, 'next');
      yield message.chunk;
    }
  } finally {
    port.off('message', onMessage);
  }
}

function ask(port: MessagePort, request: StreamRequest): void {
  port.postMessage(request);
}
