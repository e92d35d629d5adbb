/** From what one canary and one step cost to what very many of them do. Pure. */
import type { CapacityResult } from './result.ts';

/** What was measured, by piece. */
export interface UnitCosts {
  /** Milliseconds of Redis's only thread for a step: added, taken, finished. */
  readonly redisRestMs: number;
  /** The same for one that takes a lease, as a run's steps do. */
  readonly redisStepMs: number;
  /** Scripts that Redis runs for a step at rest. */
  readonly scripts: number;
  readonly bytesWaiting: number;
  readonly bytesFinished: number;
  /** Milliseconds of a worker for a step at rest, without what it does with the cluster. */
  readonly workerMs: number;
  /** Bytes that a scheduler keeps of a canary, and what it has besides, in MiB. */
  readonly schedulerBytes: number;
  readonly schedulerBaseMiB: number;
}

const mebibyte = 2 ** 20;

export function unitCostsOf({ depth, full, tenth }: Pick<CapacityResult, 'depth' | 'full' | 'tenth'>): UnitCosts {
  const { added, drains, bytesWaiting, bytesFinished } = depth;
  const ofKind = (kind: string) => drains.find((drain) => drain.kind === kind && drain.processes === 2);
  const [rest, step] = [ofKind('rest'), ofKind('step')];
  const cpuMs = (work: typeof rest | typeof added): number =>
    work === undefined ? Number.NaN : (work.span.cpuSeconds * 1_000) / work.jobs;
  const perCanary = (full.memory.heapMiB - tenth.memory.heapMiB) / (full.canaries - tenth.canaries);
  return {
    redisRestMs: cpuMs(added) + cpuMs(rest),
    redisStepMs: cpuMs(added) + cpuMs(step),
    scripts: added.span.scripts / added.jobs + (rest === undefined ? Number.NaN : rest.span.scripts / rest.jobs),
    bytesWaiting,
    bytesFinished,
    workerMs: rest?.workerCpuMs ?? Number.NaN,
    schedulerBytes: perCanary * mebibyte,
    schedulerBaseMiB: tenth.memory.heapMiB - perCanary * tenth.canaries,
  };
}

export interface Size {
  readonly canaries: number;
  readonly intervalSeconds: number;
}

export interface Settings {
  /** Seconds that the scheduler looks ahead. */
  readonly horizonSeconds: number;
  /** Seconds that a finished job is kept: twice the horizon of the workers. */
  readonly keptSeconds: number;
}

export interface Needs extends Size {
  readonly stepsPerSecond: number;
  readonly scriptsPerSecond: number;
  /** Parts of one core: at 1 Redis can do no more. */
  readonly redisCores: number;
  readonly redisMiB: number;
  /** Requests a second while one canary in a hundred is under way, and while all are. */
  readonly requestsOfOnePerCent: number;
  readonly requestsOfAll: number;
  readonly schedulerMiB: number;
  readonly workerCores: number;
}

/** The most that a step of a run may ask of the API server; one at rest asks nothing. */
export const requestsPerStep = 4;

export function needsOf(costs: UnitCosts, size: Size, { horizonSeconds, keptSeconds }: Settings): Needs {
  const { canaries, intervalSeconds } = size;
  const stepsPerSecond = canaries / intervalSeconds;
  const waiting = stepsPerSecond * horizonSeconds;
  const finished = stepsPerSecond * keptSeconds;
  return {
    ...size,
    stepsPerSecond,
    scriptsPerSecond: stepsPerSecond * costs.scripts,
    redisCores: (stepsPerSecond * costs.redisRestMs) / 1_000,
    redisMiB: (waiting * costs.bytesWaiting + finished * costs.bytesFinished) / mebibyte,
    requestsOfOnePerCent: (stepsPerSecond * requestsPerStep) / 100,
    requestsOfAll: stepsPerSecond * requestsPerStep,
    schedulerMiB: costs.schedulerBaseMiB + (canaries * costs.schedulerBytes) / mebibyte,
    workerCores: (stepsPerSecond * costs.workerMs) / 1_000,
  };
}
