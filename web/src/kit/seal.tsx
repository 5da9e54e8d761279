import { useState } from 'react';
import { evidenceEndpoints } from '../../../src/features/evidence/evidence-contract.ts';
import { useApi } from './api.ts';
import { SealMark } from './icons.tsx';
import { entryName, ProofDrawer } from './proof.tsx';
import { Time } from './time.tsx';

export type SealFacts = {
  readonly seenAt: string;
  readonly connectionName?: string | undefined;
  readonly stale: boolean;
  readonly evidenceId?: string | undefined;
  readonly by: 'seen' | 'stated';
};

type Props = {
  readonly seal: SealFacts;
  /** What was done at that time: `read`, `swept`, `set`. */
  readonly verb?: string;
};

/** Since when a fact is known, and its proof one click away; a source that stopped says so here. */
export function Seal({ seal, verb = 'read' }: Props) {
  const [isOpen, open] = useState(false);
  const id = seal.evidenceId;
  const what = (
    <>
      <SealMark size={14} />
      <span>
        {seal.by === 'stated' ? `stated by ${seal.connectionName ?? 'its source'} ` : `${verb} `}
        <Time at={seal.seenAt} />
        {seal.stale ? ` · ${seal.connectionName ?? 'its source'} is silent since` : ''}
        {id === undefined ? '' : <EntryNumber id={id} />}
      </span>
    </>
  );
  const look = seal.stale ? 'seal seal-stale' : 'seal';
  if (id === undefined) return <div className={look}>{what}</div>;
  return (
    <>
      <button className={look} onClick={() => open(true)} type="button">
        {what}
      </button>
      <ProofDrawer id={isOpen ? id : undefined} onClose={() => open(false)} />
    </>
  );
}

function EntryNumber({ id }: { readonly id: string }) {
  const entry = useApi(
    evidenceEndpoints.getEvidence,
    { params: { id } },
    // Nothing of an entry changes but that it gets its number, once it is sealed.
    { isFixed: true, every: (found) => (found?.index === undefined ? 3_000 : false) },
  );
  return entry.data?.index === undefined ? ' · proof' : ` · ${entryName(entry.data)}`;
}
