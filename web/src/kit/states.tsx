import { Button } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Failure, publicMessage } from '../../../src/model/errors.ts';
import { isSignedOut } from './api.ts';
import { A } from './navigation.tsx';

/** Where rows will be; invisible for the first moments, so that quick answers do not flicker. */
export function Skeleton({ rows = 4 }: { readonly rows?: number }) {
  return (
    <div aria-label="Reading" className="skeleton" role="status">
      {Array.from({ length: rows }, (_, index) => (
        <i key={index} />
      ))}
    </div>
  );
}

type EmptyProps = {
  readonly title: string;
  readonly children: ReactNode;
  readonly act?: { readonly label: string; readonly href: string } | undefined;
};

/** Says what would fill the place, and offers it. */
export function EmptyState({ title, children, act }: EmptyProps) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      <p>{children}</p>
      {act === undefined ? null : (
        <Button component={A} href={act.href}>
          {act.label}
        </Button>
      )}
    </div>
  );
}

/** What happened, what is unharmed, what to do next; forbidden names the role that could. */
export function ErrorState({
  error,
  retry,
}: {
  readonly error: unknown;
  readonly retry?: (() => void) | undefined;
}) {
  const kind = error instanceof Failure ? error.kind : undefined;
  const title =
    kind === 'forbidden'
      ? 'Your role may not see this'
      : kind === 'not-found'
        ? 'There is no such thing here'
        : 'This could not be read';
  return (
    <div className="empty" role="alert">
      <h2>{title}</h2>
      <p>
        {publicMessage(error)}{' '}
        {kind === 'forbidden' ? 'An owner can give you that role.' : 'Nothing was changed.'}
      </p>
      {retry === undefined || kind === 'forbidden' ? null : (
        <Button onClick={retry} variant="default">
          Read again
        </Button>
      )}
    </div>
  );
}

/** An act that failed, beside its button. */
export function ActError({ error }: { readonly error: unknown }) {
  if (error === null || error === undefined) return null;
  return (
    <p className="notice notice-critical" role="alert">
      {publicMessage(error)}
    </p>
  );
}

/** The answer of a query, or the state it is in. */
export function Answered<T>({
  query,
  rows,
  children,
}: {
  readonly query: UseQueryResult<T, Error>;
  readonly rows?: number;
  readonly children: (data: T) => ReactNode;
}) {
  if (query.data !== undefined) return children(query.data);
  if (query.error !== null && !isSignedOut(query.error)) {
    return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  }
  return <Skeleton {...(rows === undefined ? {} : { rows })} />;
}
