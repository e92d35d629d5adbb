/**
 * How long a scheduler takes from its start to the last job of its first tick, and what its later ticks cost.
 *
 *   node out/bench/scheduler-start-main.js [canaries, 10000] [seconds of steady ticks, 35]
 *
 * A real API server and a real Redis; the scheduler is a process of its own, as users run it.
 */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import pLimit from 'p-limit';
import { Redis } from 'ioredis';
import { parse } from 'yaml';
import { systemClock as clock } from '../platform/clock.ts';
import { isKubernetesError } from '../platform/kubernetes/error.ts';
import type { KubernetesClient } from '../platform/kubernetes/client.ts';
import type { KubernetesObject } from '../platform/kubernetes/object.ts';
import { createKubernetesClient } from '../platform/kubernetes/kubernetes.ts';
import { silentLogger } from '../platform/observability/logger.ts';
import { canaries, customResourceDefinitions, namespaces } from '../platform/kubernetes/resources.ts';
import { startLight } from '../sandbox/light.ts';
import type { LightCluster } from '../sandbox/light.ts';
import { silent } from '../sandbox/progress.ts';
import { monotonic, waitFor } from '../sandbox/wait.ts';

const [total = 10_000, steadySeconds = 35] = process.argv.slice(2).map(Number);
const canariesPerNamespace = 100;
const intervalText = '10s';
const parallelCreates = 40;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function clientOf(light: LightCluster): KubernetesClient {
  return createKubernetesClient({
    access: { kind: 'kubeconfig', path: light.kubeconfigPath },
    userAgent: 'aviary-bench',
    clock,
    random: Math.random,
    log: silentLogger,
  });
}

async function defineCanaries(client: KubernetesClient): Promise<void> {
  const file = new URL('../../manifests/crds/canary.yaml', import.meta.url);
  await client.create(customResourceDefinitions, parse(await readFile(file, 'utf8')) as KubernetesObject);
  await waitFor({
    what: 'Canaries to be served',
    seconds: 20,
    look: () =>
      client.list(canaries).then(
        () => true,
        (error: unknown) => {
          if (isKubernetesError(error, 'notFound')) return undefined;
          throw error;
        },
      ),
  });
}

const aCanary = (namespace: string, name: string): KubernetesObject => ({
  apiVersion: 'flagger.app/v1beta1',
  kind: 'Canary',
  metadata: { namespace, name },
  spec: {
    provider: 'kubernetes',
    targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
    progressDeadlineSeconds: 60,
    service: { port: 9898, targetPort: 9898 },
    analysis: { interval: intervalText, threshold: 5, iterations: 10 },
  },
});

async function createCanaries(client: KubernetesClient): Promise<void> {
  const limit = pLimit(parallelCreates);
  const homes = Array.from({ length: Math.ceil(total / canariesPerNamespace) }, (_, index) => `team-${index}`);
  await Promise.all(
    homes.map((name) =>
      limit(() => client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    ),
  );
  await Promise.all(
    Array.from({ length: total }, (_, index) =>
      limit(() => client.create(canaries, aCanary(homes[index % homes.length] ?? '', `app-${index}`))),
    ),
  );
}

/** CPU milliseconds that a process has used. */
async function cpuOf(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
  const ticks = Number(fields[11]) + Number(fields[12]);
  return ticks * 10;
}

async function memoryOf(pid: number): Promise<string> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return ['VmRSS', 'VmHWM'].map((name) => new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[0] ?? '').join(', ');
}

async function redisCpu(redis: Redis): Promise<number> {
  const info = await redis.info('cpu');
  const of = (name: string): number => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1] ?? 0);
  return Math.round((of('used_cpu_user') + of('used_cpu_sys')) * 1_000);
}

interface Line {
  readonly msg?: string;
  readonly [field: string]: unknown;
}

function startScheduler(light: LightCluster, profile: string | undefined) {
  const script = fileURLToPath(new URL('../scheduler/main.js', import.meta.url));
  const flags = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  const child = spawn(process.execPath, [...flags, script], {
    env: {
      PATH: process.env['PATH'] ?? '',
      KUBECONFIG: light.kubeconfigPath,
      REDIS_URL: light.redisUrl,
      PORT: '0',
      LOG_LEVEL: 'debug',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  const ended = new Promise<void>((resolve) => void child.once('close', () => resolve()));
  const lines = (): Line[] =>
    out
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Line);
  return { pid: child.pid ?? 0, lines, end: () => (child.kill('SIGTERM'), ended) };
}

async function measure(light: LightCluster, redis: Redis): Promise<void> {
  const startedAt = monotonic();
  const scheduler = startScheduler(light, process.env['PROFILE']);
  const ticks = (): Line[] => scheduler.lines().filter(({ msg }) => msg === 'tick done');
  await waitFor({ what: 'first tick', seconds: 60, every: 5, look: () => ticks()[0] });
  say(`start to the last job of the first tick: ${Math.round(monotonic() - startedAt)} ms`);
  say(
    `  jobs: ${await redis.zcard('{aviary}:steps:delayed')} delayed, ${await redis.zcard('{aviary}:steps:prioritized')} due`,
  );
  say(`  CPU of the scheduler so far ${await cpuOf(scheduler.pid)} ms, ${await memoryOf(scheduler.pid)}`);
  const before = { scheduler: await cpuOf(scheduler.pid), redis: await redisCpu(redis), ticks: ticks().length };
  await clock.sleep(steadySeconds * 1_000);
  const passed = ticks().length - before.ticks;
  say(`steady ticks: ${passed} in ${steadySeconds} s; CPU per tick:`);
  say(`  scheduler ${Math.round(((await cpuOf(scheduler.pid)) - before.scheduler) / passed)} ms`);
  say(`  redis     ${Math.round(((await redisCpu(redis)) - before.redis) / passed)} ms`);
  say(
    `  durations ${ticks()
      .map(({ durationMs }) => durationMs)
      .join(', ')} ms; ${await memoryOf(scheduler.pid)}`,
  );
  await scheduler.end();
}

const light = await startLight({ progress: silent });
const client = clientOf(light);
const redis = new Redis(light.redisUrl);
try {
  await defineCanaries(client);
  const begunAt = monotonic();
  await createCanaries(client);
  say(`${total} Canaries of interval ${intervalText} created in ${Math.round((monotonic() - begunAt) / 1_000)} s`);
  for (const pageSize of [500, 1_000, 2_500, 10_000]) {
    const listedAt = monotonic();
    const { items } = await client.list(canaries, { pageSize, timeoutMs: 60_000 });
    say(`  ${items.length} listed in pages of ${pageSize}: ${Math.round(monotonic() - listedAt)} ms`);
  }
  for (let round = 0; round < 2; round += 1) {
    await redis.flushall();
    await measure(light, redis);
  }
} finally {
  redis.disconnect();
  await client.close();
  await light.stop();
}
