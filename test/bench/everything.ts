/** A result of every scenario. */
import type { Measured } from '../../bench/results.ts';
import { aWindow, someResults } from './a-result.ts';

const { costs, punctuality } = aWindow();
const burst = { addingMs: 210, doneMs: 2_000 };
const spread = { p50: 5, p99: 18, max: 90 };
const delays = { slots: { due: 120, missed: 0, lateness: spread, outcomes: {} }, wakes: spread };

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
  releases: { canaries: 200, workers: 2, releasingMs: 1_260, allMs: 40_040, ends: spread },
  fairness: { small: 20, large: 4_000, workers: 2, alone: delays, beside: delays, bursts: [burst], stretch: 1 },
};
