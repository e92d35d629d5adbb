import type { Logger } from '../platform/observability/logger.ts';
import type { Claim, Claims } from './claims.ts';
import type { CommandResult } from './run-command.ts';
import type { RunnerMetrics } from './runner-metrics.ts';
import type { Slots } from './slots.ts';
import { fieldsOf } from './slots.ts';
import type { Task } from './tasks/table.ts';

/** `skipped`: the same command waits or runs already. */
export type EnqueueOutcome = 'accepted' | 'skipped' | 'stopping';

export interface Runner {
  /**
   * Runs a task behind the caller's back, unless the same one waits or runs on any replica: then it is dropped.
   * Throws StoreUnavailableError, and has started nothing then.
   */
  enqueue(task: Task): Promise<EnqueueOutcome>;
  /** Runs a task and waits for its end. The same task, if this replica runs it already, is joined instead of started again. */
  run(task: Task): Promise<CommandResult>;
  /** Drops what waits, lets what runs end, and kills it when the signal is aborted. Resolves when all claims are given back. */
  stop(signal: AbortSignal): Promise<void>;
}

export interface RunnerOptions {
  claims: Claims;
  slots: Slots;
  metrics: RunnerMetrics;
  log: Logger;
}

/** A task that waits or runs in this replica, or is about to. */
interface Queued {
  readonly claiming: Promise<Claim | undefined>;
  /** Resolves when it has ended and its claim is given back. */
  readonly settled: Promise<void>;
}

/** Of tasks that run behind their callers' backs. */
interface Queue {
  readonly enqueue: Runner['enqueue'];
  /** Resolves when all have ended and given back their claims. */
  readonly settle: () => Promise<unknown>;
}

export function createRunner(options: RunnerOptions): Runner {
  const { slots, metrics } = options;
  const { enqueue, settle } = createQueue(options);
  const awaited = new Map<string, Promise<CommandResult>>();

  const run: Runner['run'] = (task) => {
    const running = awaited.get(task.id);
    if (running !== undefined) {
      metrics.finished(task.type, 'joined');
      return running;
    }
    const result = slots.run(task).finally(() => awaited.delete(task.id));
    awaited.set(task.id, result);
    return result;
  };

  const stop: Runner['stop'] = async (signal) => {
    await slots.stop(signal);
    await settle();
  };

  return { enqueue, run, stop };
}

function createQueue({ claims, slots, metrics, log }: RunnerOptions): Queue {
  // Asked before the claims: a Redis that was emptied knows nothing of a command until its claim is renewed.
  const queued = new Map<string, Queued>();

  const skip = (task: Task): EnqueueOutcome => {
    metrics.finished(task.type, 'skipped');
    log.info({ ...fieldsOf(task), reason: 'the same command waits or runs already' }, 'command skipped');
    return 'skipped';
  };

  const runClaimed = async (task: Task, claim: Claim): Promise<void> => {
    const result = await slots.run(task);
    if (task.logOutput) log.info({ ...fieldsOf(task), output: result.output }, 'command output');
    await claim.release();
  };

  const begin = (task: Task): Queued => {
    const claiming = claims.acquire(task.id);
    const work = claiming.then((claim) => (claim === undefined ? undefined : runClaimed(task, claim)));
    // A claim that could not be asked for is the caller's to hear of, below.
    const settled = work.catch(() => undefined).finally(() => queued.delete(task.id));
    queued.set(task.id, { claiming, settled });
    return { claiming, settled };
  };

  const enqueue: Runner['enqueue'] = async (task) => {
    if (slots.isStopping()) return 'stopping';
    const before = queued.get(task.id);
    // Also of the one before: until it has its claim nothing is on its way.
    const claim = await (before ?? begin(task)).claiming;
    // One whose claim came too late has not been started.
    if (slots.isStopping()) return 'stopping';
    return before === undefined && claim !== undefined ? 'accepted' : skip(task);
  };

  const settle = (): Promise<unknown> => Promise.allSettled([...queued.values()].map(({ settled }) => settled));

  return { enqueue, settle };
}
