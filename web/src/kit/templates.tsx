import { useDocumentTitle } from '@mantine/hooks';
import type { ReactNode } from 'react';
import type { LifeStep } from '../../../src/features/inventory/inventory-contract.ts';
import { Copy } from './copy.tsx';
import { shortDigest } from './format.ts';
import { A } from './navigation.tsx';
import { Time } from './time.tsx';

type HeadProps = {
  readonly title: string;
  /** How complete the answer is, and what could not be read or judged. */
  readonly summary?: ReactNode;
  readonly acts?: ReactNode;
  readonly crumbs?: ReactNode;
  readonly pills?: ReactNode;
  readonly identifier?: ReactNode;
};

/** The head all pages share: the title is the answer, the line below says how complete it is. */
export function PageHead({ title, summary, acts, crumbs, pills, identifier }: HeadProps) {
  useDocumentTitle(`${title} · Wharfinger`);
  return (
    <header className="page-head">
      <div>
        {crumbs === undefined ? null : <div className="crumbs">{crumbs}</div>}
        <div className="title">
          <h1>{title}</h1>
          {pills}
        </div>
        {identifier}
        {summary === undefined ? null : <p className="summary">{summary}</p>}
      </div>
      {acts === undefined ? null : <div className="acts">{acts}</div>}
    </header>
  );
}

/** Overview, and every page whose title answers a question. */
export function AnswerPage({
  children,
  aside,
  ...head
}: HeadProps & { readonly children: ReactNode; readonly aside?: ReactNode }) {
  return (
    <div className="page">
      <PageHead {...head} />
      {aside === undefined ? (
        children
      ) : (
        <div className="answer">
          <div className="stack">{children}</div>
          <aside aria-label="Beside the answer" className="stack">
            {aside}
          </aside>
        </div>
      )}
    </div>
  );
}

export type Tab = { readonly id: string; readonly label: string; readonly href: string };

type ThingProps = HeadProps & {
  readonly life?: ReactNode;
  readonly tabs?: readonly Tab[];
  readonly tab?: string;
  readonly children: ReactNode;
};

/** A container, image, component, connection: its name, its states, its life, its tabs. */
export function ThingPage({ life, tabs = [], tab, children, ...head }: ThingProps) {
  return (
    <div className="page">
      <PageHead {...head} />
      {life}
      {tabs.length === 0 ? null : (
        <nav aria-label="Parts of this page" className="tabs">
          {tabs.map(({ id, label, href }) => (
            <A aria-current={id === tab ? 'page' : undefined} href={href} key={id}>
              {label}
            </A>
          ))}
        </nav>
      )}
      {children}
    </div>
  );
}

/** The one identifier of a thing: short to read, whole to copy. */
export function Identifier({ text, what }: { readonly text: string; readonly what: string }) {
  const short = text.replace(/sha256:[0-9a-f]{20,}/g, shortDigest);
  return (
    <div className="identifier">
      <span className="mono" title={text}>
        {short}
      </span>
      <Copy text={text} what={what} />
    </div>
  );
}

type CardProps = {
  readonly title: string;
  readonly sentence?: ReactNode;
  readonly rows?: readonly CardRow[];
  readonly seal?: ReactNode;
  readonly children?: ReactNode;
};
export type CardRow = { readonly name: ReactNode; readonly value: ReactNode };

/** A heading, one sentence with its number linked, up to four rows, a seal. */
export function Card({ title, sentence, rows = [], seal, children }: CardProps) {
  return (
    <section className="card">
      <h2>{title}</h2>
      {sentence === undefined ? null : <p className="sentence">{sentence}</p>}
      {rows.length === 0 ? null : (
        <dl className="card-rows">
          {rows.slice(0, 4).map((row, index) => (
            <div key={index}>
              <dt>{row.name}</dt>
              <dd>{row.value}</dd>
            </div>
          ))}
        </dl>
      )}
      {children}
      {seal}
    </section>
  );
}

/** What happened to a thing, left to right; downwards on a phone. */
export function LifeLine({ steps }: { readonly steps: readonly LifeStep[] }) {
  if (steps.length === 0) return null;
  return (
    <section aria-label="What happened to it" className="card" style={{ marginBottom: 16 }}>
      <ol className="life" style={{ marginBottom: 0 }}>
        {steps.map((step) => (
          <li data-tone={step.tone} key={`${step.kind} ${step.title} ${step.at ?? ''}`}>
            <b>{step.title}</b> {step.at === undefined ? null : <Time at={step.at} />}
            <div className="small">
              {step.detail}
              {step.by === 'stated' && step.detail?.includes('stated') !== true ? (
                <span title="A source stated this; Wharfinger did not see it happen.">
                  {step.detail === undefined ? 'as stated' : ', as stated'}
                </span>
              ) : null}
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}
