/**
 * A process made to be killed: appends evidence and seals it without a pause, and says on standard
 * output what was acknowledged and what was signed. Arguments: database URL, name, head file.
 */
import { appendEvidence } from '../../src/features/evidence/evidence-append.ts';
import { createEvidenceKeeper } from '../../src/features/evidence/evidence-keeper.ts';
import { sealPending } from '../../src/features/evidence/evidence-sealing.ts';
import { TreeReader } from '../../src/features/evidence/evidence-tree.ts';
import { createIds, systemClock } from '../../src/platform/clock.ts';
import { inTransaction, openDatabase } from '../../src/platform/database/database.ts';
import { createLog } from '../../src/platform/log.ts';
import { createSecretStore } from '../../src/platform/secret-store.ts';

const [url = '', name = '', headFile = ''] = process.argv.slice(2);
const database = openDatabase(url, { connectionsMax: 4 });
const context = {
  database,
  clock: systemClock,
  secrets: createSecretStore([{ id: 'test', bytes: Buffer.alloc(32, 5) }], createIds()),
  origin: 'wharfinger.test',
  reader: new TreeReader(),
  log: createLog({ write: (line) => process.stderr.write(line), form: 'lines' }),
  headFile,
};

async function appendForEver(): Promise<void> {
  for (let turn = 0; ; turn += 1) {
    const subject = `container:${name}-${turn}`;
    await inTransaction(database, (transaction) =>
      appendEvidence(transaction, {
        kind: 'container.seen',
        actor: 'system:sync',
        subjects: [subject],
        at: new Date(),
      }),
    );
    process.stdout.write(`acknowledged ${subject}\n`);
  }
}

async function sealForEver(): Promise<void> {
  for (;;) {
    const head = await sealPending(context, context.reader);
    if (head !== undefined) process.stdout.write(`signed ${JSON.stringify(head.note)}\n`);
  }
}

const keeper = createEvidenceKeeper(context);
await keeper.start();
process.stdout.write('ready\n');
await Promise.all([appendForEver(), sealForEver()]);
