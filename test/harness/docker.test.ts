import { afterAll, beforeAll, expect, it } from 'vitest';
import { askEngine, provideTinyImage, removeContainer, startContainer } from './docker.ts';
import { describeWith } from './parts.ts';

type Inspected = { State: { Running: boolean; ExitCode: number }; Config: { Labels: object } };

describeWith(['dockerd', 'busybox'], 'containers of a real engine', () => {
  const started: string[] = [];
  beforeAll(async () => {
    await provideTinyImage();
  });
  afterAll(async () => {
    for (const id of started) await removeContainer(id);
  });

  it('runs a container of an image made without any registry', async () => {
    const { id } = await startContainer({ labels: { 'org.example.team': 'quay' } });
    started.push(id);

    const seen = await askEngine<Inspected>('GET', `/containers/${id}/json`);

    expect(seen.State.Running).toBe(true);
    expect(seen.Config.Labels).toEqual({ 'org.example.team': 'quay' });
  });

  it('runs a command in it to its end', async () => {
    const { id } = await startContainer({ command: ['/bin/sh', '-c', 'exit 7'] });
    started.push(id);

    const ended = await askEngine<{ StatusCode: number }>('POST', `/containers/${id}/wait`);

    expect(ended.StatusCode).toBe(7);
  });

  it('refuses with the sentence of the engine', async () => {
    await expect(askEngine('GET', '/containers/no-such/json')).rejects.toThrow(/404.*No such/);
  });
});
