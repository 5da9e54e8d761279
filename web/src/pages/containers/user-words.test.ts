import { expect, it } from 'vitest';
import { userWords } from './user-words.ts';

it.each([
  ['', 'as root'],
  ['0:0', 'as root'],
  ['root', 'as root'],
  ['1000:1000', 'as uid 1000'],
  ['node', 'as node'],
])('user %j runs %s', (user, words) => {
  expect(userWords(user)).toBe(words);
});
