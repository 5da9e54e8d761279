import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '../model/errors.ts';
import {
  familiarImageReference,
  formatImageReference,
  parseImageReference,
} from './image-reference.ts';

const digest = `sha256:${'ab'.repeat(32)}`;

describe('an image reference', () => {
  it.each([
    ['debian', 'docker.io/library/debian:latest'],
    ['debian:12', 'docker.io/library/debian:12'],
    ['a/b', 'docker.io/a/b:latest'],
    ['index.docker.io/debian', 'docker.io/library/debian:latest'],
    ['docker.io/a/b/c:x', 'docker.io/a/b/c:x'],
    ['localhost/x', 'localhost/x:latest'],
    ['localhost:5000/x:y', 'localhost:5000/x:y'],
    ['host:5000/x', 'host:5000/x:latest'],
    ['GHCR.io/owner/name', 'ghcr.io/owner/name:latest'],
    ['[::1]:5000/x', '[::1]:5000/x:latest'],
    [`debian@${digest}`, `docker.io/library/debian@${digest}`],
    [`reg.example/a__b/c-d.e:1@${digest}`, `reg.example/a__b/c-d.e:1@${digest}`],
  ])('%s means %s', (written, full) => {
    expect(formatImageReference(parseImageReference(written))).toBe(full);
  });

  it.each([
    ['debian:12', 'debian:12'],
    ['docker.io/a/b:1', 'a/b:1'],
    ['quay.io/a/b:1', 'quay.io/a/b:1'],
  ])('%s is shown as %s', (written, familiar) => {
    expect(familiarImageReference(parseImageReference(written))).toBe(familiar);
  });

  it.each([
    ['', 'An empty text'],
    ['Debian', 'lower case'],
    ['a:b:c', 'is no part of a repository'],
    ['a/', 'is no part'],
    ['host.example/', 'names no repository'],
    ['host.example:99999/a', 'is no port'],
    ['-x.example/a', 'is no host'],
    ['a:', 'is no tag'],
    ['a@sha256:abc', '64 lower-case hex digits'],
    ['a@md5:abc', 'only sha256 and sha512'],
    ['a'.repeat(300), 'over 255 characters'],
    ['ab'.repeat(32), 'an image id'],
  ])('%j is refused', (written, why) => {
    expect(() => parseImageReference(written)).toThrow(why);
  });

  it('ends in a reference that reads back the same, or in a Failure', () => {
    const letters = fc.stringMatching(/^[a-zA-Z0-9.:\/@_\[\]-]{0,40}$/);
    fc.assert(
      fc.property(letters, (written) => {
        try {
          const reference = parseImageReference(written);
          expect(parseImageReference(formatImageReference(reference))).toEqual(reference);
          expect(parseImageReference(familiarImageReference(reference))).toEqual(reference);
        } catch (error) {
          if (!(error instanceof Failure)) throw error;
        }
      }),
      { numRuns: 2000 },
    );
  });
});
