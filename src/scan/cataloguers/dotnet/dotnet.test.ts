import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { declaredNames, installedNames } from '../../../../test/harness/catalogue-folder.ts';
import { viewOfBytes } from '../../../../test/harness/file-view.ts';
import type { FileFindings } from '../../cataloguer.ts';
import { dotnet } from './dotnet.ts';

const APP = 'app/Shop.deps.json';
const TARGET = '.NETCoreApp,Version=v8.0/linux-x64';
const wants = (path: string): boolean => dotnet.wants?.(path, 100) === true;

function parse(path: string, document: unknown): FileFindings {
  const text = typeof document === 'string' ? document : JSON.stringify(document);
  return dotnet.parse(viewOfBytes(path, new TextEncoder().encode(text)));
}

const names = (findings: FileFindings) => installedNames([{ path: APP, findings }]);

/** Libraries of a published application: each its type and its assets in the target. */
function published(libraries: Record<string, { type: string; assets: object }>): unknown {
  const entries = Object.entries(libraries);
  return {
    runtimeTarget: { name: TARGET, signature: '' },
    targets: {
      '.NETCoreApp,Version=v8.0': {},
      [TARGET]: Object.fromEntries(entries.map(([library, { assets }]) => [library, assets])),
    },
    libraries: Object.fromEntries(entries.map(([library, { type }]) => [library, { type }])),
  };
}

const runtime = (...paths: string[]) => ({
  runtime: Object.fromEntries(paths.map((path) => [path, { assemblyVersion: '1.0.0.0' }])),
});

describe('which files the dotnet cataloguer wants', () => {
  it('wants what the host reads and what NuGet locks', () => {
    expect(wants(APP)).toBe(true);
    expect(wants('usr/share/dotnet/sdk/8.0.100/MSBuild.deps.json')).toBe(true);
    expect(wants('src/packages.lock.json')).toBe(true);
    expect(wants('app/Shop.runtimeconfig.json')).toBe(false);
    expect(wants('src/other-packages.lock.json')).toBe(false);
  });
});

describe('a published .NET application', () => {
  it('holds the packages that put a file beside it', () => {
    const findings = parse(
      APP,
      published({
        'Shop/1.0.0': { type: 'project', assets: runtime('Shop.dll') },
        'Newtonsoft.Json/13.0.1': {
          type: 'package',
          assets: runtime('lib/net6.0/Newtonsoft.Json.dll'),
        },
        'NETStandard.Library/2.0.3': { type: 'package', assets: { dependencies: { a: '1' } } },
        'Marker/1.0.0': { type: 'package', assets: runtime('lib/net8.0/_._') },
        'System.Reference/4.0.0.0': { type: 'reference', assets: runtime('x.dll') },
      }),
    );
    expect(names(findings)).toEqual(['Newtonsoft.Json@13.0.1']);
    expect(findings.components?.[0]?.component.type).toBe('nuget');
  });

  it('explains the assets of a package beside it: flat, by culture and by platform', () => {
    const assets = {
      ...runtime('lib/net8.0/A.dll'),
      native: { 'runtimes/linux-x64/native/liba.so': {} },
      resources: { 'lib/net8.0/de/A.resources.dll': { locale: 'de' } },
      runtimeTargets: { 'runtimes/osx/native/liba.dylib': { rid: 'osx' }, '../../../x': {} },
    };
    const { ownerships } = parse(APP, published({ 'A/1.0.0': { type: 'package', assets } }));
    expect(ownerships).toEqual([
      {
        by: 'nuget:app/Shop.deps.json:A/1.0.0',
        paths: [
          'app/A.dll',
          'app/liba.so',
          'app/runtimes/osx/native/liba.dylib',
          'app/de/A.resources.dll',
        ].join('\n'),
      },
    ]);
  });

  it('holds the runtime published with it, by the name of its package', () => {
    const library = 'runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.1';
    const assets = { native: { 'libcoreclr.so': { fileVersion: '0.0.0.0' } } };
    const findings = parse(APP, published({ [library]: { type: 'runtimepack', assets } }));
    expect(names(findings)).toEqual(['Microsoft.NETCore.App.Runtime.linux-x64@8.0.1']);
    expect(findings.ownerships?.[0]?.paths).toBe('app/libcoreclr.so');
  });

  it('holds every package when the target it runs on is not described', () => {
    const document = {
      libraries: { 'A/1.0.0': { type: 'package' }, 'App/1.0.0': { type: 'project' } },
    };
    expect(names(parse(APP, document))).toEqual(['A@1.0.0']);
    const plain = { ...document, runtimeTarget: 'x', targets: { x: { 'A/1.0.0': {} } } };
    expect(names(parse(APP, plain))).toEqual([]);
  });

  it.each(['A', '/1.0', 'A/', 'A/latest', 'A b/1.0', '../x/1.0'])(
    'has no package made up from %j',
    (library) => {
      const document = published({ [library]: { type: 'package', assets: runtime('a.dll') } });
      expect(parse(APP, document)).toEqual({ components: [], ownerships: [] });
    },
  );
});

describe('a shared framework', () => {
  const folder = 'usr/share/dotnet/shared/Microsoft.NETCore.App/8.0.1';
  const path = `${folder}/Microsoft.NETCore.App.deps.json`;

  it('goes by the package it came from, and owns its folder', () => {
    const library = 'Microsoft.NETCore.App.Runtime.linux-x64/8.0.1';
    const assets = runtime('System.Text.Json.dll');
    const findings = parse(path, published({ [library]: { type: 'package', assets } }));
    expect(names(findings)).toEqual(['Microsoft.NETCore.App.Runtime.linux-x64@8.0.1']);
    expect(findings.ownerships?.at(-1)).toEqual({
      by: `nuget:${path}:${library}`,
      paths: `${folder}/`,
    });
  });

  it('goes by its folder where no package is named', () => {
    const findings = parse(path, { libraries: {} });
    expect(names(findings)).toEqual(['Microsoft.NETCore.App@8.0.1']);
    expect(findings.ownerships).toEqual([{ by: `nuget:${path}`, paths: `${folder}/` }]);
  });

  it('is not what another folder called shared holds', () => {
    const other = 'srv/shared/app/1.0.0/tool.deps.json';
    expect(parse(other, { libraries: {} })).toEqual({ components: [], ownerships: [] });
  });
});

describe('what a packages.lock.json declares', () => {
  it('is each package once, without projects', () => {
    const lock = {
      version: 1,
      dependencies: {
        'net8.0': {
          'Newtonsoft.Json': { type: 'Direct', resolved: '13.0.1' },
          Serilog: { type: 'Transitive', resolved: '3.1.0' },
          'my.lib': { type: 'Project' },
        },
        'net6.0': { 'Newtonsoft.Json': { type: 'Direct', resolved: '13.0.1' } },
      },
    };
    expect(declaredNames(parse('src/packages.lock.json', lock))).toEqual([
      'Newtonsoft.Json@13.0.1',
      'Serilog@3.1.0',
    ]);
  });
});

describe('the dotnet cataloguer, given anything', () => {
  it('never throws', () => {
    const key = fc.constantFrom(
      'libraries',
      'targets',
      'runtimeTarget',
      'name',
      'A/1',
      'runtime',
      'x',
    );
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 6 },
        fc.constantFrom('package', 'x', null, 1),
        fc.dictionary(key, tie('value')),
        fc.array(tie('value'), { maxLength: 3 }),
      ),
    }));
    fc.assert(
      fc.property(fc.constantFrom(APP, 'packages.lock.json'), value, (path, document) => {
        expect(parse(path, JSON.stringify(document))).toBeTypeOf('object');
      }),
    );
  });
});
