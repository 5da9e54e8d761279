import type { ContainerRow } from '../../../../src/features/inventory/inventory-contract.ts';
import { capitalise } from '../../kit/format.ts';
import { Pill, type Tone } from '../../kit/pill.tsx';

const stateTone: Readonly<Record<ContainerRow['state'], Tone>> = {
  created: 'plain',
  running: 'good',
  paused: 'medium',
  restarting: 'high',
  exited: 'plain',
  dead: 'critical',
  removed: 'plain',
  unknown: 'unknown',
};

type Shown = Pick<ContainerRow, 'state' | 'goneAt' | 'stale' | 'privileged' | 'exposed' | 'sample'>;

/** Its states in words; what cannot be told has its own look. */
export function ContainerPills({ container }: { readonly container: Shown }) {
  const { state } = container;
  return (
    <>
      <Pill tone={stateTone[state]}>{state === 'unknown' ? 'Cannot tell' : capitalise(state)}</Pill>
      {container.stale ? (
        <Pill title="Its connection is silent" tone="critical">
          As last seen
        </Pill>
      ) : null}
      {container.privileged === true ? <Pill tone="high">Privileged</Pill> : null}
      {container.exposed === true ? <Pill tone="medium">Exposed</Pill> : null}
      {container.sample ? <Pill tone="plain">Sample</Pill> : null}
    </>
  );
}

/** Yes, no, or the look of "cannot tell". */
export function YesNo({ value }: { readonly value: boolean | 'unknown' | undefined }) {
  if (value === 'unknown' || value === undefined) return <Pill tone="unknown">cannot tell</Pill>;
  return value ? 'yes' : 'no';
}

const catalogueWords: Readonly<
  Record<NonNullable<ContainerRow['catalogue']>, { tone: Tone; word: string; why: string }>
> = {
  waiting: { tone: 'unknown', word: 'not read yet', why: 'The image waits to be catalogued.' },
  reading: { tone: 'accent', word: 'reading', why: 'The image is being catalogued.' },
  complete: { tone: 'good', word: 'catalogued', why: 'All of the image was read.' },
  partial: { tone: 'medium', word: 'read in part', why: 'Some of the image could not be read.' },
  failed: { tone: 'unknown', word: 'cannot tell', why: 'The image could not be catalogued.' },
  unreachable: { tone: 'unknown', word: 'cannot tell', why: 'The image could not be reached.' },
};

/** How far the contents of its image are known. */
export function CataloguePill({ state }: { readonly state: ContainerRow['catalogue'] }) {
  if (state === undefined) return <Pill tone="unknown">no image known</Pill>;
  const { tone, word, why } = catalogueWords[state];
  return (
    <Pill title={why} tone={tone}>
      {word}
    </Pill>
  );
}
