import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseChallenges } from './challenge.ts';
import { nextPageOf } from './next-page.ts';

describe('a challenge', () => {
  it('has a scheme and parameters, quoted or not', () => {
    const header =
      'Bearer realm="https://auth.example/token",service=registry.example , scope="a:b:pull,push"';
    expect(parseChallenges(header)).toEqual([
      {
        scheme: 'bearer',
        parameters: {
          realm: 'https://auth.example/token',
          service: 'registry.example',
          scope: 'a:b:pull,push',
        },
      },
    ]);
  });

  it('may be one of several, and may have none', () => {
    const schemes = (header: string) => parseChallenges(header).map(({ scheme }) => scheme);
    expect(schemes('Basic realm="a, b", Bearer realm="c"')).toEqual(['basic', 'bearer']);
    expect(schemes('Negotiate, Basic realm="x"')).toEqual(['negotiate', 'basic']);
    expect(schemes('')).toEqual([]);
  });

  it('takes a backslash for what follows it, and the first of two of a name', () => {
    const [challenge] = parseChallenges('Basic realm="a\\"b", realm="c"');
    expect(challenge?.parameters).toEqual({ realm: 'a"b' });
  });

  it('may be anything at all', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('B', 'b', ' ', '=', '"', ',', '\\', '\t') }),
        (header) => {
          expect(parseChallenges(header).length).toBeLessThanOrEqual(header.length);
        },
      ),
    );
    const long = `Basic ${'a="\\'.repeat(1900)}`;
    expect(parseChallenges(long)).toHaveLength(1);
  });
});

describe('the next page', () => {
  const url = 'https://registry.example/v2/a/tags/list?n=2';

  it('is beside the page that names it', () => {
    const next = nextPageOf('</v2/a/tags/list?last=b&n=2>; rel="next"', url);
    expect(next).toBe('https://registry.example/v2/a/tags/list?last=b&n=2');
    expect(nextPageOf('<?last=b>; rel=next', url)).toContain('/v2/a/tags/list?last=b');
  });

  it('is none without a link, or with one for something else', () => {
    expect(nextPageOf(undefined, url)).toBeUndefined();
    expect(nextPageOf('</x>; rel="prev"', url)).toBeUndefined();
  });

  it('is never at another host, port or scheme', () => {
    for (const place of [
      'https://evil.example',
      'https://registry.example:8443',
      'http://registry.example',
    ]) {
      const link = `<${place}/v2/>; rel="next"`;
      expect(() => nextPageOf(link, url), place).toThrow('which is not called');
    }
  });
});
