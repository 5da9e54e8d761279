import type { Component } from '../../../model/component.ts';
import { statedWord } from '../../stated-words.ts';

/** Undefined when NuGet could not have a package of that id and version. */
export function nugetComponent(id: unknown, stated: unknown): Component | undefined {
  const name = statedWord(id);
  const version = statedWord(stated);
  if (name === undefined || version === undefined) return undefined;
  // NuGet's package ids: letters, digits, underscores, dots and dashes, at most 100 of them.
  if (!/^[\p{L}\p{N}_][\p{L}\p{N}_.-]{0,99}$/u.test(name)) return undefined;
  return /^\d[\w.+-]*$/.test(version) ? { type: 'nuget', name, version } : undefined;
}
