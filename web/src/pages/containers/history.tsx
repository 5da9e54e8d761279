import { inventoryEndpoints } from '../../../../src/features/inventory/inventory-contract.ts';
import { useApi } from '../../kit/api.ts';
import { listWords, plural } from '../../kit/format.ts';
import { Answered, EmptyState } from '../../kit/states.tsx';
import { ExactTime } from '../../kit/time.tsx';
import { factText } from './fact-text.ts';

/** How its facts changed: one card for each stretch of time in which they stayed the same. */
export function History({ id }: { readonly id: string }) {
  const history = useApi(inventoryEndpoints.listContainerHistory, { params: { id } });
  return (
    <Answered query={history}>
      {({ items }) =>
        items.length === 0 ? (
          <EmptyState title="No history yet">Its facts were not read yet.</EmptyState>
        ) : (
          <ol className="stack">
            {items.map((interval, index) => (
              <li className="card" key={interval.from}>
                <h2>
                  <ExactTime at={interval.from} /> to{' '}
                  {interval.to === undefined ? 'now' : <ExactTime at={interval.to} />}
                </h2>
                <p className="sentence">
                  {interval.changed.length === 0
                    ? 'As first seen.'
                    : `${plural(interval.changed.length, 'fact')} changed: ${listWords(interval.changed)}.`}
                </p>
                <Facts
                  facts={interval.facts}
                  isOpen={index === 0 && interval.changed.length === 0}
                  names={interval.changed}
                />
              </li>
            ))}
          </ol>
        )
      }
    </Answered>
  );
}

type FactsProps = {
  readonly facts: Readonly<Record<string, unknown>>;
  readonly names: readonly string[];
  readonly isOpen: boolean;
};

function Facts({ facts, names, isOpen }: FactsProps) {
  const all = Object.keys(facts).toSorted();
  return (
    <>
      <FactList facts={facts} names={names} />
      <details open={isOpen} style={{ marginTop: 8 }}>
        <summary className="second">All that was known then</summary>
        <FactList facts={facts} names={all} />
      </details>
    </>
  );
}

function FactList({ facts, names }: Pick<FactsProps, 'facts' | 'names'>) {
  if (names.length === 0) return null;
  return (
    <dl className="facts" style={{ marginTop: 8 }}>
      {names.map((name) => (
        <div key={name} style={{ display: 'contents' }}>
          <dt>{name}</dt>
          <dd className="mono">{factText(facts[name])}</dd>
        </div>
      ))}
    </dl>
  );
}
