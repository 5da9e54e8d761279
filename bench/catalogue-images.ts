import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

const PROJECT = resolve(import.meta.dirname, '..');
export const WORK = join(import.meta.dirname, 'work');

/** One image in the two forms that are measured, and its layers as gzip files. */
export type BenchImage = { readonly name: string; readonly oci: string; readonly archive: string };

type Recipe = {
  readonly debian: string;
  /** A folder of this project that becomes a layer. */
  readonly app?: string;
  /** PyPI packages that become a layer; fetched by pip. */
  readonly python?: readonly string[];
};

const RECIPES: Readonly<Record<string, Recipe>> = {
  debian: {
    debian: 'build-essential,python3,python3-pip,python3-numpy,python3-yaml,ruby,git,curl,ffmpeg',
  },
  node: { debian: 'nodejs,npm', app: 'node_modules' },
  multi: {
    debian: 'nodejs,npm,python3,python3-pip',
    app: 'node_modules',
    python: ['django', 'requests', 'pandas', 'boto3'],
  },
  java: {
    debian: 'default-jre-headless,maven,libspring-web-java,libhibernate3-java,libtomcat9-java',
  },
};

/** Builds what is missing with mmdebstrap, tar, umoci and skopeo, all of Debian. */
export function buildImages(names: readonly string[]): readonly BenchImage[] {
  mkdirSync(WORK, { recursive: true });
  return names.flatMap((name) => {
    const recipe = RECIPES[name];
    if (recipe === undefined) throw new Error(`There is no image ${name}.`);
    const image = { name, oci: join(WORK, `${name}-oci`), archive: join(WORK, `${name}.tar`) };
    if (existsSync(image.archive)) return [image];
    process.stderr.write(`building the ${name} image …\n`);
    const base = join(WORK, `${name}-base.tar`);
    const debian = [
      '--variant=minbase',
      `--include=${recipe.debian}`,
      'trixie',
      `${base}.part.tar`,
    ];
    if (!existsSync(base)) {
      if (!run('mmdebstrap', debian)) return [];
      renameSync(`${base}.part.tar`, base);
    }
    const layers = [base];
    if (recipe.app !== undefined) {
      const app = join(WORK, `${name}-app.tar`);
      run('tar', ['-C', PROJECT, '--transform=s,^,app/,', '--sort=name', '-cf', app, recipe.app]);
      layers.push(app);
    }
    if (recipe.python !== undefined) {
      const [python, root] = [join(WORK, `${name}-python.tar`), join(WORK, `${name}-python`)];
      const target = join(root, 'usr/local/lib/python3.13/dist-packages');
      run('python3', ['-m', 'pip', 'install', '-q', '--target', target, ...recipe.python]);
      run('tar', ['-C', root, '--sort=name', '-cf', python, 'usr']);
      rmSync(root, { recursive: true, force: true });
      layers.push(python);
    }
    rmSync(image.oci, { recursive: true, force: true });
    run('umoci', ['init', '--layout', image.oci]);
    run('umoci', ['new', '--image', `${image.oci}:bench`]);
    for (const layer of layers) {
      run('umoci', ['raw', 'add-layer', '--image', `${image.oci}:bench`, layer]);
    }
    const archive = `docker-archive:${image.archive}:bench:latest`;
    return run('skopeo', ['copy', '-q', `oci:${image.oci}:bench`, archive]) ? [image] : [];
  });
}

function run(command: string, parameters: readonly string[]): boolean {
  const { status } = spawnSync(command, parameters, { stdio: ['ignore', 'ignore', 'pipe'] });
  if (status !== 0) process.stderr.write(`${command} ${parameters.join(' ')} failed\n`);
  return status === 0;
}
