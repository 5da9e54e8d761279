import type { Overview } from '../../../../src/features/inventory/inventory-contract.ts';
import { countWord, formatCount } from '../../kit/format.ts';

/** The title is the answer, and never "all is well" while a source is silent. */
export function overviewTitle(overview: Pick<Overview, 'needs' | 'freshness'>): string {
  const needs = overview.needs.length;
  if (needs > 0) return `${countWord(needs)} ${needs === 1 ? 'thing needs' : 'things need'} you`;
  if (overview.freshness.length === 0) return 'Nothing is connected yet';
  const isWhole = overview.freshness.every(({ state }) => state === 'fresh');
  return isWhole ? 'Nothing needs you' : 'Nothing known needs you';
}

/** `+24 this week`: what a number did against the same day of the week before. */
export function changeSentence(change: number | undefined): string {
  if (change === undefined) return 'no trend yet';
  if (change === 0) return 'as a week ago';
  return `${change > 0 ? '+' : '−'}${formatCount(Math.abs(change))} this week`;
}
