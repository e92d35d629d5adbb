/** Results as a run would leave them, for the tests of what is written about them. */
import { perRole } from '../../bench/measure/window.ts';
import type { Origin, Results, WindowResult } from '../../bench/results.ts';

export const aWindow = (changes: Partial<WindowResult> = {}): WindowResult => ({
  canaries: 1_000,
  workers: 2,
  costs: {
    seconds: 60,
    steps: 6_000,
    cpuMs: perRole((role) => (role === 'workers' ? 1.25 : 0.5)),
    totalCpuMs: 3.25,
    requests: 0.99,
    requestsByKind: { 'get canaries.flagger.app': 0.99 },
    answered: 1.04,
  },
  punctuality: { due: 6_000, missed: 0, lateness: { p50: 8, p99: 15, max: 160 }, outcomes: { settled: 6_000 } },
  memory: perRole(() => ({ now: 120, peak: 180 })),
  redisMiB: 12.5,
  ...changes,
});

export const anOrigin = (changes: Partial<Origin> = {}): Origin => ({
  machine: {
    processor: 'Processor X',
    cores: 2,
    memoryGiB: 16,
    system: 'Linux 6, Node 20',
    kubernetes: 'v1.34.4',
    redis: '7.0.15',
  },
  measuredAt: '2026-01-02T03:04:05.000Z',
  ...changes,
});

export const someResults = (changes: Partial<Results> = {}): Results => ({
  measured: { settled: [aWindow({ canaries: 100 }), aWindow({ canaries: 5_000 })] },
  origins: { settled: anOrigin() },
  ...changes,
});
