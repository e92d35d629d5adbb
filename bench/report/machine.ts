import { cpus, release, totalmem } from 'node:os';
import { jsonRoundTripsPerSecond } from './core-speed.ts';

/** Where the figures come from. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  /** Kernel and Node. */
  readonly system: string;
  readonly kubernetes: string;
  readonly redis: string;
  /** Of 10 kB of JSON by one core, in a second; left out where it was not measured. */
  readonly jsonRoundTrips?: number;
}

/** The version of one that was not started. */
export const noKubernetes = 'none';

/** @param servers versions, as the servers tell them */
export function describeMachine(servers: Pick<Machine, 'kubernetes' | 'redis'>): Machine {
  const [first] = cpus();
  return {
    processor: first?.model.trim() ?? 'unknown processor',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `Linux ${release()}, Node ${process.versions.node}`,
    ...servers,
    jsonRoundTrips: jsonRoundTripsPerSecond(),
  };
}
