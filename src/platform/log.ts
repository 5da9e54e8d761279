import { styleText } from 'node:util';
import { Failure } from '../model/errors.ts';

/** ERROR means: wake somebody. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Ids and numbers only. Never a secret, never personal data. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Messages are static sentences, so that they can be counted; what varies goes into the fields. */
export type Log = Readonly<Record<LogLevel, (message: string, fields?: LogFields) => void>> & {
  /** The same log with fields that every line of it carries. */
  with(fields: LogFields): Log;
};

export type LogOptions = {
  readonly write: (line: string) => void;
  /** `people` for a terminal, `lines` (JSON, one object a line) for everything else. */
  readonly form: 'people' | 'lines';
  readonly level?: LogLevel;
  readonly hasColour?: boolean;
  readonly now?: () => Date;
};

const RANKS: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };
const CAUSES_MAX = 5;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not reach a terminal
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/g;

/**
 * An error as fields: its kind and frames; a Failure's context too. No values of rows or headers.
 */
export function errorFields(error: unknown, depth = 0): LogFields {
  if (!(error instanceof Error)) return { error: String(error) };
  const code = 'code' in error ? { code: error.code } : {};
  return {
    error: error.message,
    ...code,
    ...(error instanceof Failure ? { kind: error.kind, ...error.context } : {}),
    ...(error instanceof Failure ? {} : { stack: error.stack?.split('\n').slice(1, 8) }),
    ...(error.cause !== undefined && depth < CAUSES_MAX
      ? { cause: errorFields(error.cause, depth + 1) }
      : {}),
  };
}

function asJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (part instanceof Error) return errorFields(part);
    return typeof part === 'bigint' ? part.toString() : part;
  });
}

function forPeople(
  level: LogLevel,
  entry: { at: Date; message: string; fields: LogFields },
  hasColour: boolean,
): string {
  const colour = { debug: 'gray', info: 'green', warn: 'yellow', error: 'red' } as const;
  const paint = (text: string, how: 'gray' | 'green' | 'yellow' | 'red'): string =>
    hasColour ? styleText(how, text, { validateStream: false }) : text;
  const fields = Object.entries(entry.fields)
    .map(([key, value]) => ` ${key}=${typeof value === 'string' ? value : asJson(value)}`)
    .join('');
  const time = entry.at.toISOString().slice(11, 19);
  const text = `${entry.message}`.replaceAll(CONTROL, ' ');
  return `${paint(time, 'gray')} ${paint(level.padEnd(5), colour[level])} ${text}${paint(
    fields.replaceAll(CONTROL, ' '),
    'gray',
  )}\n`;
}

export function createLog(options: LogOptions, always: LogFields = {}): Log {
  const least = RANKS[options.level ?? 'info'];
  const now = options.now ?? (() => new Date());
  const at = (level: LogLevel) => (message: string, given?: LogFields) => {
    if (RANKS[level] < least) return;
    const fields = { ...always, ...given };
    options.write(
      options.form === 'people'
        ? forPeople(level, { at: now(), message, fields }, options.hasColour ?? false)
        : `${asJson({ time: now().toISOString(), level, message, ...fields })}\n`,
    );
  };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    with: (fields) => createLog(options, { ...always, ...fields }),
  };
}

export const silentLog: Log = createLog({ write: () => {}, form: 'lines' });

/** The log of a process: to stderr, for people when that is a terminal. NO_COLOR is honoured. */
export function processLog(level: LogLevel = 'info'): Log {
  const isTerminal = process.stderr.isTTY === true;
  return createLog({
    write: (line) => process.stderr.write(line),
    form: isTerminal ? 'people' : 'lines',
    hasColour: isTerminal && !process.env['NO_COLOR'],
    level,
  });
}
