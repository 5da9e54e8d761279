import { expect, it } from 'vitest';
import { unavailable } from '../model/errors.ts';
import { createLog, type LogOptions } from './log.ts';

function linesOf(form: LogOptions['form'], level: LogOptions['level'] = 'info') {
  const lines: string[] = [];
  const now = (): Date => new Date('2026-02-28T12:34:56Z');
  const log = createLog({ write: (line) => lines.push(line), form, level, now });
  return { log, lines };
}

it('writes one JSON object a line for programs', () => {
  const { log, lines } = linesOf('lines');

  log.with({ connection: 'c1' }).info('A sync ended.', { count: 3 });

  expect(lines.map((line) => JSON.parse(line))).toEqual([
    {
      time: '2026-02-28T12:34:56.000Z',
      level: 'info',
      message: 'A sync ended.',
      connection: 'c1',
      count: 3,
    },
  ]);
});

it('lets no control character of a field reach a terminal', () => {
  const { log, lines } = linesOf('people');

  log.warn('A name was read.', { name: '\u001b[2Jgone\nnext\u009b1m' });

  expect(lines).toEqual(['12:34:56 warn  A name was read. name= [2Jgone next 1m\n']);
});

it('leaves out what ranks below its level', () => {
  const { log, lines } = linesOf('lines', 'warn');

  log.info('Quiet.');
  log.error('Loud.');

  expect(lines).toHaveLength(1);
});

it('keeps the context and the cause of a failure', () => {
  const { log, lines } = linesOf('lines');

  log.error('A sync failed.', {
    failure: unavailable('It did not answer.', { context: { page: 2 }, cause: new Error('reset') }),
  });

  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    failure: {
      error: 'It did not answer.',
      kind: 'unavailable',
      page: 2,
      cause: { error: 'reset' },
    },
  });
});
