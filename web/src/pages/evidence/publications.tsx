import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import {
  evidenceEndpoints,
  type Publication,
} from '../../../../src/features/evidence/evidence-contract.ts';
import { useAct } from '../../kit/api.ts';
import { formatCount, plural } from '../../kit/format.ts';
import { Pill, type Tone } from '../../kit/pill.tsx';
import { useMay } from '../../kit/session.ts';
import { ActError } from '../../kit/states.tsx';
import { Card } from '../../kit/templates.tsx';

const states: Readonly<Record<Publication['state'], { tone: Tone; word: string }>> = {
  new: { tone: 'plain', word: 'not sent yet' },
  current: { tone: 'good', word: 'current' },
  behind: { tone: 'medium', word: 'behind' },
  failing: { tone: 'critical', word: 'failing' },
};

/** Places outside this server that get every signed checkpoint. */
export function Publications({ publications }: { readonly publications: readonly Publication[] }) {
  const mayManage = useMay('evidence.manage');
  const count = publications.length;
  return (
    <Card
      sentence={
        count === 0
          ? 'Nowhere yet: whoever rules this server could start the log anew unseen.'
          : `Every checkpoint goes to ${plural(count, 'place')} outside this server.`
      }
      title="Kept elsewhere"
    >
      <ul className="card-rows">
        {publications.map((publication) => (
          <Place key={publication.id} mayManage={mayManage} publication={publication} />
        ))}
      </ul>
      {mayManage ? <AddPlace /> : null}
    </Card>
  );
}

function Place({
  publication,
  mayManage,
}: {
  readonly publication: Publication;
  readonly mayManage: boolean;
}) {
  const remove = useAct(evidenceEndpoints.removePublication);
  const { tone, word } = states[publication.state];
  return (
    <li>
      <div>
        <span className="mono">{publication.target}</span>
        <div className="small">
          {publication.problem ??
            (publication.size === undefined ? '' : `has ${formatCount(publication.size)} entries`)}
        </div>
        <ActError error={remove.error} />
      </div>
      <div>
        <Pill tone={tone}>{word}</Pill>
        {mayManage ? (
          <div>
            <button
              className="plain-button small"
              onClick={() => remove.mutate({ params: { id: publication.id } })}
              title="What the place has stays there."
              type="button"
            >
              stop sending
            </button>
          </div>
        ) : null}
      </div>
    </li>
  );
}

function AddPlace() {
  const add = useAct(evidenceEndpoints.addPublication);
  const [target, setTarget] = useState('');
  const send = (event: FormEvent): void => {
    event.preventDefault();
    add.mutate({ body: { target } }, { onSuccess: () => setTarget('') });
  };
  return (
    <form onSubmit={send} style={{ marginTop: 8 }}>
      <div className="row" style={{ flexWrap: 'nowrap' }}>
        <TextInput
          aria-label="A folder, or an address that takes a PUT"
          flex={1}
          onChange={(event) => setTarget(event.currentTarget.value)}
          placeholder="A folder, or an address that takes a PUT"
          required
          size="xs"
          value={target}
        />
        <Button loading={add.isPending} size="xs" type="submit" variant="default">
          Send there
        </Button>
      </div>
      <ActError error={add.error} />
    </form>
  );
}
