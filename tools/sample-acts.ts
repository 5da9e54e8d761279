import { type Docker, REGISTRY } from './sample-images.ts';

/** Which invented host a container of the recording engine stands for. */
export const BERTH_LABEL = 'berth';

export type Act = {
  /** Days before the moment of loading at which this is to have happened. */
  readonly daysAgo: number;
  readonly play: (docker: Docker) => void;
};

const image = (name: string): string => `${REGISTRY}/${name}`;

/** A container on a berth. No network: the recording engine may have none to give. */
function start(docker: Docker, berth: string, name: string, rest: readonly string[]): void {
  const always = ['--detach', '--network', 'none', '--label', `${BERTH_LABEL}=${berth}`];
  docker('run', ...always, '--name', name, ...rest);
}

const compose = (project: string, service: string): string[] => [
  '--label',
  `com.docker.compose.project=${project}`,
  '--label',
  `com.docker.compose.service=${service}`,
];
const team = (name: string): string[] => ['--label', `harbour.example/team=${name}`];
const sleepUntil = ['/bin/sleep', 'infinity'];

function web(docker: Docker, version: string, number: number): void {
  start(docker, 'wharf-01', `shop-web-${number}`, [
    ...compose('shop', 'web'),
    ...team('storefront'),
    '--restart=unless-stopped',
    '--read-only',
    '--cap-drop=ALL',
    image(`shop/web:${version}`),
  ]);
}

function worker(docker: Docker, number: number): void {
  start(docker, 'wharf-02', `analytics-worker-${number}`, [
    ...compose('analytics', 'worker'),
    ...team('analytics'),
    '--env=QUEUE=events',
    image('analytics/worker:0.9'),
  ]);
}

/** A job of continuous integration: it comes, does its work and goes. */
function job(docker: Docker, number: number, exitCode: number): void {
  const name = `ci-job-${number}`;
  const work = ['/bin/sh', '-c', `exit ${exitCode}`];
  start(docker, 'slipway-ci', name, [...team('platform'), image('ops/toolbox:12'), ...work]);
  docker('wait', name);
}

const remove = (docker: Docker, ...names: string[]): string => docker('rm', '--force', ...names);

/** A month on three hosts, each act played for real and told as of its day. */
export const acts: readonly Act[] = [
  {
    daysAgo: 29.6,
    play: (docker) => {
      docker('tag', image('base/debian:12'), image('ops/toolbox:12'));
      for (const number of [1, 2]) web(docker, '1.4.0', number);
      const proxy = [...compose('shop', 'proxy'), ...team('storefront'), '--publish=80:80'];
      start(docker, 'wharf-01', 'shop-proxy-1', [...proxy, image('shop/proxy:2.1')]);
      const volume = ['--volume=ledger-books:/var/lib/ledger', ...team('billing')];
      start(docker, 'wharf-02', 'ledger', [...volume, image('billing/ledger:3.2'), ...sleepUntil]);
      worker(docker, 1);
      const agent = ['--privileged', '--pid=host', image('ops/toolbox:12'), ...sleepUntil];
      start(docker, 'slipway-ci', 'ci-agent', [...team('platform'), ...agent]);
      for (const number of [1, 2, 3]) job(docker, number, 0);
    },
  },
  {
    daysAgo: 26.3,
    play: (docker) => {
      remove(docker, 'ci-job-1', 'ci-job-2', 'ci-job-3');
      for (const number of [4, 5]) job(docker, number, number === 5 ? 2 : 0);
      const api = ['--publish=127.0.0.1:8080:8080', '--user=65534', ...team('platform')];
      start(docker, 'wharf-02', 'berth-api', [...api, image('platform/berth-api:1.0')]);
    },
  },
  {
    daysAgo: 22.5,
    play: (docker) => {
      const names = ['debug-session', image('ops/toolbox:12'), ...sleepUntil] as const;
      start(docker, 'wharf-02', names[0], ['--cap-add=SYS_PTRACE', names[1], ...sleepUntil]);
      docker('exec', 'debug-session', 'id');
      for (const number of [6, 7, 8]) job(docker, number, 0);
    },
  },
  {
    daysAgo: 19.1,
    play: (docker) => {
      remove(docker, 'shop-web-1', 'shop-web-2', 'ci-job-4', 'ci-job-5');
      for (const number of [1, 2]) web(docker, '1.5.0', number);
    },
  },
  {
    daysAgo: 15.4,
    play: (docker) => {
      docker('kill', 'ledger');
      docker('start', 'ledger');
      for (const number of [9, 10]) job(docker, number, 0);
      remove(docker, 'ci-job-6', 'ci-job-7', 'ci-job-8');
    },
  },
  {
    daysAgo: 11.2,
    play: (docker) => {
      for (const number of [2, 3]) worker(docker, number);
      const nightly = [...compose('billing', 'nightly'), ...team('billing')];
      const broken = [...nightly, image('billing/ledger:3.2')];
      start(docker, 'wharf-02', 'ledger-nightly', broken);
      docker('wait', 'ledger-nightly');
    },
  },
  {
    daysAgo: 7.8,
    play: (docker) => {
      for (const number of [11, 12, 13, 14]) job(docker, number, number === 13 ? 1 : 0);
      remove(docker, 'ci-job-9', 'ci-job-10');
      docker('exec', 'ci-agent', 'id');
    },
  },
  {
    daysAgo: 4.3,
    play: (docker) => {
      remove(docker, 'debug-session');
      docker('kill', 'analytics-worker-3');
      const old = [...team('storefront'), '--publish=9090:3000', image('shop/web:1.4.0')];
      start(docker, 'wharf-01', 'web-hotfix-test', old);
    },
  },
  {
    daysAgo: 1.5,
    play: (docker) => {
      for (const number of [15, 16]) job(docker, number, 0);
      remove(docker, 'ci-job-11', 'ci-job-12', 'ci-job-13');
      docker('pause', 'analytics-worker-2');
    },
  },
  {
    daysAgo: 0.1,
    play: (docker) => {
      for (const number of [17, 18]) job(docker, number, 0);
      web(docker, '1.5.0', 3);
    },
  },
];
