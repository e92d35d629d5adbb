import type { Metrics } from '../platform/observability/metrics.ts';

export type CommandOutcome = 'succeeded' | 'failed' | 'expired' | 'stopped' | 'not_started' | 'skipped' | 'joined';

export interface RunnerMetrics {
  /** A request has come to its end: its command ended, was dropped as a duplicate, or was left to one that runs already. */
  finished(type: string, outcome: CommandOutcome): void;
  /** How many commands run and wait for their turn now. */
  load(running: number, waiting: number): void;
}

export function createRunnerMetrics(metrics: Metrics): RunnerMetrics {
  const requests = metrics.counter({
    name: 'aviary_loadtester_commands_total',
    help: 'Commands asked for, by task type and by what became of them',
    labels: ['type', 'outcome'],
  });
  const commands = metrics.gauge({
    name: 'aviary_loadtester_commands',
    help: 'Commands that run and that wait for their turn',
    labels: ['state'],
  });
  const load = (running: number, waiting: number): void => {
    commands.set({ state: 'running' }, running);
    commands.set({ state: 'waiting' }, waiting);
  };
  load(0, 0);
  return { finished: (type, outcome) => requests.inc({ type, outcome }), load };
}
