import { jsonMembers, jsonText, parseBoundedJson } from '../../../formats/bounded-json.ts';
import type { Cataloguer, FileFindings, FileView, FoundComponent } from '../../cataloguer.ts';
import { ProblemList } from '../../problem-list.ts';
import { problemOf } from '../../problem-of.ts';
import { statedWord } from '../../stated-words.ts';

const ROOT = 'opt/bitnami/';
const COMPONENTS_MAX = 10_000;

/**
 * What Bitnami's images add to their base: a JSON object of name to version, architecture and
 * distribution. Each lies below /opt/bitnami in a folder of its name, and owns what is there.
 */
export const bitnami: Cataloguer = {
  name: 'bitnami',
  version: 1,
  bytesMax: 4 * 1024 * 1024,
  wants: (path) => path === `${ROOT}.bitnami_components.json`,
  parse: (file) => {
    try {
      return parse(file);
    } catch (error) {
      return problemOf(error);
    }
  },
};

function parse(file: FileView): FileFindings {
  const problems = new ProblemList();
  const components: FoundComponent[] = [];
  for (const [stated, facts] of jsonMembers(parseBoundedJson(file.bytes()))) {
    const name = statedWord(stated);
    const version = statedWord(jsonText(facts, 'version'));
    if (name === undefined || version === undefined || name.includes('/')) {
      problems.add('A component states no name or no version that could be one.');
    } else if (components.length < COMPONENTS_MAX) {
      components.push(foundOf(name, version, facts));
    } else problems.add(`A component is over the limit of ${COMPONENTS_MAX}.`);
  }
  const ownerships = components.map(({ component: { name } }) => ({
    by: keyOf(name),
    paths: `${ROOT}${name}/`,
  }));
  return { components, ownerships, ...problems.findings() };
}

const keyOf = (name: string): string => `bitnami:${name}`;

function foundOf(name: string, version: string, facts: unknown): FoundComponent {
  const arch = statedWord(jsonText(facts, 'arch'));
  const distro = statedWord(jsonText(facts, 'distro'));
  const qualifiers = {
    ...(arch === undefined ? {} : { arch }),
    ...(distro === undefined ? {} : { distro }),
  };
  const stated = Object.keys(qualifiers).length === 0 ? {} : { qualifiers };
  return { key: keyOf(name), component: { type: 'bitnami', name, version, ...stated } };
}
