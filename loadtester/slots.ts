import pLimit from 'p-limit';
import type { Logger } from '../platform/observability/logger.ts';
import type { CommandOutcome, RunnerMetrics } from './runner-metrics.ts';
import type { CommandResult } from './run-command.ts';
import { isSuccess, wordFailure } from './run-command.ts';
import type { Program } from './tasks/task.ts';
import type { Task } from './tasks/table.ts';

/** Runs a program to its end, or until the signal is aborted. Must not reject. */
export type Execute = (program: Program, signal: AbortSignal) => Promise<CommandResult>;

/** The places in which commands run. */
export interface Slots {
  /** Waits for a free place, then runs the task. `stopped` when `stop` was called before its turn came. */
  run(task: Task): Promise<CommandResult>;
  isStopping(): boolean;
  /** Turns away what waits, lets what runs end, and kills it when the signal is aborted. Resolves when nothing runs any more. */
  stop(signal: AbortSignal): Promise<void>;
}

export interface SlotsOptions {
  execute: Execute;
  /**
   * Commands that may run at once, at least 1; the others wait. Loads wait for loads: a check, whose caller waits with it
   * and soon gives up, finds as many of them before it at most as checks run.
   */
  maxConcurrent: number;
  metrics: RunnerMetrics;
  log: Logger;
}

const stopped: CommandResult = { kind: 'stopped', output: '' };

export function createSlots({ execute, maxConcurrent, metrics, log }: SlotsOptions): Slots {
  const places = pLimit({ concurrency: maxConcurrent, rejectOnClear: true });
  // As many loads as there are places may ask for one: while all of them run, none stands in the way of a check.
  const loads = pLimit({ concurrency: maxConcurrent, rejectOnClear: true });
  const killing = new AbortController();
  const unfinished = new Set<Promise<CommandResult>>();
  let stopping = false;
  const reportLoad = (): void => metrics.load(places.activeCount, unfinished.size - places.activeCount);

  const execution = async (task: Task): Promise<CommandResult> => {
    reportLoad();
    log.info(fieldsOf(task), 'command started');
    return execute(task.program, killing.signal);
  };

  const inTurn = (task: Task): Promise<CommandResult> =>
    task.mode === 'queued' ? loads(() => (stopping ? stopped : places(execution, task))) : places(execution, task);

  const run = async (task: Task): Promise<CommandResult> => {
    if (stopping) return stopped;
    // The limits reject what waits when they are cleared; nothing else rejects.
    const running = inTurn(task).catch(() => stopped);
    unfinished.add(running);
    reportLoad();
    const result = await running;
    unfinished.delete(running);
    reportLoad();
    metrics.finished(task.type, outcomeOf(result));
    logEnd(log, task, result);
    return result;
  };

  const stop = async (signal: AbortSignal): Promise<void> => {
    stopping = true;
    loads.clearQueue();
    places.clearQueue();
    const kill = (): void => killing.abort();
    if (signal.aborted) kill();
    signal.addEventListener('abort', kill, { once: true });
    await Promise.allSettled(unfinished);
    signal.removeEventListener('abort', kill);
  };

  return { run, isStopping: () => stopping, stop };
}

/** What names a task in the log: never the command itself, which may hold what must not be logged. */
export const fieldsOf = ({ canary, type, id }: Task): { canary: string; type: string; command: string } => ({
  canary,
  type,
  command: id.slice(0, 12),
});

function logEnd(log: Logger, task: Task, result: CommandResult): void {
  if (isSuccess(result)) log.info(fieldsOf(task), 'command succeeded');
  else log.warn({ ...fieldsOf(task), reason: wordFailure(result) }, 'command failed');
}

function outcomeOf(result: CommandResult): CommandOutcome {
  switch (result.kind) {
    case 'exited':
      return result.status === 0 ? 'succeeded' : 'failed';
    case 'signalled':
      return 'failed';
    case 'notStarted':
      return 'not_started';
    case 'expired':
    case 'stopped':
      return result.kind;
    default:
      return result satisfies never;
  }
}
