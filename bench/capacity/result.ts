/** What the simulation hands back. */
import type { QueueCounts } from '../../queue/depth.ts';
import type { DepthResult } from './depth.ts';
import type { Question } from './questions.ts';
import type { RedisSpan } from './redis-probe.ts';
import type { SchedulerMemory, TickSaid } from './scheduler.ts';
import type { SteadyResult } from './steady.ts';

export interface WithMemory extends SteadyResult {
  /** Of the scheduler. */
  readonly memory: SchedulerMemory;
}

export interface CapacityResult {
  readonly canaries: number;
  readonly depth: DepthResult;
  /** The first tick on an empty Redis, the list of the canaries in it. */
  readonly first: {
    readonly tick: TickSaid;
    readonly span: RedisSpan;
    readonly jobs: QueueCounts;
    /** MiB of Redis after it. */
    readonly redisMiB: number;
  };
  /** Ticks while no worker is there. */
  readonly later: { readonly ticks: readonly TickSaid[]; readonly span: RedisSpan };
  readonly questions: readonly Question[];
  readonly full: WithMemory;
  /** A tenth of the canaries, on an empty Redis. */
  readonly tenth: WithMemory;
}
