import { Button } from '@mantine/core';
import { ownershipEndpoints } from '../../../../src/features/ownership/ownership-contract.ts';
import type { EndpointResult } from '../../../../src/model/endpoint.ts';
import { useApi } from '../../kit/api.ts';
import { formatCount, plural } from '../../kit/format.ts';
import { A } from '../../kit/navigation.tsx';
import { ActError, Answered } from '../../kit/states.tsx';
import { type DraftRule, ruleForms } from './rule-draft.ts';

type Props = {
  readonly draft: readonly DraftRule[];
  readonly onKeep: () => void;
  readonly onLeave: () => void;
  readonly isBusy: boolean;
  readonly error: unknown;
};

type Preview = EndpointResult<typeof ownershipEndpoints.previewOwnerRules>;

/** The consequence of rules as they are arranged, before they are kept. */
export function RulePreview({ draft, onKeep, onLeave, isBusy, error }: Props) {
  const preview = useApi(
    ownershipEndpoints.previewOwnerRules,
    { body: { rules: ruleForms(draft) } },
    { keeps: true },
  );
  const isJudged = preview.data !== undefined && !preview.isPlaceholderData;
  return (
    <section aria-label="What keeping this changes" className="card stack" style={{ gap: 12 }}>
      <Answered query={preview} rows={2}>
        {(answer) => <Consequence preview={answer} />}
      </Answered>
      <ActError error={error} />
      <div className="row">
        <Button disabled={!isJudged} loading={isBusy} onClick={onKeep}>
          Keep these rules
        </Button>
        <Button onClick={onLeave} variant="default">
          Leave them as they were
        </Button>
      </div>
    </section>
  );
}

function Consequence({ preview }: { readonly preview: Preview }) {
  const { changes, changed, owned, unowned } = preview;
  const after = `${plural(owned, 'workload')} owned, ${formatCount(unowned)} by nobody.`;
  return (
    <>
      <div role="status">
        <strong>
          {changed === 0
            ? 'Keeping this changes no owner.'
            : `Keeping this changes the owner of ${plural(changed, 'workload')}.`}
        </strong>
        <p className="second">Then: {after}</p>
      </div>
      {changes.length === 0 ? null : (
        <dl className="card-rows rule-changes">
          {changes.map(({ workloadId, workloadName, from, to }) => (
            <div key={workloadId}>
              <dt>
                <A href={`/containers?workload=${workloadId}&state=all`}>{workloadName}</A>
              </dt>
              <dd>
                {from ?? 'nobody'} → {to ?? <strong>nobody</strong>}
              </dd>
            </div>
          ))}
        </dl>
      )}
      {changed > changes.length ? (
        <p className="small">and {formatCount(changed - changes.length)} more</p>
      ) : null}
    </>
  );
}
