import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { declaredNames, installedNames } from '../../../../test/harness/catalogue-folder.ts';
import { viewOfBytes } from '../../../../test/harness/file-view.ts';
import { describeWith } from '../../../../test/harness/parts.ts';
import { testData } from '../../../../test/harness/vectors.ts';
import type { FileFindings } from '../../cataloguer.ts';
import { gem } from './gem.ts';

const HOME = 'usr/local/lib/ruby/gems/3.3.0';
const wants = (path: string): boolean => gem.wants?.(path, 100) === true;

function parse(path: string, content: string | Uint8Array): FileFindings {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return gem.parse(viewOfBytes(path, bytes));
}

function specification(...lines: string[]): FileFindings {
  const ruby = ['# -*- encoding: utf-8 -*-', '# stub: no 9.9 ruby lib', ''];
  ruby.push('Gem::Specification.new do |s|', ...lines.map((line) => `  ${line}`), 'end');
  return parse(`${HOME}/specifications/x.gemspec`, ruby.join('\n'));
}

const NAMED = ['s.name = "foo".freeze', 's.version = "1.2.3"'];
const UNSTATED = { problems: ['The gem specification states no literal name and version.'] };

describe('which files the gem cataloguer wants', () => {
  it.each([
    `${HOME}/specifications/rake-13.0.6.gemspec`,
    `${HOME}/specifications/default/json-2.7.1.gemspec`,
    'usr/share/rubygems-integration/all/specifications/rake-13.0.6.gemspec',
    'app/vendor/bundle/ruby/3.3.0/specifications/rack-3.0.gemspec',
    'specifications/rack-3.0.gemspec',
    `${HOME}/extensions/x86_64-linux/3.3.0/nokogiri-1.16.0/gem.build_complete`,
    'app/Gemfile.lock',
    'app/gems.locked',
  ])('wants %s', (path) => {
    expect(wants(path)).toBe(true);
  });

  it.each([
    ['the source of a gem', `${HOME}/gems/rake-13.0.6/rake.gemspec`],
    ["Bundler's checkout", `${HOME}/bundler/gems/foo-0123abc/foo.gemspec`],
    ['the source of an application', 'app/foo.gemspec'],
    ['the lock file of a gem', `${HOME}/gems/foo-1.0/Gemfile.lock`],
    ['a list of another name', 'app/NotGemfile.lock'],
    ['a mark elsewhere', 'app/gem.build_complete'],
  ])('does not want %s', (_, path) => {
    expect(wants(path)).toBe(false);
  });
});

describe('an installed gem', () => {
  it('has its name, version and licences, and owns its folder and programs', () => {
    const licences = 's.licenses = ["MIT".freeze, "BSD-2-Clause".freeze]';
    const executables = 's.executables = ["foo".freeze, "../evil".freeze]';
    expect(specification(...NAMED, licences, executables)).toEqual({
      components: [
        {
          component: {
            type: 'gem',
            name: 'foo',
            version: '1.2.3',
            licences: ['MIT', 'BSD-2-Clause'],
          },
          key: `gem:${HOME}/gems/foo-1.2.3`,
        },
      ],
      ownerships: [
        {
          by: `gem:${HOME}/gems/foo-1.2.3`,
          paths: [`${HOME}/gems/foo-1.2.3/`, `${HOME}/bin/foo`, 'usr/local/bin/foo'].join('\n'),
        },
      ],
    });
  });

  it('has its platform as a qualifier and in the name of its folder', () => {
    const findings = specification(...NAMED, 's.platform = "x86_64-linux".freeze');
    expect(findings.components?.[0]?.component).toEqual({
      type: 'gem',
      name: 'foo',
      version: '1.2.3',
      qualifiers: { platform: 'x86_64-linux' },
    });
    expect(findings.ownerships?.[0]?.paths).toBe(`${HOME}/gems/foo-1.2.3-x86_64-linux/`);
  });

  it('has none when it runs anywhere', () => {
    const { components } = specification(...NAMED, 's.platform = "ruby".freeze');
    expect(components?.[0]?.component).not.toHaveProperty('qualifiers');
  });

  it('owns what was compiled for it', () => {
    const folder = `${HOME}/extensions/x86_64-linux/3.3.0/foo-1.2.3`;
    expect(parse(`${folder}/gem.build_complete`, '')).toEqual({
      ownerships: [{ by: `gem:${HOME}/gems/foo-1.2.3`, paths: `${folder}/` }],
    });
  });

  it.each([
    ['single quotes', "s.name = 'foo'", "s.version = '1.2.3'"],
    ['percent quotes', 's.name = %q{foo}', 's.version = %q<1.2.3>.freeze'],
    ['a version object', 's.name = "foo"', 's.version = Gem::Version.new("1.2.3")'],
    ['a repeated field, of which the first counts', ...NAMED, 's.version = "9.9.9"'],
  ])('is read with %s', (_, ...lines) => {
    const findings = specification(...lines);
    expect(installedNames([{ path: '', findings }])).toEqual(['foo@1.2.3']);
  });

  it.each([
    ['a constant', 's.version = Foo::VERSION'],
    ['an interpolation', 's.version = "1.#{MINOR}"'],
    ['an expression', 's.version = "1." + "2"'],
    ['a comparison', 's.version == "1.2"'],
    ['another variable', 't.version = "1.2"'],
    ['no version', 's.version = "latest"'],
    ['nothing', ''],
  ])('is not made up when its version is %s', (_, line) => {
    expect(specification('s.name = "foo"', line)).toEqual(UNSTATED);
  });

  it('is not made up from assignments outside a specification', () => {
    expect(parse(`${HOME}/specifications/x.gemspec`, NAMED.join('\n'))).toEqual(UNSTATED);
  });
});

describeWith(['test-data'], 'gemspecs as found in images (needs ../shared)', () => {
  const read = (file: string) =>
    parse(`${HOME}/specifications/x.gemspec`, readFileSync(testData('vectors/packages/gem', file)));

  it.each([
    ['rss-0.2.9.gemspec', 'rss', '0.2.9', ['BSD-2-Clause']],
    ['yaml-0.2.1.gemspec', 'yaml', '0.2.1', ['Ruby', 'BSD-2-Clause']],
  ])('%s is %s %s', (file, name, version, licences) => {
    expect(read(file).components?.[0]?.component).toEqual({ type: 'gem', name, version, licences });
  });

  it.each([
    'badspec.gemspec',
    'invalid.gemspec',
    'version_inline.gemspec',
    'version_constant/version_constant.gemspec',
    'version_constant_missing/version_constant_missing.gemspec',
    'version_method/version_method.gemspec',
    'version_load_path/version_load_path.gemspec',
    'test.rb',
  ])('%s is a problem: its version is not in it', (file) => {
    expect(read(file)).toEqual(UNSTATED);
  });
});

describe('what a Gemfile.lock declares', () => {
  it('is what came from a server or git, not the project or what gems depend on', () => {
    const lock = [
      'GIT',
      '  remote: https://example.org/g.git',
      '  specs:',
      '    from_git (0.1.0)',
      'PATH',
      '  remote: .',
      '  specs:',
      '    own (1.0.0)',
      '',
      'GEM',
      '  remote: https://rubygems.org/',
      '  specs:',
      '    rails (7.0.4)',
      '      actionpack (= 7.0.4)',
      '    nokogiri (1.15.4-x86_64-linux)',
      '    nokogiri (1.15.4-java)',
      '    pre (2.0.0.rc1)\r',
      '',
      'DEPENDENCIES',
      '    rails (9.9.9)',
    ];
    const findings = parse('app/Gemfile.lock', lock.join('\n'));
    expect(declaredNames(findings)).toEqual([
      'from_git@0.1.0',
      'nokogiri@1.15.4',
      'nokogiri@1.15.4',
      'pre@2.0.0.rc1',
      'rails@7.0.4',
    ]);
    const platforms = findings.components?.flatMap(
      ({ component }) => component.qualifiers?.['platform'] ?? [],
    );
    expect(platforms).toEqual(['x86_64-linux', 'java']);
  });
});

describe('the gem cataloguer, given anything', () => {
  it('never throws and names only what RubyGems could install', () => {
    const pieces = [
      'Gem::Specification.new do |s|',
      '\n',
      's.name = ',
      '"a"',
      's.version = ',
      '"1"',
    ];
    pieces.push(
      '.freeze',
      's.executables = [',
      ']',
      "'",
      '\\',
      '%q{',
      '}',
      'GEM',
      '    a (1-x)',
      ' ',
    );
    const content = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.array(fc.constantFrom(...pieces)).map((parts) => new TextEncoder().encode(parts.join(''))),
    );
    const paths = fc.constantFrom('specifications/a.gemspec', 'Gemfile.lock');
    fc.assert(
      fc.property(paths, content, (path, bytes) => {
        for (const { component } of gem.parse(viewOfBytes(path, bytes)).components ?? []) {
          expect(component.name).toMatch(/^\w[\w.-]*$/);
          expect(component.version).toMatch(/^\d[\da-zA-Z.]*$/);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('does not hang on a line made to be slow', () => {
    expect(specification(...NAMED, `s.executables = [${'"\\'.repeat(500_000)}`)).toMatchObject({
      components: [{ component: { name: 'foo' } }],
    });
  });
});
