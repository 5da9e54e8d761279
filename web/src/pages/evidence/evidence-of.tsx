import {
  type EvidenceRow,
  evidenceEndpoints,
} from '../../../../src/features/evidence/evidence-contract.ts';
import { useApi } from '../../kit/api.ts';
import { formatCount } from '../../kit/format.ts';
import { type Column, DataTable } from '../../kit/list-page.tsx';
import { A, useSearchState } from '../../kit/navigation.tsx';
import { Pill } from '../../kit/pill.tsx';
import { entryKind, ProofDrawer } from '../../kit/proof.tsx';
import { EmptyState } from '../../kit/states.tsx';
import { ExactTime, Time } from '../../kit/time.tsx';

/** The open entry is in the address, so that it can be sent to a colleague. */
export function entryColumns(hrefOf: (id: string) => string): readonly Column<EvidenceRow>[] {
  return [
    {
      head: 'Entry',
      text: ({ index }) => index,
      cell: ({ index }) =>
        index === undefined ? <Pill tone="medium">waits</Pill> : formatCount(index),
    },
    {
      head: 'What',
      isMain: true,
      text: ({ kind }) => kind,
      cell: (entry) => (
        <>
          <A className="what" href={hrefOf(entry.id)}>
            {entryKind(entry.kind)}
          </A>
          <div className="small mono clip">{entry.subjects[0]}</div>
        </>
      ),
    },
    {
      head: 'By',
      text: ({ actor }) => actor,
      isWide: true,
      cell: ({ actor }) => <span className="mono">{actor}</span>,
    },
    {
      head: 'When',
      text: ({ at }) => at,
      isEnd: true,
      cell: ({ at }) => (
        <>
          <Time at={at} />
          <div className="small wide">
            <ExactTime at={at} />
          </div>
        </>
      ),
    },
    {
      head: 'Subjects',
      text: ({ subjects }) => subjects.join(' '),
      isHidden: true,
      cell: () => '',
    },
  ];
}

/** Entries about one thing, newest first, each with its proof. */
export function EvidenceOf({
  subject,
  note,
}: {
  readonly subject: string;
  readonly note?: string;
}) {
  const { search, hrefWith, change } = useSearchState();
  const entries = useApi(
    evidenceEndpoints.listEvidence,
    { query: { subject, cursor: search['cursor'] } },
    { every: 5_000, keeps: true },
  );
  const hrefOf = (id: string): string => hrefWith({ cursor: search['cursor'], entry: id });
  return (
    <>
      {note === undefined ? null : (
        <p className="second" style={{ marginBottom: 12 }}>
          {note}
        </p>
      )}
      <DataTable
        columns={entryColumns(hrefOf)}
        empty={
          <EmptyState title="Nothing is recorded about it yet">
            Each reading that finds it new, changed or gone leaves an entry here.
          </EmptyState>
        }
        keyOf={({ id }) => id}
        name="Evidence"
        query={entries}
      />
      <ProofDrawer
        id={search['entry']}
        onClose={() => change({ cursor: search['cursor'], entry: undefined })}
      />
    </>
  );
}
