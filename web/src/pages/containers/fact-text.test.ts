import { expect, it } from 'vitest';
import { factText } from './fact-text.ts';

it.each([
  [undefined, 'not known'],
  [null, 'not known'],
  ['', 'empty'],
  [[], 'none'],
  [{}, 'none'],
  [true, 'yes'],
  [false, 'no'],
  [0, '0'],
  [['a', 'b'], 'a\nb'],
  [{ target: '/srv', writable: true }, 'target=/srv writable=yes'],
])('%j is %j', (fact, text) => {
  expect(factText(fact)).toBe(text);
});
