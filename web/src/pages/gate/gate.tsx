import { useDocumentTitle } from '@mantine/hooks';
import type { FormEvent, ReactNode } from 'react';
import { Anchor } from '../../kit/icons.tsx';

type Props = {
  readonly title: string;
  readonly sentence: ReactNode;
  readonly onSend: (fields: Readonly<Record<string, string>>) => void;
  readonly children: ReactNode;
};

/** The frame of the pages before the console: set up, join, sign in. */
export function Gate({ title, sentence, onSend, children }: Props) {
  useDocumentTitle(`${title} · Wharfinger`);
  const send = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const fields: Record<string, string> = {};
    for (const [name, value] of new FormData(event.currentTarget)) {
      if (typeof value === 'string') fields[name] = value;
    }
    onSend(fields);
  };
  return (
    <main className="gate">
      <div className="gate-brand">
        <Anchor size={26} /> Wharfinger
      </div>
      <form className="card stack" onSubmit={send}>
        <div>
          <h1>{title}</h1>
          <p className="second">{sentence}</p>
        </div>
        {children}
      </form>
    </main>
  );
}

/** The one-time token of the address, which never reaches a server's log: it follows the `#`. */
export function linkToken(): string {
  return window.location.hash.slice(1);
}
