import type { Cataloguer, FileFindings, FileView } from '../../cataloguer.ts';
import { readStanzas } from '../../control-stanzas.ts';
import { folderOf } from '../../image-path.ts';
import { ProblemList } from '../../problem-list.ts';
import { statedLicences, statedWord } from '../../stated-words.ts';

/**
 * Installed R packages: the DESCRIPTION at the root of each (Writing R Extensions §1.1.1, in the
 * syntax of Debian's control files). R adds the Built field when it installs one, so that sources
 * and templates, and files of this name that are not R's, are told apart by it.
 */
export const rPackage: Cataloguer = {
  name: 'r-package',
  version: 1,
  bytesMax: 4 * 1024 * 1024,
  wants: (path) => path.endsWith('/DESCRIPTION'),
  parse,
};

function parse(file: FileView): FileFindings {
  const findings: FileFindings[] = [];
  // Of a file that proves to be something else, nothing is worth telling.
  const unheard = new ProblemList();
  const wanted = ['Package', 'Version', 'License', 'Built'] as const;
  readStanzas(file.bytes(), wanted, unheard, ({ number, fields }) => {
    const name = statedWord(fields.Package);
    const version = statedWord(fields.Version);
    const isInstalled = fields.Built?.startsWith('R ') === true;
    if (number > 1 || !isInstalled || name === undefined || version === undefined) return;
    const licences = statedLicences([fields.License]);
    const stated = licences.length === 0 ? {} : { licences };
    const key = `cran:${file.path}`;
    findings.push({
      components: [{ key, component: { type: 'cran', name, version, ...stated } }],
      ownerships: [{ by: key, paths: `${folderOf(file.path)}/` }],
    });
  });
  return findings[0] ?? {};
}
