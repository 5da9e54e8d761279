import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createNoteSigner,
  formatSignerKey,
  openNote,
  parseSignerKey,
  parseVerifierKey,
  signNote,
} from './signed-note.ts';

const seed = Buffer.alloc(32, 7);
const signer = createNoteSigner('wharfinger.test', seed);
const key = parseVerifierKey(signer.verifierKey);

describe('signed notes', () => {
  it('opens the note that the specification shows', () => {
    const example = parseVerifierKey(
      'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k',
    );
    const note =
      'This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi' +
      '2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n';
    expect(openNote(note, example)).toBe('This is an example message.\n');
  });

  it('knows the key of the Go note package', () => {
    const text = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
    expect(parseVerifierKey(text)).toMatchObject({ name: 'PeterNeumann', id: 0xc74f20a3 });
  });

  it('refuses a verifier key with any letter changed', () => {
    const { verifierKey } = signer;
    fc.assert(
      fc.property(fc.nat(verifierKey.length - 1), fc.constantFrom('A', 'x', '0', '+'), (at, by) => {
        fc.pre(verifierKey[at] !== by);
        const changed = verifierKey.slice(0, at) + by + verifierKey.slice(at + 1);
        expect(() => parseVerifierKey(changed)).toThrow();
      }),
    );
  });

  it('gives the text back that was signed, blank lines and all', () => {
    const text = 'one\n\ntwo\n';
    expect(openNote(signNote(text, signer), key)).toBe(text);
  });

  it('ignores signatures of others but wants its own', () => {
    const other = createNoteSigner('someone.else', Buffer.alloc(32, 8));
    const note = signNote('text\n', signer);
    const line = signNote('text\n', other).split('\n\n')[1];
    expect(openNote(note + line, key)).toBe('text\n');
    expect(() => openNote(signNote('text\n', other), key)).toThrow('not signed by the key');
  });

  it('refuses a note with any byte changed', () => {
    const note = Buffer.from(signNote('some text\n', signer));
    fc.assert(
      fc.property(fc.nat(note.length - 1), fc.integer({ min: 1, max: 255 }), (at, bits) => {
        const changed = Buffer.from(note);
        changed[at] = (changed[at] ?? 0) ^ bits;
        expect(() => openNote(changed.toString(), key)).toThrow();
      }),
    );
  });

  it('keeps a signing key as text', () => {
    expect(parseSignerKey(formatSignerKey(signer)).verifierKey).toBe(signer.verifierKey);
    expect(() => parseSignerKey(formatSignerKey(signer).replace('test', 'tset'))).toThrow();
  });

  it('signs no text without a last newline or with control characters', () => {
    expect(() => signNote('text', signer)).toThrow();
    expect(() => signNote('te\rxt\n', signer)).toThrow();
    expect(() => createNoteSigner('a b', seed)).toThrow();
  });
});
