import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';

export const REGISTRY = 'registry.harbour.example';

/** Roots of Debian, with the packages each image is built for. */
const ROOTS: Readonly<Record<string, readonly string[]>> = {
  debian: [],
  python: ['python3', 'ca-certificates'],
  nginx: ['nginx-light'],
  java: [
    'openjdk-17-jre-headless',
    'libcommons-io-java',
    'libcommons-lang3-java',
    'libguava-java',
    'libjackson2-databind-java',
    'liblogback-java',
  ],
};

const WEB_OLD = ['express@4.19.2', 'lodash@4.17.20', 'pg@8.11.3', 'pino@8.19.0'];
const WEB_NEW = ['express@4.21.2', 'lodash@4.17.21', 'pg@8.13.1', 'pino@9.5.0'];
const WORKER = ['flask==3.0.3', 'requests==2.32.3', 'gunicorn==22.0.0'];

const GO_MAIN = `package main

import (
	"net/http"

	"github.com/gorilla/mux"
)

func main() {
	routes := mux.NewRouter()
	routes.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {})
	_ = http.ListenAndServe(":8080", routes)
}
`;

const WEB_SERVER = `require('node:http').createServer((_, out) => out.end('shop')).listen(3000);\n`;

export type Docker = (...args: string[]) => string;

export const dockerAt =
  (host: string): Docker =>
  (...args) =>
    execFileSync('docker', args, {
      env: { ...process.env, DOCKER_HOST: host, DOCKER_BUILDKIT: '0' },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 64 * 1024 * 1024,
    });

const run = (folder: string, program: string, ...args: string[]): void => {
  execFileSync(program, args, {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=mod' },
  });
};

/** Builds the images of the sample in `work`, where what was fetched before is used again. */
export async function buildSampleImages(docker: Docker, work: string): Promise<string[]> {
  mkdirSync(work, { recursive: true });
  for (const [name, packages] of Object.entries(ROOTS)) provideRoot(work, name, packages);
  const names: string[] = [];
  const importRoot = (root: string, name: string, change: string) => {
    docker('import', '--change', change, join(work, `${root}.tar`), `${REGISTRY}/${name}`);
    names.push(`${REGISTRY}/${name}`);
  };
  importRoot('debian', 'base/debian:12', 'CMD ["/bin/bash"]');
  importRoot('python', 'base/python:3.11', 'CMD ["/usr/bin/python3"]');
  importRoot('nginx', 'base/nginx:1.22', 'CMD ["/usr/sbin/nginx", "-g", "daemon off;"]');
  importRoot('java', 'base/java:17', 'ENV LANG=C.UTF-8');
  const build = async (name: string, lines: readonly string[], fill: Fill) => {
    const context = join(work, 'context');
    rmSync(context, { recursive: true, force: true });
    mkdirSync(context);
    await fill(context);
    const label = 'LABEL org.opencontainers.image.vendor="Harbour Example"';
    const file = lines.toSpliced(1, 0, label).join('\n');
    writeFileSync(join(context, 'Dockerfile'), `${file}\n`);
    docker('build', '--quiet', '--tag', `${REGISTRY}/${name}`, context);
    names.push(`${REGISTRY}/${name}`);
  };
  await buildApplications(work, build);
  return names;
}

type Fill = (context: string) => Promise<void> | void;
type Build = (name: string, lines: readonly string[], fill: Fill) => Promise<void>;

async function buildApplications(work: string, build: Build): Promise<void> {
  const web = (folder: string, packages: readonly string[]) => async (context: string) => {
    provideNpm(work, folder, packages);
    await cp(join(work, folder), join(context, 'app'), { recursive: true });
    writeFileSync(join(context, 'app/server.js'), WEB_SERVER);
    await cp(process.execPath, join(context, 'node'));
  };
  const webLines = [
    `FROM ${REGISTRY}/base/debian:12`,
    'COPY node /usr/local/bin/node',
    'COPY app /srv/app',
    'USER 1000:1000',
    'EXPOSE 3000',
    'CMD ["node", "/srv/app/server.js"]',
  ];
  await build('shop/web:1.4.0', webLines, web('npm1', WEB_OLD));
  await build('shop/web:1.5.0', webLines, web('npm2', WEB_NEW));
  const proxy = ['COPY shop.conf /etc/nginx/conf.d/shop.conf', 'EXPOSE 80'];
  await build('shop/proxy:2.1', [`FROM ${REGISTRY}/base/nginx:1.22`, ...proxy], (context) => {
    writeFileSync(join(context, 'shop.conf'), '# Where the shop lies.\n');
  });
  const worker = [
    `FROM ${REGISTRY}/base/python:3.11`,
    'COPY site-packages /usr/local/lib/python3.11/dist-packages',
    'CMD ["python3", "-m", "http.server", "8000"]',
  ];
  await build('analytics/worker:0.9', worker, async (context) => {
    const packages = join(work, 'pip/site-packages');
    if (!existsSync(packages))
      run(work, 'pip3', 'install', '--quiet', '--target', packages, ...WORKER);
    await cp(packages, join(context, 'site-packages'), { recursive: true });
  });
  const ledger = [
    `FROM ${REGISTRY}/base/java:17`,
    'COPY lib /srv/ledger/lib',
    'CMD ["java", "-jar", "/srv/ledger/ledger.jar"]',
  ];
  await build('billing/ledger:3.2', ledger, (context) => {
    mkdirSync(join(context, 'lib'));
    run(context, 'tar', '-xf', join(work, 'java.tar'), './usr/share/java');
    run(context, 'sh', '-c', 'cp -L usr/share/java/*.jar lib/ && rm -r usr');
  });
  const api = ['COPY berth-api /berth-api', 'EXPOSE 8080', 'ENTRYPOINT ["/berth-api"]'];
  await build('platform/berth-api:1.0', ['FROM scratch', ...api], (context) => {
    const source = join(work, 'go');
    mkdirSync(source, { recursive: true });
    writeFileSync(join(source, 'main.go'), GO_MAIN);
    const module =
      'module harbour.example/berth-api\n\ngo 1.22\n\nrequire github.com/gorilla/mux v1.8.1\n';
    writeFileSync(join(source, 'go.mod'), module);
    run(
      source,
      'go',
      'build',
      '-trimpath',
      '-ldflags=-s -w',
      '-o',
      join(context, 'berth-api'),
      '.',
    );
  });
}

function provideRoot(work: string, name: string, packages: readonly string[]): void {
  const file = join(work, `${name}.tar`);
  if (existsSync(file)) return;
  const options = ['--variant=essential', '--format=tar', '--quiet'];
  const include = packages.length === 0 ? [] : [`--include=${packages.join(',')}`];
  const lean = '--aptopt=APT::Install-Recommends=false';
  run(work, 'mmdebstrap', ...options, lean, ...include, 'bookworm', `${file}.part`);
  renameSync(`${file}.part`, file);
}

function provideNpm(work: string, folder: string, packages: readonly string[]): void {
  const path = join(work, folder);
  if (existsSync(join(path, 'node_modules'))) return;
  mkdirSync(path, { recursive: true });
  run(path, 'npm', 'install', '--no-audit', '--no-fund', '--silent', ...packages);
}
