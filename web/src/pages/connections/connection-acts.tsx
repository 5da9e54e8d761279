import { Button, Modal } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import {
  type Connection,
  connectionsEndpoints,
} from '../../../../src/features/connections/connections-contract.ts';
import { useAct } from '../../kit/api.ts';
import { plural } from '../../kit/format.ts';
import { useGo } from '../../kit/navigation.tsx';
import { useMay } from '../../kit/session.ts';
import { ActError } from '../../kit/states.tsx';

export function ConnectionActs({ connection }: { readonly connection: Connection }) {
  const mayManage = useMay('connection.manage');
  const maySync = useMay('connection.sync');
  const [isAsking, ask] = useDisclosure(false);
  const sync = useAct(connectionsEndpoints.startSync);
  const change = useAct(connectionsEndpoints.changeConnection);
  const params = { id: connection.id };
  const isPaused = connection.state === 'paused';
  return (
    <>
      {maySync && !isPaused ? (
        <Button
          disabled={connection.state === 'reading'}
          loading={sync.isPending}
          onClick={() => sync.mutate({ params })}
        >
          Read now
        </Button>
      ) : null}
      {mayManage ? (
        <>
          <Button
            loading={change.isPending}
            onClick={() => change.mutate({ params, body: { paused: !isPaused } })}
            variant="default"
          >
            {isPaused ? 'Resume' : 'Pause'}
          </Button>
          <Button color="critical" onClick={ask.open} variant="outline">
            Remove
          </Button>
        </>
      ) : null}
      <ActError error={sync.error ?? change.error} />
      <Removal connection={connection} isOpen={isAsking} onClose={ask.close} />
    </>
  );
}

type RemovalProps = {
  readonly connection: Connection;
  readonly isOpen: boolean;
  readonly onClose: () => void;
};

/** What follows is said before it is done. */
function Removal({ connection, isOpen, onClose }: RemovalProps) {
  const go = useGo();
  const remove = useAct(connectionsEndpoints.removeConnection);
  const running = plural(connection.counts.containersRunning, 'running container');
  return (
    <Modal onClose={onClose} opened={isOpen} title={<strong>Remove {connection.name}?</strong>}>
      <div className="stack">
        <p>
          Wharfinger stops watching {running} and {plural(connection.counts.images, 'image')} there.
          What it saw stays in history, marked as no longer watched. Nothing changes at the system
          itself.
        </p>
        <ActError error={remove.error} />
        <div className="row">
          <Button
            color="critical"
            loading={remove.isPending}
            onClick={() =>
              remove.mutate(
                { params: { id: connection.id } },
                { onSuccess: () => go('/connections') },
              )
            }
          >
            Remove the connection
          </Button>
          <Button onClick={onClose} variant="default">
            Keep it
          </Button>
        </div>
      </div>
    </Modal>
  );
}
