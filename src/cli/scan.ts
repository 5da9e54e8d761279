import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { platformHere } from '../connectors/image-files/plain-folder.ts';
import type { Catalogue, ScannedImage } from '../model/catalogue.ts';
import { Failure, invalid, publicMessage } from '../model/errors.ts';
import { cataloguerVersions } from '../scan/cataloguers/versions.ts';
import { makeFolderLayerCache } from '../scan/folder-layer-cache.ts';
import { type LayerCache, noLayerCache } from '../scan/layer-cache.ts';
import { LayerPool } from '../scan/layer-pool.ts';
import { matches, pickImage, platformText } from '../scan/pick-image.ts';
import { scanImage } from '../scan/scan-image.ts';
import type { ExitCode, Streams } from './command.ts';
import { ProgressLine } from './scan-progress.ts';
import { SCAN_FORMATS, type ScanFormat, scanReport } from './scan-report.ts';
import { openImageSource } from './scan-sources.ts';
import { parseScanTarget, type ScanTarget } from './scan-target.ts';
import { terminalText } from './terminal-text.ts';
import { writeOutput } from './write-output.ts';

export const SCAN_USAGE = `wharfinger scan TARGET [--format table|json|cyclonedx|spdx] [--output FILE]
                [--platform OS/ARCH[/VARIANT]] [--strict] [--no-cache]

Says what is in an image. It needs no server and no network but for registry: targets.

TARGET  docker:REF                an image of the local Docker Engine
        docker-archive:FILE[:TAG] what docker save wrote
        oci:DIR[:TAG]             an OCI image layout
        oci-archive:FILE[:TAG]    the same in one tar file
        registry:REF              an image in a registry; signs in with
                                  $WHARFINGER_REGISTRY_USERNAME and _PASSWORD, else as docker does
        dir:PATH                  a plain folder: an unpacked image, a mounted disk
        sbom:FILE                 somebody's CycloneDX or SPDX JSON
        Without a prefix it guesses, and says what it guessed.

--format    table for people (the default), json for programs, or an SBOM
--output    write to FILE instead: whole or not at all
--platform  which image of a multi-platform one; this machine's where not given
--strict    exit 1 when something in the image could not be read
--no-cache  neither use nor keep what is known of layers. It is kept in $WHARFINGER_CACHE, else
            $XDG_CACHE_HOME/wharfinger, else ~/.cache/wharfinger

Exit code: 0 done (what was skipped is said), 1 could not, 2 wrong use.`;

type Request = {
  readonly target: string;
  readonly format: ScanFormat;
  readonly output?: string;
  readonly platform?: string;
  readonly isStrict: boolean;
  readonly usesCache: boolean;
};

/** Runs `wharfinger scan`; answers its exit code and never throws. */
export async function runScan(parameters: readonly string[], streams: Streams): Promise<ExitCode> {
  const { stdout, stderr } = streams;
  const request = readRequest(parameters);
  if (typeof request === 'string') {
    stderr.write(`${request}\n\n${SCAN_USAGE}\n`);
    return 2;
  }
  const progress = new ProgressLine(stderr);
  try {
    const target = await parseScanTarget(request.target);
    if (target.isGuess) stderr.write(`Taken as ${target.kind}:${terminalText(target.place)}\n`);
    const report = await makeReport(target, request, progress);
    progress.end();
    if (request.output === undefined) stdout.write(report.text);
    else await writeOutput(request.output, report.text);
    sayProblems(report.problems, streams);
    return report.problems.length > 0 && request.isStrict ? 1 : 0;
  } catch (error) {
    progress.end();
    stderr.write(`${terminalText(sentenceOf(error))}\n`);
    return 1;
  }
}

function sentenceOf(error: unknown): string {
  if (error instanceof Failure) return error.message;
  const { code, path } = error as NodeJS.ErrnoException;
  // What the operating system refuses names the file; anything else is a defect of ours.
  return code !== undefined && path !== undefined
    ? `${path} cannot be read (${code}).`
    : publicMessage(error);
}

function readRequest(parameters: readonly string[]): Request | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...parameters],
      allowPositionals: true,
      options: {
        format: { type: 'string', default: 'table' },
        output: { type: 'string', short: 'o' },
        platform: { type: 'string' },
        strict: { type: 'boolean', default: false },
        'no-cache': { type: 'boolean', default: false },
      },
    });
    const [target, extra] = positionals;
    if (target === undefined) return 'scan needs a TARGET.';
    if (extra !== undefined)
      return `scan takes one TARGET, and ${terminalText(extra)} is a second.`;
    const format = SCAN_FORMATS.find((known) => known === values.format);
    if (format === undefined) return `--format is one of ${SCAN_FORMATS.join(', ')}.`;
    if (values.platform !== undefined && !/^[^/]+\/[^/]+(\/[^/]+)?$/.test(values.platform)) {
      return '--platform is written OS/ARCH, as in linux/arm64.';
    }
    return {
      target,
      format,
      ...(values.output !== undefined && { output: values.output }),
      ...(values.platform !== undefined && { platform: values.platform }),
      isStrict: values.strict,
      usesCache: !values['no-cache'],
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

type Report = { readonly text: string; readonly problems: Catalogue['problems'] };

async function makeReport(
  target: ScanTarget,
  request: Request,
  progress: ProgressLine,
): Promise<Report> {
  if (target.kind === 'sbom') {
    const { sbomReport } = await import('./scan-sbom.ts');
    return sbomReport(target.place, request.format);
  }
  const scanned = await scanTarget(target, request, progress);
  return {
    text: await scanReport(scanned, request.format),
    problems: scanned.catalogue.problems,
  };
}

async function scanTarget(
  target: ScanTarget,
  { platform, usesCache }: Request,
  progress: ProgressLine,
): Promise<ScannedImage> {
  const source = await openImageSource(target);
  const reader = new LayerPool();
  try {
    const images = await source.images();
    const here = platformHere();
    const wanted = {
      here,
      ...(platform !== undefined && { platform }),
      ...(target.tag !== undefined && { tag: target.tag }),
    };
    const image = await pickImage(images, wanted, source.name).load();
    const found = image.facts.platform;
    if (platform !== undefined && target.kind !== 'dir' && !matches(found, platform)) {
      throw invalid(`${source.name} is for ${platformText(found)} and not for ${platform}.`);
    }
    const cache = usesCache ? folderCache(process.env) : noLayerCache;
    const onProgress = progress.report.bind(progress);
    // A second digest costs a sixth of a scan, and only helps who sees one layer in two forms.
    const tools = { reader, cache, hashing: 'stated', onProgress } as const;
    return await scanImage(image, { ...tools, cataloguers: cataloguerVersions });
  } finally {
    await Promise.all([reader.close(), source.close()]);
  }
}

/** XDG base directory specification: an XDG_CACHE_HOME that is not absolute is ignored. */
function folderCache(environment: Readonly<Record<string, string | undefined>>): LayerCache {
  const own = environment['WHARFINGER_CACHE'];
  const xdg = environment['XDG_CACHE_HOME'];
  const shared = xdg?.startsWith('/') === true ? xdg : join(homedir(), '.cache');
  const folder = own !== undefined && own !== '' ? own : join(shared, 'wharfinger');
  return makeFolderLayerCache(join(folder, 'layers'));
}

const PROBLEMS_SHOWN_MAX = 20;

function sayProblems(problems: Catalogue['problems'], { stderr }: Streams): void {
  if (problems.length === 0) return;
  stderr.write(`Not everything could be read:\n`);
  for (const { path, layer, message } of problems.slice(0, PROBLEMS_SHOWN_MAX)) {
    const where = layer === undefined ? '' : ` (layer ${layer})`;
    stderr.write(`  ${terminalText(`${path}${where}: ${message}`)}\n`);
  }
  const more = problems.length - PROBLEMS_SHOWN_MAX;
  if (more > 0) stderr.write(`  and ${more} more\n`);
}
