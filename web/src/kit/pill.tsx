import type { ReactNode } from 'react';

export type Tone = 'good' | 'critical' | 'high' | 'medium' | 'plain' | 'accent' | 'unknown';

/** A state in a word. `unknown` is how "cannot tell" looks, everywhere and nothing else. */
export function Pill({
  tone,
  children,
  title,
}: {
  readonly tone: Tone;
  readonly children: ReactNode;
  readonly title?: string | undefined;
}) {
  return (
    <span className={`pill pill-${tone}`} title={title}>
      {children}
    </span>
  );
}
