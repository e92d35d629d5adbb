/** A runner of the load tester whose commands end when a test says so. */
import { createMemoryClaims } from '../../loadtester/claims.ts';
import type { CommandResult } from '../../loadtester/run-command.ts';
import { createRunner, type Runner } from '../../loadtester/runner.ts';
import { createRunnerMetrics } from '../../loadtester/runner-metrics.ts';
import { createSlots } from '../../loadtester/slots.ts';
import { chooseTask, type Task } from '../../loadtester/tasks/table.ts';
import { type Logger, silentLogger } from '../../platform/observability/logger.ts';
import { createMetrics } from '../../platform/observability/metrics.ts';

export const success: CommandResult = { kind: 'exited', status: 0, output: 'done' };

export function aTask(cmd: string, type = 'bash'): Task {
  const payload = { name: 'podinfo', namespace: 'test', phase: '', checksum: '', metadata: { type, cmd } };
  const choice = chooseTask(payload);
  if (!choice.ok) throw new Error(choice.problem);
  return choice.task;
}

export interface Rig {
  readonly runner: Runner;
  /** Commands in the order in which they were started. */
  readonly started: string[];
  /** Ends the oldest command that still runs. */
  endNext: (result?: CommandResult) => Promise<void>;
  render: () => Promise<string>;
}

/** A runner whose commands end when the test says so, or are killed. */
export function aRunner(
  maxConcurrent: number,
  parts: { claims?: ReturnType<typeof createMemoryClaims>; log?: Logger } = {},
): Rig {
  const { claims = createMemoryClaims(), log = silentLogger } = parts;
  const registry = createMetrics();
  const metrics = createRunnerMetrics(registry);
  const started: string[] = [];
  const endings: ((result: CommandResult) => void)[] = [];
  const slots = createSlots({
    execute: (program, signal) => {
      started.push(program.args[1] ?? '');
      return new Promise((resolve) => {
        endings.push(resolve);
        signal.addEventListener('abort', () => resolve({ kind: 'stopped', output: 'killed' }), { once: true });
      });
    },
    maxConcurrent,
    metrics,
    log,
  });
  return {
    runner: createRunner({ claims, slots, metrics, log }),
    started,
    endNext: async (result = success) => {
      endings.shift()?.(result);
      await settle();
    },
    render: () => registry.render(),
  };
}

export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
