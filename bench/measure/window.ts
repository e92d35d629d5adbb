/** Costs of a span of time: readings at its begin and its end, and the differences. */
import { systemClock as clock } from '../../platform/clock.ts';
import type { Aviary, Program } from '../stage/aviary.ts';
import type { Stage } from '../stage/stage.ts';
import { samplesOf, sumBy } from './exposition.ts';
import { cpuSeconds, memoryOf } from './processes.ts';
import type { Memory } from './processes.ts';

/** Who costs something; `workers` is their sum. */
export const roles = ['scheduler', 'workers', 'redis', 'apiServer', 'etcd'] as const;
export type Role = (typeof roles)[number];
export type PerRole<T> = Readonly<Record<Role, T>>;

/** What counters stood at. */
export interface Reading {
  /** Epoch milliseconds. */
  readonly at: number;
  /** Seconds on a processor since the start of the processes. */
  readonly cpu: PerRole<number>;
  /** Requests of the workers to the Kubernetes API by `verb resource`, watches excepted. */
  readonly requests: Readonly<Record<string, number>>;
  /** Requests that the API server has answered to others than the benchmark, watches excepted. */
  readonly answered: number;
  /** Steps that the workers have taken, skipped ones not counted. */
  readonly steps: number;
}

/** Beginning: the counters are asked for first, so that the asking is not in the span. */
export async function readBefore(stage: Stage, aviary: Aviary): Promise<Reading> {
  const counters = await readCounters(stage, aviary);
  return { ...counters, at: clock.now(), cpu: readCpu(stage, aviary) };
}

/** The end: the processors' time is read first. */
export async function readAfter(stage: Stage, aviary: Aviary): Promise<Reading> {
  const [at, cpu] = [clock.now(), readCpu(stage, aviary)];
  return { ...(await readCounters(stage, aviary)), at, cpu };
}

function pidsOf({ light }: Stage, { scheduler, workers }: Aviary): PerRole<readonly number[]> {
  const servers = light.serverPids();
  const pid = (name: string): number[] => [servers[name] ?? Number.NaN];
  const running = (programs: readonly Program[]): number[] =>
    programs.filter(({ server }) => server.isRunning()).map(({ server }) => server.identity.pid);
  return {
    scheduler: running([scheduler]),
    workers: running(workers),
    redis: pid('redis-server'),
    apiServer: pid('kube-apiserver'),
    etcd: pid('etcd'),
  };
}

export const perRole = <T>(of: (role: Role) => T): PerRole<T> => ({
  scheduler: of('scheduler'),
  workers: of('workers'),
  redis: of('redis'),
  apiServer: of('apiServer'),
  etcd: of('etcd'),
});

function readCpu(stage: Stage, aviary: Aviary): PerRole<number> {
  const pids = pidsOf(stage, aviary);
  return perRole((role) => pids[role].reduce((sum, pid) => sum + cpuSeconds(pid), 0));
}

/** Of the workers the largest one, for that is what a pod's limit has to hold. */
export function readMemory(stage: Stage, aviary: Aviary): PerRole<Memory> {
  const pids = pidsOf(stage, aviary);
  return perRole((role) => {
    const memories = pids[role].map((pid) => memoryOf(pid));
    return {
      now: Math.max(...memories.map(({ now }) => now)),
      peak: Math.max(...memories.map(({ peak }) => peak)),
    };
  });
}

async function readCounters(stage: Stage, { workers }: Aviary): Promise<Omit<Reading, 'at' | 'cpu'>> {
  const texts = await Promise.all(workers.filter(({ server }) => server.isRunning()).map(({ url }) => scrape(url)));
  const api = await stage.client.getPath('/metrics', { timeoutMs: 30_000 });
  const all = texts.join('\n');
  const steps = sumBy(samplesOf(all, 'aviary_steps_total'), ({ outcome }) =>
    outcome === 'skipped' ? undefined : 'steps',
  );
  const answered = sumBy(samplesOf(api, 'apiserver_request_total'), ({ verb }) =>
    verb === 'WATCH' ? undefined : 'requests',
  );
  return {
    steps: steps['steps'] ?? 0,
    requests: sumBy(samplesOf(all, 'aviary_kubernetes_requests_total'), ({ verb, resource }) =>
      verb === 'watch' ? undefined : `${verb} ${resource}`,
    ),
    answered: (answered['requests'] ?? 0) - stage.ownRequests(),
  };
}

async function scrape(url: string): Promise<string> {
  const answer = await fetch(`${url}/metrics`);
  if (!answer.ok) throw new Error(`${url}/metrics: expected 200, got ${answer.status}`);
  return answer.text();
}

/** What one step cost on average. */
export interface Costs {
  readonly seconds: number;
  readonly steps: number;
  readonly cpuMs: PerRole<number>;
  readonly totalCpuMs: number;
  /** Requests of a worker, as it counts them itself. */
  readonly requests: number;
  /** The same by `verb resource`, the most frequent first. */
  readonly requestsByKind: Readonly<Record<string, number>>;
  /** The same as the API server counts them. Its own housekeeping is among them. */
  readonly answered: number;
}

/** What all of a span cost. */
export interface Totals {
  readonly seconds: number;
  readonly steps: number;
  /** Seconds on a processor. */
  readonly cpu: PerRole<number>;
  /** Requests of the workers by `verb resource`, as they count them themselves; the most frequent first. */
  readonly requests: Readonly<Record<string, number>>;
  /** Requests as the API server counts them. Its own housekeeping is among them. */
  readonly answered: number;
}

export function totalsBetween(before: Reading, after: Reading): Totals {
  const kinds = Object.entries(after.requests)
    .map(([kind, count]): [string, number] => [kind, count - (before.requests[kind] ?? 0)])
    .filter(([, count]) => count > 0)
    .toSorted(([, a], [, b]) => b - a);
  return {
    seconds: (after.at - before.at) / 1_000,
    steps: after.steps - before.steps,
    cpu: perRole((role) => after.cpu[role] - before.cpu[role]),
    requests: Object.fromEntries(kinds),
    answered: after.answered - before.answered,
  };
}

/** @throws Error when no step was taken between the two readings: then there is nothing to measure */
export function costsBetween(before: Reading, after: Reading): Costs {
  const { seconds, steps, cpu, requests, answered } = totalsBetween(before, after);
  if (steps <= 0) {
    throw new Error('costs of a step: expected steps between the two readings, got none; do the workers run?');
  }
  const cpuMs = perRole((role) => (cpu[role] * 1_000) / steps);
  const kinds = Object.entries(requests).map(([kind, count]): [string, number] => [kind, count / steps]);
  return {
    seconds,
    steps,
    cpuMs,
    totalCpuMs: roles.reduce((sum, role) => sum + cpuMs[role], 0),
    requests: kinds.reduce((sum, [, count]) => sum + count, 0),
    requestsByKind: Object.fromEntries(kinds),
    answered: answered / steps,
  };
}
