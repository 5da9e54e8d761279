import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { type Checkpoint, openCheckpoint } from '../formats/checkpoint.ts';
import { checkEvidenceExport } from '../formats/evidence-export-check.ts';
import { checkEvidenceProof } from '../formats/evidence-proof.ts';
import { NOTE_BYTES_MAX, parseVerifierKey, type VerifierKey } from '../formats/signed-note.ts';
import { TLOG_PROOF_HEADER } from '../formats/tlog-proof.ts';
import { Failure, invalid, publicMessage } from '../model/errors.ts';

export const VERIFY_USAGE = `wharfinger verify FILE --key VKEY [--checkpoint OLDER] [--format json]

Checks a .tlog-proof, or a whole export of the evidence log, without the server and without a
network. VKEY is the log's verifier key as you were given it, not as the file says.
OLDER is a checkpoint you kept: the check then fails if history before it was rewritten.

  wharfinger verify revoke.tlog-proof --key wharfinger.example+1a2b3c4d+ARpc…
  wharfinger verify evidence.tar --key "$(cat log.vkey)" --checkpoint checkpoint.2026-01

Exit code: 0 all of it is true, 1 something is wrong (the first thing is named), 2 wrong use.`;

type Output = { write(text: string): unknown };
export type VerifyStreams = { readonly stdout: Output; readonly stderr: Output };

type Request = {
  readonly file: string;
  readonly verifierKey: VerifierKey;
  readonly checkpointFile?: string | undefined;
  readonly isJson: boolean;
};

/** What was checked, as `--format json` prints it. Sizes are text, as they outgrow a double. */
type Verdict = {
  readonly kind: 'proof' | 'export';
  readonly origin: string;
  readonly size: string;
  readonly root: string;
  readonly olderSize?: string;
  readonly index?: string;
  readonly entry?: unknown;
  readonly attachments?: { readonly named: number; readonly included: number };
};

/** Runs `wharfinger verify`; returns its exit code and never throws. */
export async function runVerify(
  args: readonly string[],
  { stdout, stderr }: VerifyStreams,
): Promise<0 | 1 | 2> {
  const request = readRequest(args);
  if (typeof request === 'string') {
    stderr.write(`${request}\n\n${VERIFY_USAGE}\n`);
    return 2;
  }
  try {
    const verdict = await verifyFile(request);
    stdout.write(request.isJson ? jsonLine({ ok: true, ...verdict }) : describe(verdict));
    return 0;
  } catch (error) {
    const problem = error instanceof Failure ? error.message : describeSystemError(error);
    if (request.isJson) stdout.write(jsonLine({ ok: false, problem }));
    else stderr.write(`${request.file}: ${problem}\n`);
    return 1;
  }
}

function readRequest(args: readonly string[]): Request | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        key: { type: 'string' },
        checkpoint: { type: 'string' },
        format: { type: 'string', default: 'text' },
      },
    });
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0) return 'Give one file to verify.';
    if (values.key === undefined)
      return 'Give the log key with --key; a file cannot vouch for itself.';
    if (!['text', 'table', 'json'].includes(values.format)) return '--format is text or json.';
    const verifierKey = parseVerifierKey(values.key.trim());
    const isJson = values.format === 'json';
    return { file, verifierKey, checkpointFile: values.checkpoint, isJson };
  } catch (error) {
    return error instanceof Error ? error.message : publicMessage(error);
  }
}

async function verifyFile({ file, verifierKey, checkpointFile }: Request): Promise<Verdict> {
  const older = checkpointFile && (await readOlder(checkpointFile, verifierKey));
  const start = await readStart(file, TLOG_PROOF_HEADER.length);
  const verdict = start.startsWith('c2sp.org/tlog-proof')
    ? await verifyProof(file, verifierKey, older || undefined)
    : await verifyExport(file, verifierKey, older || undefined);
  return older ? { ...verdict, olderSize: older.size.toString() } : verdict;
}

async function verifyProof(
  file: string,
  verifierKey: VerifierKey,
  older?: Checkpoint,
): Promise<Verdict> {
  const text = await readSmall(file);
  const { checkpoint, index, entry } = checkEvidenceProof(text, verifierKey, older);
  return {
    kind: 'proof',
    ...headOf(checkpoint),
    index: index.toString(),
    entry: parseOrText(Buffer.from(entry).toString()),
  };
}

async function verifyExport(
  file: string,
  verifierKey: VerifierKey,
  older?: Checkpoint,
): Promise<Verdict> {
  const { checkpoint, attachments } = await checkEvidenceExport(createReadStream(file), {
    verifierKey,
    older,
  });
  return { kind: 'export', ...headOf(checkpoint), attachments };
}

function headOf({ origin, size, root }: Checkpoint) {
  return { origin, size: size.toString(), root: Buffer.from(root).toString('base64') };
}

async function readOlder(file: string, verifierKey: VerifierKey): Promise<Checkpoint> {
  try {
    return openCheckpoint(await readSmall(file), verifierKey);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw invalid(`The older checkpoint ${file} does not hold: ${error.message}`, { cause: error });
  }
}

async function readStart(file: string, length: number): Promise<string> {
  await using handle = await open(file);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, 0);
  return buffer.toString('utf8', 0, bytesRead);
}

/**
 * A whole small file as text; bytes that are not UTF-8 refuse it, as they would come back changed.
 */
async function readSmall(file: string): Promise<string> {
  await using handle = await open(file);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(NOTE_BYTES_MAX + 1));
  if (bytesRead > NOTE_BYTES_MAX) throw invalid(`${file} is too long for a proof or checkpoint.`);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      buffer.subarray(0, bytesRead),
    );
  } catch (cause) {
    throw invalid(`${file} is not text.`, { cause });
  }
}

function describe(verdict: Verdict): string {
  const { origin, size, olderSize, attachments } = verdict;
  const lines =
    verdict.kind === 'proof'
      ? [`Entry ${verdict.index} is in the log ${origin} (${size} entries), unchanged:`]
      : [`All ${size} entries of the log ${origin} are complete and unchanged.`];
  if (verdict.entry !== undefined) lines.push(JSON.stringify(verdict.entry, undefined, 2));
  if (attachments !== undefined && attachments.named > 0) {
    lines.push(`Evidence files: ${attachments.included} of ${attachments.named} named are here.`);
  }
  if (olderSize !== undefined) lines.push(`It continues the checkpoint of ${olderSize} entries.`);
  return `${lines.map(withoutControls).join('\n')}\n`;
}

/** The file is a stranger's, so nothing in it may move the cursor of the reader's terminal. */
function withoutControls(text: string): string {
  return text.replaceAll(/[^\P{C}\n]/gu, '\uFFFD');
}

function parseOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const jsonLine = (value: unknown): string => `${JSON.stringify(value)}\n`;

function describeSystemError(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'There is no such file.';
  if (code === 'EACCES') return 'You may not read this file.';
  if (code === 'EISDIR') return 'This is a folder; give a .tlog-proof or an export (.tar).';
  return publicMessage(error);
}
