import { Checkbox, NumberInput, PasswordInput, Textarea, TextInput } from '@mantine/core';
import type { ConnectorKind } from '../../../../src/features/connections/connections-contract.ts';
import { listWords } from '../../kit/format.ts';

export type Field = ConnectorKind['fields'][number];
export type Answers = Readonly<Record<string, string | boolean>>;

/** The answers a form starts with. */
export function initialAnswers(fields: readonly Field[]): Answers {
  const pairs = fields.map((field): [string, string | boolean] => {
    if (field.kind === 'boolean') return [field.name, field.initial === true];
    return [field.name, field.initial === undefined ? '' : String(field.initial)];
  });
  return Object.fromEntries(pairs);
}

/** What is sent: empty answers are left out, lists are one a line, numbers are numbers. */
export function settingsOf(fields: readonly Field[], answers: Answers): Record<string, unknown> {
  const settings: Record<string, unknown> = {};
  for (const { name, kind } of fields) {
    const answer = answers[name];
    if (answer === undefined || answer === '') continue;
    if (kind === 'list') {
      const lines = String(answer).split('\n');
      settings[name] = lines.map((line) => line.trim()).filter((line) => line !== '');
    } else {
      settings[name] = kind === 'number' ? Number(answer) : answer;
    }
  }
  return settings;
}

type Props = {
  readonly fields: readonly Field[];
  readonly answers: Answers;
  readonly onChange: (answers: Answers) => void;
};

/** The form of one kind of connection, as its connector describes it. */
export function SettingsFields({ fields, answers, onChange }: Props) {
  const isRare = (field: Field): boolean => !field.required && field.kind.endsWith('multiline');
  const rare = fields.filter(isRare);
  const show = (field: Field) => (
    <OneField
      field={field}
      key={field.name}
      onChange={(value) => onChange({ ...answers, [field.name]: value })}
      value={answers[field.name] ?? ''}
    />
  );
  return (
    <>
      {fields.filter((field) => !isRare(field)).map(show)}
      {rare.length === 0 ? null : (
        <details>
          <summary className="second">{listWords(rare.map(({ label }) => label))}</summary>
          <div className="stack" style={{ marginTop: 8 }}>
            {rare.map(show)}
          </div>
        </details>
      )}
    </>
  );
}

type FieldProps = {
  readonly field: Field;
  readonly value: string | boolean;
  readonly onChange: (value: string | boolean) => void;
};

function OneField({ field, value, onChange }: FieldProps) {
  const text = String(value);
  const common = {
    label: field.label,
    description: field.help,
    name: field.name,
    required: field.required,
    ...(field.placeholder === undefined ? {} : { placeholder: field.placeholder }),
  };
  const typed = (event: { readonly currentTarget: { readonly value: string } }): void =>
    onChange(event.currentTarget.value);
  switch (field.kind) {
    case 'boolean':
      return (
        <Checkbox
          checked={value === true}
          description={field.help}
          label={field.label}
          name={field.name}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case 'secret':
      return <PasswordInput {...common} autoComplete="off" onChange={typed} value={text} />;
    case 'number':
      return <NumberInput {...common} onChange={(next) => onChange(String(next))} value={text} />;
    case 'multiline':
    case 'secret-multiline':
    case 'list':
      return (
        <Textarea
          {...common}
          autosize
          maxRows={8}
          minRows={2}
          onChange={typed}
          spellCheck={false}
          value={text}
        />
      );
    case 'text':
      return <TextInput {...common} onChange={typed} spellCheck={false} value={text} />;
  }
}
