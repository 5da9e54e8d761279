import { Button, Menu, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import type { UseQueryResult } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { Page } from '../../../src/model/page.ts';
import { type ExportColumn, readAllPages, saveFile, toCsv } from './export-rows.ts';
import { formatCount } from './format.ts';
import { ArrowDown, ArrowUp } from './icons.tsx';
import { A, useSearchState } from './navigation.tsx';
import { ActError, Answered } from './states.tsx';
import { PageHead } from './templates.tsx';

export type Chip = {
  readonly label: string;
  readonly count?: number | undefined;
  readonly href: string;
  readonly isOn: boolean;
};

export type Column<Row> = ExportColumn<Row> & {
  /** Two lines: what; why in small. */
  readonly cell: (row: Row) => ReactNode;
  /** Only where there is room. */
  readonly isWide?: boolean;
  readonly isEnd?: boolean;
  /** Takes the room that is left: what a row is about. */
  readonly isMain?: boolean;
  /** In exports alone. */
  readonly isHidden?: boolean;
  /** The sort this head asks for. */
  readonly sort?: string;
};

type TableProps<Row> = {
  readonly name: string;
  readonly query: UseQueryResult<Page<Row>, Error>;
  readonly columns: readonly Column<Row>[];
  readonly keyOf: (row: Row) => string;
  readonly empty: ReactNode;
  readonly sort?: string | undefined;
  /** The search field that carries this list's page: two lists on one page have two. */
  readonly cursorField?: string;
};

type ListProps<Row> = TableProps<Row> & {
  readonly title: string;
  readonly summary?: ReactNode;
  readonly acts?: ReactNode;
  readonly chips?: readonly Chip[];
  readonly filters?: ReactNode;
  readonly searchLabel?: string;
  readonly notice?: ReactNode;
  /** One page of the list as it is filtered now, for the export of all of it. */
  readonly readPage?: (cursor: string | undefined) => Promise<Page<Row>>;
};

/** The template of every list; its state is the address. */
export function ListPage<Row>(props: ListProps<Row>) {
  const { title, summary, acts, chips = [], filters, searchLabel, notice, readPage } = props;
  return (
    <div className="page">
      <PageHead
        acts={
          <>
            {acts}
            {readPage === undefined ? null : (
              <ExportMenu columns={props.columns} name={props.name} readPage={readPage} />
            )}
          </>
        }
        summary={summary}
        title={title}
      />
      <div aria-label="Filters" className="chips" role="group">
        {searchLabel === undefined ? null : <FilterText label={searchLabel} />}
        <Chips chips={chips} />
        {filters}
      </div>
      {notice}
      <DataTable {...props} />
    </div>
  );
}

export function Chips({ chips }: { readonly chips: readonly Chip[] }) {
  return chips.map(({ label, count, href, isOn }) => (
    <A aria-current={isOn ? 'true' : undefined} className="chip" href={href} key={label}>
      {label}
      {count === undefined ? null : (
        <>
          {' '}
          <b>{formatCount(count)}</b>
        </>
      )}
    </A>
  ));
}

/** Filters while it is typed, and follows the address when that changes elsewhere. */
export function FilterText({
  label,
  field = 'q',
}: {
  readonly label: string;
  readonly field?: string;
}) {
  const { search, change } = useSearchState();
  const given = search[field] ?? '';
  const [text, setText] = useState(given);
  const sent = useRef(given);
  useEffect(() => {
    if (given !== sent.current) setText(given);
    sent.current = given;
  }, [given]);
  const send = useDebouncedCallback((value: string) => {
    sent.current = value.trim();
    change({ [field]: value.trim() });
  }, 200);
  return (
    <TextInput
      aria-label={label}
      onChange={(event) => {
        setText(event.currentTarget.value);
        send(event.currentTarget.value);
      }}
      placeholder={label}
      size="xs"
      value={text}
    />
  );
}

/** Rows, heads that sort, the next page; j and k move along the rows, Enter opens. */
export function DataTable<Row>(props: TableProps<Row>) {
  const { query, keyOf, empty, name } = props;
  const columns = props.columns.filter(({ isHidden }) => isHidden !== true);
  const body = useRef<HTMLTableSectionElement>(null);
  useRowKeys(body);
  return (
    <Answered query={query} rows={8}>
      {(page) =>
        page.items.length === 0 ? (
          <div className="card">{empty}</div>
        ) : (
          <section aria-busy={query.isPlaceholderData} className="card list">
            <table>
              <caption className="hidden">{name}</caption>
              <thead>
                <tr>
                  {columns.map((column) => (
                    <th className={classOf(column)} key={column.head} scope="col">
                      <Head column={column} sort={props.sort} />
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody ref={body}>
                {page.items.map((row) => (
                  <tr key={keyOf(row)}>
                    {columns.map((column) => (
                      <td className={classOf(column)} key={column.head}>
                        {column.cell(row)}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
            <Foot cursorField={props.cursorField ?? 'cursor'} page={page} />
          </section>
        )
      }
    </Answered>
  );
}

function classOf<Row>({ isWide, isEnd, isMain }: Column<Row>): string {
  const classes = [isWide && 'wide', isEnd && 'end', isMain && 'main'];
  return classes.filter((name) => name !== undefined && name !== false).join(' ');
}

function Head<Row>({
  column,
  sort,
}: {
  readonly column: Column<Row>;
  readonly sort: string | undefined;
}) {
  const { hrefWith } = useSearchState();
  if (column.sort === undefined) return column.head;
  const isOn = column.sort === sort;
  const Arrow = column.sort.startsWith('-') ? ArrowDown : ArrowUp;
  return (
    <A aria-current={isOn ? 'true' : undefined} href={hrefWith({ sort: column.sort })}>
      {column.head} {isOn ? <Arrow size={12} /> : null}
    </A>
  );
}

function Foot<Row>({
  page,
  cursorField,
}: {
  readonly page: Page<Row>;
  readonly cursorField: string;
}) {
  const { search, hrefWith } = useSearchState();
  const shown = formatCount(page.items.length);
  const isLater = search[cursorField] !== undefined;
  return (
    <div className="list-foot">
      <span>
        {page.total === undefined ? `${shown} shown` : `${shown} of ${formatCount(page.total)}`}
      </span>
      {isLater ? <A href={hrefWith({ [cursorField]: undefined })}>First page</A> : null}
      {page.next === undefined ? null : (
        <A href={hrefWith({ [cursorField]: page.next })}>Next page</A>
      )}
      <span className="keys">
        <kbd>j</kbd> <kbd>k</kbd> move, <kbd>Enter</kbd> open
      </span>
    </div>
  );
}

function useRowKeys(body: React.RefObject<HTMLTableSectionElement | null>): void {
  useEffect(() => {
    const move = (event: KeyboardEvent): void => {
      const step = event.key === 'j' ? 1 : event.key === 'k' ? -1 : 0;
      const target = event.target as HTMLElement;
      const isTyping = target.closest('input, textarea, select, [role=dialog]') !== null;
      if (step === 0 || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      const rows = [...(body.current?.rows ?? [])];
      const current = rows.findIndex((row) => row.contains(document.activeElement));
      const next = rows[current === -1 ? (step === 1 ? 0 : rows.length - 1) : current + step];
      next?.querySelector<HTMLElement>('a, button')?.focus();
      next?.scrollIntoView({ block: 'nearest' });
    };
    document.addEventListener('keydown', move);
    return () => document.removeEventListener('keydown', move);
  }, [body]);
}

function ExportMenu<Row>({
  name,
  columns,
  readPage,
}: {
  readonly name: string;
  readonly columns: readonly ExportColumn<Row>[];
  readonly readPage: (cursor: string | undefined) => Promise<Page<Row>>;
}) {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const save = async (kind: 'csv' | 'json'): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      const rows = await readAllPages(readPage);
      const file = `${name.toLowerCase().replaceAll(' ', '-')}.${kind}`;
      if (kind === 'csv') saveFile(file, 'text/csv', toCsv(rows, columns));
      else saveFile(file, 'application/json', `${JSON.stringify(rows, undefined, 2)}\n`);
    } catch (caught) {
      setError(caught);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Menu position="bottom-end" transitionProps={{ duration: 100 }}>
        <Menu.Target>
          <Button loading={isBusy} variant="default">
            Export
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => void save('csv')}>What is shown, as CSV</Menu.Item>
          <Menu.Item onClick={() => void save('json')}>What is shown, as JSON</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ActError error={error} />
    </>
  );
}
