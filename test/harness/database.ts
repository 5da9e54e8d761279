import { randomUUID } from 'node:crypto';
import { createConnection } from 'node:net';
import { Client } from 'pg';
import { afterAll, inject } from 'vitest';
import { addressIn } from '../../src/platform/database/bundled-postgres.ts';
import { type Database, openDatabase } from '../../src/platform/database/database.ts';
import { TEMPLATE_DATABASE } from './database-server.ts';

/** Asks the run's main process for the server, which starts it when the first suite asks. */
function askForServer(): Promise<string> {
  return new Promise((resolve, reject) => {
    const connection = createConnection(inject('databaseDoor'));
    let answer = '';
    connection.setEncoding('utf8');
    connection.on('data', (chunk: string) => {
      answer += chunk;
    });
    connection.once('error', reject);
    connection.once('close', () => {
      if (answer.startsWith('/')) resolve(answer);
      else reject(new Error(`The test database did not start: ${answer}`));
    });
  });
}

async function administer(socketFolder: string, statement: string): Promise<void> {
  const client = new Client(addressIn(socketFolder));
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

export type TestDatabase = Database & {
  /** postgresql:// address, for what takes a DATABASE_URL. */
  readonly url: string;
};

export type TestDatabaseOptions = {
  /** `migrated` (the default) has the whole schema; `empty` has nothing. */
  readonly content?: 'migrated' | 'empty';
};

/**
 * A fresh database of its own on the run's real PostgreSQL, dropped when the calling suite is done:
 * `const database = await testDatabase()` in `beforeAll` or at the top of a test file.
 */
export async function testDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const socketFolder = await askForServer();
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const template = options.content === 'empty' ? 'template0' : TEMPLATE_DATABASE;
  await administer(socketFolder, `create database ${name} template ${template}`);
  const address = addressIn(socketFolder, name);
  const database = openDatabase(address, { connectionsMax: 10 });
  afterAll(async () => {
    await database.close();
    await administer(socketFolder, `drop database ${name} with (force)`);
  });
  const url = `postgresql://${address.user}@localhost/${name}?host=${encodeURIComponent(socketFolder)}`;
  return { ...database, url };
}
