/** The tables of spans: how punctual the steps were, and what each of them cost. */
import { roles } from '../measure/window.ts';
import type { Role } from '../measure/window.ts';
import type { WindowResult } from '../results.ts';
import { fixed, renderTable } from './table.ts';
import type { Column } from './table.ts';

const milliseconds = (value: number | undefined): string => (value === undefined ? 'none' : fixed(value));

/** What steps have cost, in whatever span. */
type Priced = Pick<WindowResult, 'canaries' | 'costs'>;

const canaries: Column<Priced> = { head: 'canaries', cell: (row) => fixed(row.canaries) };

const punctual: readonly Column<WindowResult>[] = [
  canaries,
  { head: 'slots due', cell: ({ punctuality }) => fixed(punctuality.due) },
  { head: 'missed', cell: ({ punctuality }) => fixed(punctuality.missed) },
  { head: 'late p50, ms', cell: ({ punctuality }) => milliseconds(punctuality.lateness?.p50) },
  { head: 'p99', cell: ({ punctuality }) => milliseconds(punctuality.lateness?.p99) },
  { head: 'max', cell: ({ punctuality }) => milliseconds(punctuality.lateness?.max) },
  { head: 'requests a step', cell: ({ costs }) => fixed(costs.requests, 2) },
  { head: 'counted by the API server', cell: ({ costs }) => fixed(costs.answered, 2) },
];

export const roleNames: Readonly<Record<Role, string>> = {
  scheduler: 'scheduler',
  workers: 'workers',
  redis: 'Redis',
  apiServer: 'API server',
  etcd: 'etcd',
};

const processor: readonly Column<Priced>[] = [
  canaries,
  ...roles.map((role) => ({
    head: roleNames[role],
    cell: ({ costs }: Priced) => fixed(costs.cpuMs[role], 2),
  })),
  { head: 'all', cell: ({ costs }) => fixed(costs.totalCpuMs, 2) },
  { head: 'scheduler and workers', cell: ({ costs }) => fixed(costs.cpuMs.scheduler + costs.cpuMs.workers, 2) },
];

const memory: readonly Column<WindowResult>[] = [
  canaries,
  ...roles.map((role) => ({
    head: roleNames[role] === 'workers' ? 'larger worker' : roleNames[role],
    cell: (row: WindowResult) => `${fixed(row.memory[role].now)} (${fixed(row.memory[role].peak)})`,
  })),
  { head: 'data in Redis', cell: ({ redisMiB }) => fixed(redisMiB, 1) },
];

/** Lateness, missed slots, requests. */
export const punctualTable = (rows: readonly WindowResult[]): string => renderTable(punctual, rows);

/** Milliseconds on a processor for each step, which is seconds for each thousand. */
export const processorTable = (rows: readonly Priced[]): string => renderTable(processor, rows);

/** MiB at the end of the span, and the most since the process began. */
export const memoryTable = (rows: readonly WindowResult[]): string => renderTable(memory, rows);

/** All three, with what stands between them. */
export const windowFigures = (rows: readonly WindowResult[]): string =>
  [
    punctualTable(rows),
    '\nMilliseconds on a processor for each step (the same number is seconds for each 1,000 steps):\n',
    processorTable(rows),
    '\nMemory in MiB at the end of the span (the most since the start in brackets):\n',
    memoryTable(rows),
  ].join('\n');
