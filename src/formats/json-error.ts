/** Where a text stops being JSON, and what the grammar wanted there. */
export type JsonError = { readonly offset: number; readonly expected: string };

type Awaited =
  | 'value'
  | 'value-or-end'
  | 'key'
  | 'key-or-end'
  | 'colon'
  | 'comma-or-end'
  | 'nothing';

type Cursor = { readonly text: string; offset: number; awaited: Awaited; readonly open: string[] };

/**
 * The first place where a text departs from the grammar of RFC 8259, or undefined when it is JSON.
 * Reads with a stack of its own instead of recursing, in linear time. It is the cold path: it runs
 * only for a document that JSON.parse has refused.
 */
export function findJsonError(text: string): JsonError | undefined {
  const cursor: Cursor = { text, offset: 0, awaited: 'value', open: [] };
  for (;;) {
    skipWhitespace(cursor);
    if (cursor.offset >= text.length) {
      return cursor.awaited === 'nothing' ? undefined : errorAt(cursor);
    }
    const error = step(cursor, text.charAt(cursor.offset));
    if (error !== undefined) return error;
  }
}

const EXPECTED: Record<Awaited, string> = {
  value: 'a value',
  'value-or-end': 'a value or "]"',
  key: 'a member name in quotes',
  'key-or-end': 'a member name in quotes or "}"',
  colon: '":"',
  'comma-or-end': '"," or the closing bracket',
  nothing: 'the end of the document',
};

function errorAt(cursor: Cursor, offset = cursor.offset, expected = EXPECTED[cursor.awaited]) {
  return { offset, expected };
}

function skipWhitespace(cursor: Cursor): void {
  while (cursor.offset < cursor.text.length) {
    const code = cursor.text.charCodeAt(cursor.offset);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
    cursor.offset++;
  }
}

function step(cursor: Cursor, character: string): JsonError | undefined {
  switch (cursor.awaited) {
    case 'value-or-end':
      if (character === ']') return closeBracket(cursor);
      return readValue(cursor, character);
    case 'value':
      return readValue(cursor, character);
    case 'key-or-end':
      if (character === '}') return closeBracket(cursor);
      return readKey(cursor, character);
    case 'key':
      return readKey(cursor, character);
    case 'colon':
      if (character !== ':') return errorAt(cursor);
      return advance(cursor, 1, 'value');
    case 'comma-or-end': {
      const inObject = cursor.open.at(-1) === '{';
      if (character === ',') return advance(cursor, 1, inObject ? 'key' : 'value');
      if (character === (inObject ? '}' : ']')) return closeBracket(cursor);
      return errorAt(cursor);
    }
    case 'nothing':
      return errorAt(cursor);
  }
}

function advance(cursor: Cursor, by: number, awaited: Awaited): undefined {
  cursor.offset += by;
  cursor.awaited = awaited;
}

function closeBracket(cursor: Cursor): undefined {
  cursor.open.pop();
  return advance(cursor, 1, afterValue(cursor));
}

function afterValue(cursor: Cursor): Awaited {
  return cursor.open.length === 0 ? 'nothing' : 'comma-or-end';
}

function readKey(cursor: Cursor, character: string): JsonError | undefined {
  if (character !== '"') return errorAt(cursor);
  return readString(cursor, 'colon');
}

function readValue(cursor: Cursor, character: string): JsonError | undefined {
  if (character === '{' || character === '[') {
    cursor.open.push(character);
    return advance(cursor, 1, character === '{' ? 'key-or-end' : 'value-or-end');
  }
  if (character === '"') return readString(cursor, afterValue(cursor));
  for (const literal of ['true', 'false', 'null']) {
    if (cursor.text.startsWith(literal, cursor.offset)) {
      return advance(cursor, literal.length, afterValue(cursor));
    }
  }
  const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
  number.lastIndex = cursor.offset;
  const match = number.exec(cursor.text);
  if (match === null) return errorAt(cursor);
  return advance(cursor, match[0].length, afterValue(cursor));
}

function readString(cursor: Cursor, awaited: Awaited): JsonError | undefined {
  const { text } = cursor;
  let offset = cursor.offset + 1;
  for (; offset < text.length; offset++) {
    const code = text.charCodeAt(offset);
    if (code === 0x22) return advance(cursor, offset + 1 - cursor.offset, awaited);
    if (code < 0x20) return errorAt(cursor, offset, 'no control character inside a string');
    if (code === 0x5c) {
      const length = escapeLength(text, offset);
      if (length === undefined) return errorAt(cursor, offset, 'an escape such as \\n or \\u0041');
      offset += length - 1;
    }
  }
  return errorAt(cursor, offset, 'the closing quote of a string');
}

function escapeLength(text: string, offset: number): number | undefined {
  const escaped = text.charAt(offset + 1);
  if (escaped !== '' && '"\\/bfnrt'.includes(escaped)) return 2;
  const isUnicode = escaped === 'u' && /^[0-9a-fA-F]{4}$/.test(text.slice(offset + 2, offset + 6));
  return isUnicode ? 6 : undefined;
}
