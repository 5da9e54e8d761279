import { z } from 'zod';

/** Cursor pages: `next` is opaque, absent on the last page. Lists are always bounded. */
export const PAGE_SIZE_MAX = 200;
export const PAGE_SIZE_DEFAULT = 50;

/** Query fields every list takes. */
export const pageQuery = {
  cursor: z.string().max(500).optional(),
  limit: z.coerce.number().int().min(1).max(PAGE_SIZE_MAX).default(PAGE_SIZE_DEFAULT),
};

export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    items: z.array(item),
    next: z.string().optional(),
    /** How many match in all, where counting is cheap; absent when it is not known. */
    total: z.number().int().optional(),
  });
}

export type Page<Item> = {
  items: Item[];
  next?: string | undefined;
  total?: number | undefined;
};

/** A cursor is the sort key of the last row, as JSON in base64url. */
export function encodeCursor(key: readonly (string | number | boolean | null)[]): string {
  const bytes = new TextEncoder().encode(JSON.stringify(key));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/** Undefined for anything this server did not make: a mangled cursor starts from the first page. */
export function decodeCursor(cursor: string | undefined): (string | number | null)[] | undefined {
  if (cursor === undefined) return undefined;
  try {
    const binary = atob(cursor.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    const key: unknown = JSON.parse(new TextDecoder().decode(bytes));
    const isKey = (part: unknown): part is string | number | null =>
      part === null || typeof part === 'string' || typeof part === 'number';
    return Array.isArray(key) && key.length <= 8 && key.every(isKey) ? key : undefined;
  } catch {
    return undefined;
  }
}
