import { expect, it } from 'vitest';
import { entryKind, entryName, proofFileName, verifyCommand } from './proof.tsx';

it('names an entry by its place in the log, and says when it has none yet', () => {
  expect(entryName({ index: 50_644 })).toBe('entry 50,644');
  expect(entryName({})).toBe('not sealed yet');
});

it('writes the command so that a shell leaves the key alone', () => {
  const file = proofFileName({ id: 'ab12' });

  expect(verifyCommand(file, 'wharf.example+00aa+AX/+$')).toBe(
    "wharfinger verify ab12.tlog-proof --key 'wharf.example+00aa+AX/+$'",
  );
});

it('says what happened in words', () => {
  expect(entryKind('connection.added')).toBe('Connection added');
  expect(entryKind('sign-in.owner-set-up')).toBe('Owner set up');
});
