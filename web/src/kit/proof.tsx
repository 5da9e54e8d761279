import { Button, Drawer } from '@mantine/core';
import { pathOf } from '../../../src/client/client.ts';
import {
  type EvidenceRow,
  evidenceEndpoints,
} from '../../../src/features/evidence/evidence-contract.ts';
import { useApi } from './api.ts';
import { Copy } from './copy.tsx';
import { formatBytes, formatCount } from './format.ts';
import { A } from './navigation.tsx';
import { Pill } from './pill.tsx';
import { Answered } from './states.tsx';
import { ExactTime } from './time.tsx';

/** Until it is sealed an entry has no place in the log, and no proof yet. */
export function entryName(entry: Pick<EvidenceRow, 'index'>): string {
  return entry.index === undefined ? 'not sealed yet' : `entry ${formatCount(entry.index)}`;
}

/** The name of the file that `wharfinger verify` takes. */
export function proofFileName(entry: Pick<EvidenceRow, 'id'>): string {
  return `${entry.id}.tlog-proof`;
}

/** `wharfinger verify` as it can be pasted; the key comes from its reader, never from the file. */
export function verifyCommand(file: string, verifierKey: string): string {
  return `wharfinger verify ${file} --key '${verifierKey}'`;
}

/** `connection.added` → `Connection added`. */
export function entryKind(kind: string): string {
  const text = kind.replace(/^sign-in\./, '').replaceAll(/[.-]/g, ' ');
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** The proof of one evidence entry, beside the page that shows the fact. */
export function ProofDrawer({
  id,
  onClose,
}: {
  readonly id: string | undefined;
  readonly onClose: () => void;
}) {
  return (
    <Drawer
      onClose={onClose}
      opened={id !== undefined}
      position="right"
      size="lg"
      title={<strong>The proof</strong>}
    >
      {id === undefined ? null : <Proof id={id} />}
    </Drawer>
  );
}

function Proof({ id }: { readonly id: string }) {
  const entry = useApi(evidenceEndpoints.getEvidence, { params: { id } }, { every: 5_000 });
  return <Answered query={entry}>{(found) => <ProofOf entry={found} />}</Answered>;
}

function ProofOf({ entry }: { readonly entry: EvidenceRow }) {
  return (
    <div className="stack">
      <div className="row">
        <strong>{entryKind(entry.kind)}</strong>
        {entry.index === undefined ? (
          <Pill tone="medium">Waits for its seal</Pill>
        ) : (
          <Pill tone="good">Sealed</Pill>
        )}
      </div>
      <dl className="facts">
        <dt>Entry</dt>
        <dd>
          {entry.index === undefined ? 'gets its number within seconds' : formatCount(entry.index)}
        </dd>
        <dt>Recorded</dt>
        <dd>
          <ExactTime at={entry.at} />
        </dd>
        <dt>By</dt>
        <dd className="mono">{entry.actor}</dd>
        <dt>About</dt>
        <dd>
          {entry.subjects.slice(0, 20).map((subject) => (
            <div key={subject}>
              <A className="mono" href={`/evidence?subject=${encodeURIComponent(subject)}`}>
                {subject}
              </A>
            </div>
          ))}
          {entry.subjects.length > 20 ? `and ${formatCount(entry.subjects.length - 20)} more` : ''}
        </dd>
        {entry.logOrigin === undefined ? null : (
          <>
            <dt>Log</dt>
            <dd className="mono">{entry.logOrigin}</dd>
          </>
        )}
      </dl>
      <CheckIt entry={entry} />
      <section>
        <strong>What it says</strong>
        <pre className="note-text">{JSON.stringify(entry.body, undefined, 2)}</pre>
      </section>
      {entry.attachments.length === 0 ? null : <Attachments entry={entry} />}
    </div>
  );
}

function CheckIt({ entry }: { readonly entry: EvidenceRow }) {
  const state = useApi(evidenceEndpoints.getEvidenceState, {});
  if (entry.index === undefined) {
    return <p className="second">Its proof can be saved once it is sealed.</p>;
  }
  const logs = state.data === undefined ? [] : [state.data.log, ...state.data.earlierLogs];
  const key = logs.find((log) => log.origin === entry.logOrigin)?.verifierKey;
  const file = proofFileName(entry);
  const command = key === undefined ? undefined : verifyCommand(file, key);
  return (
    <section className="stack" style={{ gap: 8 }}>
      <strong>Check it without this server</strong>
      <p className="second">
        Save the proof and check it on any machine, offline. The key is best the one you wrote down
        earlier, not the one shown here.
      </p>
      <div>
        <Button
          component="a"
          download={file}
          href={pathOf(evidenceEndpoints.getEvidenceProof, { params: { id: entry.id } })}
        >
          Save the proof
        </Button>
      </div>
      {command === undefined ? null : (
        <>
          <pre className="note-text">{command}</pre>
          <Copy text={command} what="the command" />
        </>
      )}
    </section>
  );
}

function Attachments({ entry }: { readonly entry: EvidenceRow }) {
  return (
    <section>
      <strong>What it read</strong>
      <ul>
        {entry.attachments.map(({ name, digest, size }) => (
          <li key={digest + name}>
            <a
              download
              href={pathOf(evidenceEndpoints.getEvidenceAttachment, { params: { digest } })}
            >
              {name}
            </a>{' '}
            <span className="third">{formatBytes(size)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
