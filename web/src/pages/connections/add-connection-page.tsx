import { Button, Select, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import {
  type ConnectorKind,
  connectionsEndpoints,
} from '../../../../src/features/connections/connections-contract.ts';
import type { EndpointResult } from '../../../../src/model/endpoint.ts';
import { useAct, useApi } from '../../kit/api.ts';
import { formatBytes, formatCount } from '../../kit/format.ts';
import { A, useGo, useSearchState } from '../../kit/navigation.tsx';
import { ActError, Answered } from '../../kit/states.tsx';
import { AnswerPage } from '../../kit/templates.tsx';
import { type Answers, initialAnswers, SettingsFields, settingsOf } from './settings-fields.tsx';

/** Settings are tried first; what would be read is shown before anything is kept. */
export function AddConnectionPage() {
  const kinds = useApi(connectionsEndpoints.listConnectorKinds, {}, { isFixed: true });
  const { search, change } = useSearchState();
  return (
    <Answered query={kinds}>
      {({ items }) => {
        const kind = items.find((item) => item.kind === search['kind']) ?? items[0];
        if (kind === undefined) return null;
        return (
          <AnswerPage
            crumbs={<A href="/connections">Connections</A>}
            summary={kind.reads}
            title="Connect a system"
          >
            <div className="card stack" style={{ maxWidth: 640 }}>
              {items.length > 1 ? (
                <Select
                  allowDeselect={false}
                  data={items.map((item) => ({ value: item.kind, label: item.title }))}
                  label="Kind of system"
                  onChange={(value) => change({ kind: value ?? undefined })}
                  value={kind.kind}
                />
              ) : null}
              <AddForm key={kind.kind} kind={kind} />
            </div>
          </AnswerPage>
        );
      }}
    </Answered>
  );
}

type Tested = EndpointResult<typeof connectionsEndpoints.testConnection>;

function AddForm({ kind }: { readonly kind: ConnectorKind }) {
  const go = useGo();
  const [answers, setAnswers] = useState<Answers>(() => initialAnswers(kind.fields));
  const [name, setName] = useState('');
  const [tested, setTested] = useState<Tested>();
  const test = useAct(connectionsEndpoints.testConnection);
  const create = useAct(connectionsEndpoints.createConnection);
  const settings = settingsOf(kind.fields, answers);
  const isGood = tested?.ok === true;
  const send = (event: FormEvent): void => {
    event.preventDefault();
    if (!isGood) {
      test.mutate(
        { body: { kind: kind.kind, settings } },
        {
          onSuccess: (answer) => {
            setTested(answer);
            // `Docker Engine 28.1 on wharf-03` proposes the name wharf-03.
            const host = answer.found?.match(/ on (\S+)$/)?.[1];
            if (name === '') setName(host ?? kind.title);
          },
        },
      );
      return;
    }
    create.mutate(
      { body: { kind: kind.kind, name, settings } },
      { onSuccess: ({ id }) => go(`/connections/${id}`) },
    );
  };
  return (
    <form className="stack" onSubmit={send}>
      <SettingsFields
        answers={answers}
        fields={kind.fields}
        onChange={(next) => {
          setAnswers(next);
          setTested(undefined);
        }}
      />
      <details>
        <summary className="second">The least rights it needs</summary>
        <ul className="second" style={{ listStyle: 'disc', paddingLeft: 20 }}>
          {kind.leastRights.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      </details>
      <ActError error={test.error ?? create.error} />
      {tested === undefined ? null : <TestResult tested={tested} />}
      {isGood ? (
        <TextInput
          label="Name in Wharfinger"
          maxLength={200}
          onChange={(event) => setName(event.currentTarget.value)}
          required
          value={name}
        />
      ) : null}
      <div className="row">
        {isGood ? (
          <Button loading={create.isPending} type="submit">
            Keep and start reading
          </Button>
        ) : (
          <Button loading={test.isPending} type="submit">
            Test
          </Button>
        )}
        <Button component={A} href="/connections" variant="default">
          Leave it
        </Button>
      </div>
    </form>
  );
}

function TestResult({ tested }: { readonly tested: Tested }) {
  if (!tested.ok) {
    return (
      <div className="notice notice-critical" role="alert">
        <strong>It did not work.</strong> {tested.message} Nothing was kept.
      </div>
    );
  }
  const plan = tested.plan ?? [];
  return (
    <div className="notice" role="status">
      <strong>{tested.found ?? 'It answers.'}</strong>
      {plan.length === 0 ? null : (
        <>
          <p className="second">The first read takes in:</p>
          <dl className="card-rows">
            {plan.map(({ name, count, bytes }) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>
                  {formatCount(count)}
                  {bytes === undefined ? '' : `, ${formatBytes(bytes)}`}
                </dd>
              </div>
            ))}
          </dl>
        </>
      )}
    </div>
  );
}
