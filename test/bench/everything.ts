/** A result of every scenario. */
import { perRole } from '../../bench/measure/window.ts';
import type { SoakSample } from '../../bench/measure/soak-samples.ts';
import type { Measured } from '../../bench/results.ts';
import { aCapacityResult } from './a-capacity-result.ts';
import { aWindow, someResults } from './a-result.ts';

const { costs, punctuality } = aWindow();
const burst = { addingMs: 210, doneMs: 2_000 };
const spread = { p50: 5, p99: 18, max: 90 };
const delays = { slots: { due: 120, missed: 0, lateness: spread, outcomes: {} }, wakes: spread };

/** @param growth MiB an hour, of one worker */
export const soakSamples = (growth: number): readonly SoakSample[] =>
  Array.from({ length: 181 }, (_, index) => ({
    at: index * 10,
    memory: {
      scheduler: 90,
      'worker-1': 120 + (growth * index * 10) / 3_600 + (index % 2),
      'worker-2': 118 + 3 * Math.sin(index),
      Redis: 21,
      'API server': 510 + 20 * Math.sin(index / 9),
      etcd: 140,
    },
    redisMiB: 11.4,
    redisKeys: 22_000,
    events: 17,
    objects: 14_003,
  }));

export const everything: Measured = {
  settled: someResults().measured.settled ?? [],
  progressing: { ...aWindow(), stretch: 1.25 },
  bursts: { canaries: 1_000, workers: 2, costs, bursts: [burst, burst] },
  kill: {
    canaries: 200,
    workers: 2,
    resumption: { held: 9, neverAgain: 1, longestGapMs: 9_640 },
    distances: { count: 1_190, tooShort: 2, least: 0.912, most: 2.004 },
    questions: { asked: 1_201, repeated: 3, underNewKey: 4, unrecorded: 5 },
    punctuality,
  },
  releases: {
    canaries: 200,
    workers: 2,
    releasingMs: 1_260,
    allMs: 40_040,
    ends: spread,
    wakes: { spread, unwoken: 0 },
    singleWakes: { spread, unwoken: 0 },
  },
  fairness: { small: 20, large: 4_000, workers: 2, alone: delays, beside: delays, bursts: [burst], stretch: 1 },
  bootstrap: {
    canaries: 1_000,
    workers: 2,
    creatingMs: 6_240,
    allMs: 62_400,
    ends: { p50: 31_000, p99: 60_000, max: 61_900 },
    totals: {
      seconds: 62.4,
      steps: 3_000,
      cpu: perRole((role) => (role === 'apiServer' ? 40 : 10)),
      requests: { 'patch services': 3_000, 'get meshes.kuma.io': 2 },
      answered: 24_000,
    },
    benchCpu: 12.5,
    cores: 2,
    servicesAlone: { count: 3_000, ms: 15_600 },
  },
  scaling: {
    canaries: 300,
    concurrency: 2,
    hookMs: 200,
    rounds: [1, 2, 4].map((workers) => ({ workers, count: 240, seconds: 24 / workers, perSecond: 9.5 * workers })),
  },
  soak: { canaries: 1_000, workers: 2, seconds: 1_800, warmUpSeconds: 300, steps: 180_000, samples: soakSamples(0) },
  capacity: aCapacityResult(),
};
