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

export function createRunner({ claims, slots, metrics, log }: RunnerOptions): Runner {
  // Asked before the claims: a Redis that was emptied knows nothing of a command until its claim is renewed.
  const queued = new Map<string, Promise<void>>();
  const awaited = new Map<string, Promise<CommandResult>>();

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

  const enqueue: Runner['enqueue'] = async (task) => {
    if (slots.isStopping()) return 'stopping';
    if (queued.has(task.id)) return skip(task);
    const claiming = claims.acquire(task.id);
    const work = claiming.then((claim) => (claim === undefined ? undefined : runClaimed(task, claim)));
    // A claim that could not be asked for is the caller's to hear of, below.
    const settled = work.catch(() => undefined).finally(() => queued.delete(task.id));
    queued.set(task.id, settled);
    return (await claiming) === undefined ? skip(task) : 'accepted';
  };

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
    await Promise.allSettled(queued.values());
  };

  return { enqueue, run, stop };
}
