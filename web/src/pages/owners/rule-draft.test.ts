import { expect, it } from 'vitest';
import type { OwnerRule } from '../../../../src/features/ownership/ownership-contract.ts';
import {
  cleanCondition,
  conditionWords,
  draftOf,
  moved,
  ownersTitle,
  ruleForms,
  withRule,
} from './rule-draft.ts';

const rule = (id: string, workloads = 0): OwnerRule => ({
  id,
  position: 1,
  condition: { label: `team=${id}` },
  owner: { kind: 'team', id: `team-${id}`, name: id },
  workloads,
});

it('moves a rule by one place and stays as it is at the ends', () => {
  expect(moved(['a', 'b', 'c'], 2, 1)).toEqual(['a', 'c', 'b']);
  expect(moved(['a', 'b', 'c'], 0, -1)).toEqual(['a', 'b', 'c']);
  expect(moved(['a', 'b', 'c'], 2, 3)).toEqual(['a', 'b', 'c']);
});

it('puts a changed rule in its own place and a new one last', () => {
  const draft = draftOf([rule('a'), rule('b')]);
  const { owner } = rule('c');

  const keysAfter = (key: string) =>
    withRule(draft, { key, condition: {}, owner }).map((one) => [one.key, one.owner.name]);

  expect(keysAfter('a')).toEqual([
    ['a', 'c'],
    ['b', 'b'],
  ]);
  expect(keysAfter('new')).toEqual([
    ['a', 'a'],
    ['b', 'b'],
    ['new', 'c'],
  ]);
});

it('sends conditions and owners and nothing of its own', () => {
  expect(ruleForms(draftOf([rule('a', 4)]))).toEqual([
    { condition: { label: 'team=a' }, owner: { kind: 'team', id: 'team-a' } },
  ]);
});

it('says what a rule is about in words', () => {
  const condition = { label: 'team=ledger', namePattern: 'ledger-*', connectionId: 'c1' };

  expect(conditionWords(condition, () => 'wharf-03')).toBe(
    'label team=ledger and name ledger-* and connection wharf-03',
  );
  expect(conditionWords({ connectionId: 'c1' }, () => undefined)).toBe(
    'connection that is not there any more',
  );
});

it('takes an empty field for no condition', () => {
  expect(cleanCondition({ label: ' ', imagePath: ' wharf/* ', namePattern: undefined })).toEqual({
    imagePath: 'wharf/*',
  });
});

it('answers in the title how much nobody owns', () => {
  expect(ownersTitle([rule('a', 2)], 3)).toBe('Three workloads have no owner');
  expect(ownersTitle([], 1)).toBe('One workload has no owner');
  expect(ownersTitle([rule('a', 2)], 0)).toBe('Every workload has an owner');
  expect(ownersTitle([rule('a')], 0)).toBe('There is no workload to own yet');
});
