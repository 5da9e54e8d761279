import './owners.css';
import { ownershipEndpoints } from '../../../../src/features/ownership/ownership-contract.ts';
import { useApi } from '../../kit/api.ts';
import { A } from '../../kit/navigation.tsx';
import { Answered } from '../../kit/states.tsx';
import { AnswerPage } from '../../kit/templates.tsx';
import { ownersTitle } from './rule-draft.ts';
import { RuleEditor } from './rule-editor.tsx';
import { Teams } from './teams.tsx';

/** Who answers for what: rules in order, what a change of them would do, and teams. */
export function OwnersPage() {
  const rules = useApi(ownershipEndpoints.listOwnerRules, {});
  return (
    <Answered query={rules} rows={5}>
      {({ items, unowned }) => (
        <AnswerPage
          aside={<Teams />}
          summary={
            <>
              The first rule that fits a workload names its owner.{' '}
              {unowned === 0 ? null : (
                <A href="/containers?owner=none">See the running containers that nobody owns</A>
              )}
            </>
          }
          title={ownersTitle(items, unowned)}
        >
          <RuleEditor kept={items} />
        </AnswerPage>
      )}
    </Answered>
  );
}
