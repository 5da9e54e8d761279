import { publicMessage } from '../../model/errors.ts';
import { errorFields, type Log } from '../../platform/log.ts';
import { followNotes } from './evidence-history.ts';
import { readNote, writeNote } from './evidence-places.ts';
import { type PublishingContext, publishNext, readOutsideNotes } from './evidence-publishing.ts';
import { ensureLog, sealPending } from './evidence-sealing.ts';

export type KeeperContext = PublishingContext & {
  readonly log: Log;
  /** Beside the database, not in it: the last head signed here, which no restore takes back. */
  readonly headFile?: string | undefined;
};

/** Seals what was appended and publishes what was signed, for as long as the server runs. */
export type EvidenceKeeper = {
  /** Makes the log at the first start. Entries can be appended before; they wait. */
  start(): Promise<void>;
  /** Seals what still waits, if nothing stands in the way, then stops. */
  stop(): Promise<void>;
  /** One round at once: what a caller who wants a proof now waits for. */
  sealNow(): Promise<void>;
  /** Why sealing stands still, as a sentence; undefined when it does not. */
  findProblem(): string | undefined;
};

const EVERY_MS = 1_000;
const AFTER_PROBLEM_MS = 5_000;
const PLACES_A_ROUND = 20;

export function createEvidenceKeeper(context: KeeperContext): EvidenceKeeper {
  let isCompared = false;
  let problem: string | undefined;
  let round: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let isStopped = true;

  const runRound = async (): Promise<void> => {
    isCompared ||= await compareWithOutside(context);
    problem = isCompared ? undefined : CANNOT_COMPARE;
    if (!isCompared) return;
    await sealAndKeep(context);
    for (let count = 0; count < PLACES_A_ROUND; count += 1) {
      if (!(await publishNext(context))) return;
    }
  };
  const guarded = async (): Promise<void> => {
    try {
      await runRound();
    } catch (error) {
      problem = publicMessage(error);
      context.log.error('The evidence log could not be sealed.', errorFields(error));
    }
  };
  const sealNow = (): Promise<void> => {
    round = round.then(guarded);
    return round;
  };
  const tick = async (): Promise<void> => {
    await sealNow();
    if (isStopped) return;
    timer = setTimeout(() => void tick(), problem === undefined ? EVERY_MS : AFTER_PROBLEM_MS);
  };
  return {
    start: async () => {
      await ensureLog(context);
      isStopped = false;
      void tick();
    },
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      await sealNow();
    },
    sealNow,
    findProblem: () => problem,
  };
}

const CANNOT_COMPARE =
  'No place that keeps checkpoints answers, so it cannot be told whether a restore took the log ' +
  'back. New entries are safe and wait for their seal until one answers or is removed.';

/**
 * Before the first signature of a process: has the database fallen behind what was signed? The head
 * file answers for a restart; after a move to another machine it is missing, and a place must.
 */
async function compareWithOutside(context: KeeperContext): Promise<boolean> {
  const own = context.headFile === undefined ? undefined : await readNote(context.headFile);
  const { notes, silent } = await readOutsideNotes(context);
  if (own === undefined && notes.length === 0 && silent.length > 0) return false;
  await followNotes(context, own === undefined ? notes : [own, ...notes]);
  return true;
}

async function sealAndKeep(context: KeeperContext): Promise<void> {
  const head = await sealPending(context, context.reader);
  if (head === undefined || context.headFile === undefined) return;
  await writeNote(context.headFile, head.note);
}
