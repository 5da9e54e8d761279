import {
  jsonElements,
  jsonMember,
  jsonText,
  parseBoundedJson,
} from '../../../formats/bounded-json.ts';
import type { Component } from '../../../model/component.ts';
import type { Cataloguer, FileFindings, FileView } from '../../cataloguer.ts';
import { folderOf, inFolder, resolveInImage } from '../../image-path.ts';
import { problemOf } from '../../problem-of.ts';
import { statedLicences, statedWord } from '../../stated-words.ts';

/**
 * Packages of a conda environment: one JSON file a package in its conda-meta folder, which conda,
 * mamba and pixi write when they install it (https://docs.conda.io/projects/conda-build, "Package
 * metadata"), with the files it put into the environment.
 */
export const conda: Cataloguer = {
  name: 'conda',
  version: 1,
  bytesMax: 64 * 1024 * 1024,
  wants: (path) => path.endsWith('.json') && isIn(folderOf(path)),
  parse: (file) => {
    try {
      return parse(file);
    } catch (error) {
      return problemOf(error);
    }
  },
};

const isIn = (folder: string): boolean => folder === 'conda-meta' || folder.endsWith('/conda-meta');

function parse(file: FileView): FileFindings {
  const record = parseBoundedJson(file.bytes());
  const component = componentOf(record);
  if (component === undefined) {
    return { problems: ['The record states no name or no version that could be one.'] };
  }
  const key = `conda:${file.path}`;
  const environment = folderOf(folderOf(file.path));
  const paths = jsonElements(jsonMember(record, 'files'))
    .map((name) => pathOf(environment, name))
    .filter((path) => path !== undefined);
  const ownerships = paths.length === 0 ? [] : [{ by: key, paths: paths.join('\n') }];
  return { components: [{ key, component }], ownerships };
}

/** A file inside the environment: packages put nothing elsewhere. */
function pathOf(environment: string, name: unknown): string | undefined {
  if (typeof name !== 'string') return undefined;
  const path = resolveInImage('', inFolder(environment, name));
  return path?.startsWith(inFolder(environment, '')) === true ? path : undefined;
}

/** Qualifiers as the purl type has them: build, channel, subdir and type of the package file. */
function componentOf(record: unknown): Component | undefined {
  const word = (member: string) => statedWord(jsonText(record, member));
  const name = word('name');
  const version = word('version');
  if (name === undefined || version === undefined) return undefined;
  const subdir = word('subdir');
  const qualifiers = Object.fromEntries(
    [
      ['build', word('build') ?? word('build_string')],
      ['channel', channelOf(word('channel') ?? '', subdir)],
      ['subdir', subdir],
      ['type', typeOf(word('fn') ?? word('url') ?? '')],
    ].filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
  const licences = statedLicences([jsonMember(record, 'license')]);
  return {
    type: 'conda',
    name,
    version,
    ...(Object.keys(qualifiers).length === 0 ? {} : { qualifiers }),
    ...(licences.length === 0 ? {} : { licences }),
  };
}

/** `https://repo.anaconda.com/pkgs/main/linux-64`, `pkgs/main` and `main` are all channel main. */
function channelOf(stated: string, subdir: string | undefined): string | undefined {
  const segments = stated.split('/').filter((segment) => segment !== '');
  if (segments.at(-1) === subdir) segments.pop();
  return segments.at(-1);
}

function typeOf(fileName: string): string | undefined {
  if (fileName.endsWith('.conda')) return 'conda';
  return fileName.endsWith('.tar.bz2') ? 'tar.bz2' : undefined;
}
