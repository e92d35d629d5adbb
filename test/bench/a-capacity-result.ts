/** What a simulation would hand back, in round numbers. */
import type { RedisSpan } from '../../bench/capacity/redis-probe.ts';
import type { CapacityResult, WithMemory } from '../../bench/capacity/result.ts';
import type { TickSaid } from '../../bench/capacity/scheduler.ts';

const aSpan = (cpuSeconds: number, scripts: number): RedisSpan => ({
  seconds: 10,
  cpuSeconds,
  scripts,
  longestCommandMs: 4,
  over10Ms: 0,
  longestPingMs: 6,
});

const aTick: TickSaid = {
  kind: 'tick',
  at: 0,
  canaries: 100_000,
  steps: 230_000,
  durationMs: 900,
  cpuMs: 800,
  longestBlockMs: 400,
  rssMiB: 600,
};

const everyday = (canaries: number, heapMiB: number): WithMemory => ({
  canaries,
  workers: 2,
  judgement: { due: 10, taken: 10, doubles: 0, passed: 0, lateness: { p50: 3, p99: 20, max: 30 } },
  stretch: 1,
  redis: aSpan(1, 1_000),
  perSecond: 100,
  tickMs: [900],
  longestBlockMs: 400,
  memory: { rssMiB: 600, heapMiB },
});

export const aCapacityResult = (): CapacityResult => ({
  canaries: 100_000,
  depth: {
    added: { jobs: 1_000, span: aSpan(0.02, 1_000) },
    bytesWaiting: 1_024,
    bytesFinished: 2_048,
    taken: { jobs: 1_000, span: aSpan(0.04, 1_000) },
    finished: { jobs: 1_000, span: aSpan(0.04, 1_000) },
    drains: [
      { kind: 'rest', processes: 1, jobs: 1_000, perSecond: 4_000, workerCpuMs: 0.2, span: aSpan(0.09, 1_000) },
      { kind: 'rest', processes: 2, jobs: 1_000, perSecond: 5_000, workerCpuMs: 0.2, span: aSpan(0.1, 1_000) },
      { kind: 'step', processes: 2, jobs: 1_000, perSecond: 3_000, workerCpuMs: 0.4, span: aSpan(0.2, 3_000) },
    ],
  },
  first: {
    tick: aTick,
    span: aSpan(9, 230_000),
    jobs: { waiting: 1, active: 0, delayed: 2, failed: 0 },
    redisMiB: 250,
  },
  later: { ticks: [aTick], span: aSpan(1, 100_000) },
  questions: [{ name: 'jobs due', asker: 'each tick', ms: 1, span: aSpan(0, 0) }],
  full: everyday(100_000, 420),
  tenth: everyday(10_000, 60),
});
