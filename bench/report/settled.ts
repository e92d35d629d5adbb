import { roles } from '../measure/window.ts';
import type { WindowResult } from '../results.ts';
import type { Plot } from './plot.ts';
import type { Picture, Section } from './section.ts';
import { fixed } from './table.ts';
import { atMost } from './targets.ts';
import type { Target } from './targets.ts';
import { roleNames, windowFigures } from './window-table.ts';

export const settled = (rows: readonly WindowResult[]): Section => ({
  about:
    'Canaries that have nothing to do. Their slots are spread over the interval by the hash of their uids, as always. ' +
    `${workersText(rows)}, measured over ${secondsText(rows)} s. Where one number stands for all sizes it is the worst. ` +
    'Processor time is all that the processes take, also what they take without any canary: the fewer there are, the more of ' +
    'it falls on each step.',
  targets: targetsOf(rows),
  figures: windowFigures(rows),
  pictures: rows.length < 2 ? [] : pictures(rows),
});

const rangeText = (values: readonly number[]): string => [...new Set(values.map((value) => fixed(value)))].join(', ');
const workersText = (rows: readonly WindowResult[]): string =>
  `${rangeText(rows.map(({ workers }) => workers))} workers`;
const secondsText = (rows: readonly WindowResult[]): string => rangeText(rows.map(({ costs }) => costs.seconds));

/** The canaries for which the lateness is bounded. */
const punctualSize = 3_000;
/** The canaries for which a worker's memory is bounded. */
const memorySize = 5_000;

function targetsOf(rows: readonly WindowResult[]): readonly Target[] {
  const worst = (of: (row: WindowResult) => number): number => Math.max(...rows.map(of));
  const sized = (size: number): WindowResult | undefined => rows.find(({ canaries }) => canaries === size);
  return [
    atMost({ what: 'slots missed', limit: 0, value: worst(({ punctuality }) => punctuality.missed) }),
    atMost({
      what: `99 of 100 steps at ${fixed(punctualSize)} canaries late by, ms`,
      limit: 500,
      value: sized(punctualSize)?.punctuality.lateness?.p99,
    }),
    ...rows.map(({ canaries, costs }) =>
      atMost({
        what: `processor time of a step at ${fixed(canaries)} canaries, ms`,
        limit: 5,
        value: costs.totalCpuMs,
        digits: 2,
      }),
    ),
    atMost({ what: 'requests of a step', limit: 1, value: worst(({ costs }) => costs.requests), digits: 2 }),
    atMost({
      what: `memory of a worker at ${fixed(memorySize)} canaries, MiB`,
      limit: 250,
      value: sized(memorySize)?.memory.workers.now,
    }),
  ];
}

/** A line for each of some figures, over the number of canaries. */
function bySize(
  rows: readonly WindowResult[],
  of: Readonly<Record<string, (row: WindowResult) => number | undefined>>,
) {
  return Object.entries(of).map(([name, figure]) => ({
    name,
    points: rows.flatMap((row): [number, number][] => {
      const value = figure(row);
      return value === undefined ? [] : [[row.canaries, value]];
    }),
  }));
}

const x = 'settled canaries';

const latenessPlot = (rows: readonly WindowResult[]): Plot => ({
  title: 'How late steps begin, by number of canaries',
  x,
  y: 'ms',
  isLogarithmic: true,
  series: bySize(rows, {
    p50: ({ punctuality }) => punctuality.lateness?.p50,
    p99: ({ punctuality }) => punctuality.lateness?.p99,
    max: ({ punctuality }) => punctuality.lateness?.max,
  }),
});

const byRole = (of: (row: WindowResult, role: (typeof roles)[number]) => number) =>
  Object.fromEntries(roles.map((role) => [roleNames[role], (row: WindowResult) => of(row, role)]));

const processorPlot = (rows: readonly WindowResult[]): Plot => ({
  title: 'Processor time of a step, by number of canaries',
  x,
  y: 'ms',
  series: bySize(rows, {
    all: ({ costs }) => costs.totalCpuMs,
    ...byRole(({ costs }, role) => costs.cpuMs[role]),
  }),
});

const memoryPlot = (rows: readonly WindowResult[]): Plot => ({
  title: 'Memory of the processes (of the workers the larger one), by number of canaries',
  x,
  y: 'MiB',
  series: bySize(
    rows,
    byRole(({ memory }, role) => memory[role].now),
  ),
});

const pictures = (rows: readonly WindowResult[]): readonly Picture[] => [
  { name: 'settled-lateness', plot: latenessPlot(rows) },
  { name: 'settled-processor', plot: processorPlot(rows) },
  { name: 'settled-memory', plot: memoryPlot(rows) },
];
