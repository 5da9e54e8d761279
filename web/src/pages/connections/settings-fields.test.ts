import { expect, it } from 'vitest';
import { type Field, initialAnswers, settingsOf } from './settings-fields.tsx';

const fields: readonly Field[] = [
  { name: 'address', label: '', kind: 'text', required: true, initial: 'unix:///x' },
  { name: 'key', label: '', kind: 'secret', required: false },
  { name: 'paths', label: '', kind: 'list', required: false },
  { name: 'rate', label: '', kind: 'number', required: false, initial: 5 },
  { name: 'all', label: '', kind: 'boolean', required: false },
];

it('starts with what the connector proposes', () => {
  expect(initialAnswers(fields)).toEqual({
    address: 'unix:///x',
    key: '',
    paths: '',
    rate: '5',
    all: false,
  });
});

it('sends lists, numbers and truth as such, and nothing for what was left empty', () => {
  const answers = { ...initialAnswers(fields), paths: ' a/* \n\nb\n', all: true };

  expect(settingsOf(fields, answers)).toEqual({
    address: 'unix:///x',
    paths: ['a/*', 'b'],
    rate: 5,
    all: true,
  });
});
