import { describe, expect, it } from 'vitest';
import { createIds, manualClock } from './clock.ts';

describe('an id', () => {
  it('is a UUID of version 7 that begins with its time', () => {
    const ids = createIds(manualClock('2026-02-28T12:34:56.789Z'));

    const id = ids.next();

    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(
      Date.parse('2026-02-28T12:34:56.789Z'),
    );
  });

  it('sorts after every earlier one, many in a millisecond and when the clock steps back', () => {
    const clock = manualClock();
    const ids = createIds(clock);

    const made = Array.from({ length: 10_000 }, (_, n) => {
      if (n === 5_000) clock.moveBy(-60_000);
      return ids.next();
    });

    expect(made).toEqual(made.toSorted());
    expect(new Set(made).size).toBe(made.length);
  });
});
