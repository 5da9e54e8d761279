import { Button, Select } from '@mantine/core';
import { pathOf } from '../../../../src/client/client.ts';
import {
  type EvidenceState,
  evidenceEndpoints,
} from '../../../../src/features/evidence/evidence-contract.ts';
import type { EndpointResult } from '../../../../src/model/endpoint.ts';
import { client, useApi } from '../../kit/api.ts';
import { Copy } from '../../kit/copy.tsx';
import { formatCount, plural } from '../../kit/format.ts';
import { type Chip, FilterText, ListPage } from '../../kit/list-page.tsx';
import { type Search, useSearchState } from '../../kit/navigation.tsx';
import { Pill } from '../../kit/pill.tsx';
import { entryKind, ProofDrawer } from '../../kit/proof.tsx';
import { useMay } from '../../kit/session.ts';
import { Answered, EmptyState } from '../../kit/states.tsx';
import { Card } from '../../kit/templates.tsx';
import { Time } from '../../kit/time.tsx';
import { entryColumns } from './evidence-of.tsx';
import { Publications } from './publications.tsx';

/** Who did what, when, in a log that nobody can change unseen. */
export function EvidencePage() {
  const state = useApi(evidenceEndpoints.getEvidenceState, {}, { every: 5_000 });
  const { search, hrefWith, change } = useSearchState();
  const query = {
    subject: search['subject'],
    actor: search['actor'],
    kind: search['kind'],
    cursor: search['cursor'],
  };
  const endpoint = evidenceEndpoints.listEvidence;
  const entries = useApi(endpoint, { query }, { every: 5_000, keeps: true });
  return (
    <>
      <ListPage
        acts={<ExportLog />}
        chips={chipsOf(search, hrefWith)}
        columns={entryColumns((id) => hrefWith({ cursor: search['cursor'], entry: id }))}
        empty={
          <EmptyState title="No entry fits">
            Set-up, sign-ins, connections and readings are recorded here as they happen.
          </EmptyState>
        }
        filters={<KindFilter shown={entries.data} />}
        keyOf={({ id }) => id}
        name="Evidence"
        notice={
          <Answered query={state} rows={1}>
            {(found) => <LogCards state={found} />}
          </Answered>
        }
        query={entries}
        readPage={(cursor) => client(endpoint, { query: { ...query, cursor, limit: 200 } })}
        summary={state.data === undefined ? undefined : evidenceSummary(state.data)}
        title="Evidence"
      />
      <ProofDrawer
        id={search['entry']}
        onClose={() => change({ cursor: search['cursor'], entry: undefined })}
      />
    </>
  );
}

/** How much is sealed, what waits, and whether anything stands still. */
export function evidenceSummary(state: Pick<EvidenceState, 'log' | 'pending' | 'problem'>): string {
  if (state.problem !== undefined) return `Sealing stands still: ${state.problem}`;
  const sealed = `${plural(state.log.entries, 'entry', 'entries')} sealed`;
  if (state.pending === 0) return `${sealed}, none waits.`;
  return `${sealed}, ${formatCount(state.pending)} ${state.pending === 1 ? 'waits' : 'wait'}.`;
}

const filters = [
  ['subject', 'About'],
  ['actor', 'By'],
] as const;

function chipsOf(search: Search, hrefWith: (patch: Search) => string): readonly Chip[] {
  return filters
    .filter(([field]) => search[field] !== undefined)
    .map(([field, label]) => ({
      label: `${label} ${search[field]} ✕`,
      href: hrefWith({ [field]: undefined }),
      isOn: true,
    }));
}

type Shown = EndpointResult<typeof evidenceEndpoints.listEvidence> | undefined;

function KindFilter({ shown }: { readonly shown: Shown }) {
  const { search, change } = useSearchState();
  const kinds = new Set((shown?.items ?? []).map(({ kind }) => kind));
  if (search['kind'] !== undefined) kinds.add(search['kind']);
  return (
    <>
      <Select
        aria-label="What was done"
        clearable
        data={[...kinds].toSorted().map((kind) => ({ value: kind, label: entryKind(kind) }))}
        onChange={(kind) => change({ kind: kind ?? undefined })}
        placeholder="Any act"
        size="xs"
        value={search['kind'] ?? null}
      />
      <FilterText field="subject" label="About: connection:…, user:…" />
    </>
  );
}

function ExportLog() {
  const mayExport = useMay('evidence.export');
  if (!mayExport) return null;
  return (
    <Button
      component="a"
      download="evidence.tar"
      href={pathOf(evidenceEndpoints.exportEvidence, {})}
      variant="default"
    >
      Save the whole log
    </Button>
  );
}

function LogCards({ state }: { readonly state: EvidenceState }) {
  const { checkpoint, log } = state;
  return (
    <div className="cards" style={{ marginBottom: 16 }}>
      <Card
        sentence={
          checkpoint === undefined ? (
            <Pill tone="medium">Not signed yet</Pill>
          ) : (
            <>
              {plural(checkpoint.size, 'entry', 'entries')}, signed{' '}
              <Time at={checkpoint.signedAt} />.
            </>
          )
        }
        title="Newest checkpoint"
      >
        {checkpoint === undefined ? null : (
          <details style={{ marginTop: 8 }}>
            <summary className="second">The signed note</summary>
            <pre className="note-text">{checkpoint.note}</pre>
            <Copy text={checkpoint.note} what="the checkpoint" />
          </details>
        )}
      </Card>
      <Card
        sentence="Write this key down outside this server: it is what a check goes by."
        title="The log's key"
      >
        <pre className="note-text" style={{ marginTop: 8 }}>
          {log.verifierKey}
        </pre>
        <Copy text={log.verifierKey} what="the key" />
      </Card>
      <Publications publications={state.publications} />
      {state.earlierLogs.length === 0 ? null : <EarlierLogs logs={state.earlierLogs} />}
    </div>
  );
}

function EarlierLogs({ logs }: { readonly logs: EvidenceState['earlierLogs'] }) {
  return (
    <Card
      rows={logs.slice(0, 4).map((log) => ({
        name: <span className="mono">{log.origin}</span>,
        value: plural(log.entries, 'entry', 'entries'),
      }))}
      sentence="Logs that ended because a restore fell behind them."
      title="Earlier logs"
    />
  );
}
