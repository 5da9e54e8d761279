import type { ClientBase, Connection, Submittable } from 'pg';
import { unavailable } from '../../model/errors.ts';

/** The parts of pg's connection that COPY needs and its types leave out. */
type CopyConnection = Connection & {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
  sendCopyFail(message: string): void;
};

/** What pg's client calls on a query object while it is the active one. */
type CopyQuery = Submittable & {
  handleCommandComplete(message: { text?: string }): void;
  handleReadyForQuery(): void;
  handleError(error: unknown): void;
  handleCopyInResponse(connection: Connection): void;
  handleCopyData(message: { chunk: Buffer }, connection: Connection): void;
};

const WAITING_BYTES_MAX = 1024 * 1024;

/** `COPY 42`: the number of rows. */
function rowsOf(message: { text?: string }): number {
  return Number(/^COPY (\d+)$/.exec(message.text ?? '')?.[1] ?? 0);
}

/** A value that somebody waits for and somebody else brings. */
function waker(): { readonly wait: () => Promise<void>; readonly wake: () => void } {
  let wake = (): void => {};
  let wait = Promise.resolve();
  const arm = (): void => {
    wait = new Promise<void>((resolve) => {
      wake = resolve;
    });
  };
  arm();
  return {
    wait: async () => {
      await wait;
      arm();
    },
    wake: () => wake(),
  };
}

/**
 * Runs `COPY … TO STDOUT` and hands each piece on in order; answers the number of rows. The server
 * is held back while `take` works, so memory stays flat whatever the table's size.
 * Source: PostgreSQL, "Frontend/Backend Protocol", COPY Operations.
 */
export async function copyOut(
  client: ClientBase,
  statement: string,
  take: (chunk: Buffer) => Promise<void>,
): Promise<number> {
  const waiting: Buffer[] = [];
  let waitingBytes = 0;
  let rows = 0;
  let isDone = false;
  let failure: unknown;
  let connection: CopyConnection | undefined;
  const { wait, wake } = waker();
  const query: CopyQuery = {
    submit: (given) => {
      connection = given as CopyConnection;
      connection.query(statement);
    },
    handleCopyData: ({ chunk }) => {
      // The parser reuses its buffer.
      waiting.push(Buffer.from(chunk));
      waitingBytes += chunk.length;
      if (waitingBytes > WAITING_BYTES_MAX) connection?.stream.pause();
      wake();
    },
    handleCommandComplete: (message) => {
      rows = rowsOf(message);
    },
    handleReadyForQuery: () => {
      isDone = true;
      wake();
    },
    handleError: (error) => {
      failure = error;
      isDone = true;
      wake();
    },
    handleCopyInResponse: (given) => (given as CopyConnection).sendCopyFail('not a COPY FROM'),
  };
  client.query(query);
  while (!isDone || waiting.length > 0) {
    if (failure !== undefined) throw failure;
    if (waiting.length === 0) {
      await wait();
      continue;
    }
    const pieces = Buffer.concat(waiting.splice(0));
    waitingBytes = 0;
    await take(pieces);
    connection?.stream.resume();
  }
  if (failure !== undefined) throw failure;
  return rows;
}

async function pump(
  connection: CopyConnection,
  chunks: AsyncIterable<Buffer>,
  hasFailed: () => boolean,
): Promise<void> {
  const { stream } = connection;
  for await (const chunk of chunks) {
    if (hasFailed()) return;
    connection.sendCopyFromChunk(chunk);
    if (stream.writableNeedDrain) {
      await new Promise<void>((resolve) => {
        stream.once('drain', resolve);
        stream.once('close', resolve);
      });
    }
  }
  if (!hasFailed()) connection.endCopyFrom();
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : unavailable('The database connection broke.');
}

/** Runs `COPY … FROM STDIN` with the chunks; answers the number of rows. */
export function copyIn(
  client: ClientBase,
  statement: string,
  chunks: AsyncIterable<Buffer>,
): Promise<number> {
  return new Promise((resolve, reject) => {
    let rows = 0;
    let failure: Error | undefined;
    const query: CopyQuery = {
      submit: (connection) => (connection as CopyConnection).query(statement),
      handleCopyInResponse: (given) => {
        const connection = given as CopyConnection;
        pump(connection, chunks, () => failure !== undefined).catch((error: unknown) => {
          failure = asError(error);
          // The server answers with an error of its own, which ends the query.
          connection.sendCopyFail('the source failed');
        });
      },
      handleCopyData: () => {},
      handleCommandComplete: (message) => {
        rows = rowsOf(message);
      },
      handleReadyForQuery: () => (failure === undefined ? resolve(rows) : reject(failure)),
      handleError: (error) => {
        failure ??= asError(error);
        reject(failure);
      },
    };
    client.query(query);
  });
}
