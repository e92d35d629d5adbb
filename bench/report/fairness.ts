import type { Burst } from '../measure/burst.ts';
import type { Delays } from '../measure/delays.ts';
import { spreadOf } from '../measure/percentile.ts';
import type { Spread } from '../measure/percentile.ts';
import type { FairnessResult } from '../results.ts';
import type { Section } from './section.ts';
import { fixed, renderTable } from './table.ts';
import type { Column } from './table.ts';
import { atMost } from './targets.ts';

interface Row extends Delays {
  readonly name: string;
}

const shown = (value: number | undefined): string => (value === undefined ? 'none' : fixed(value));

const columns: readonly Column<Row>[] = [
  { head: 'small tenant', cell: ({ name }) => name, side: 'left' },
  { head: 'slots due', cell: ({ slots }) => fixed(slots.due) },
  { head: 'missed', cell: ({ slots }) => fixed(slots.missed) },
  { head: 'slots late p50, ms', cell: ({ slots }) => shown(slots.lateness?.p50) },
  { head: 'p99', cell: ({ slots }) => shown(slots.lateness?.p99) },
  { head: 'max', cell: ({ slots }) => shown(slots.lateness?.max) },
  { head: 'bursts late p50, ms', cell: ({ wakes }) => shown(wakes?.p50) },
  { head: 'p99', cell: ({ wakes }) => shown(wakes?.p99) },
  { head: 'max', cell: ({ wakes }) => shown(wakes?.max) },
];

export const fairness = ({ small, large, workers, alone, beside, bursts, stretch }: FairnessResult): Section => ({
  about:
    `A tenant with ${fixed(small)} canaries, by itself and while another one has ${fixed(large)} that all fall due at ` +
    `once, again as soon as they are done; ${workers} workers. The small one goes on with its slots, and every few ` +
    'seconds all of it is woken.',
  targets: [
    atMost({
      ...times,
      what: 'slots: p99 beside, times p99 alone',
      value: timesOf(alone.slots.lateness, beside.slots.lateness),
    }),
    atMost({ ...times, what: 'bursts: p99 beside, times p99 alone', value: timesOf(alone.wakes, beside.wakes) }),
  ],
  figures: [
    renderTable(columns, [
      { name: 'alone', ...alone },
      { name: 'beside the large one', ...beside },
    ]),
    '',
    `${largeText(bursts)} ${stretchText(stretch)}`,
  ].join('\n'),
});

const times = { limit: 2, digits: 1 };

/** A millisecond is the least that was measured. */
const timesOf = (alone: Spread | undefined, beside: Spread | undefined): number | undefined =>
  alone === undefined || beside === undefined ? undefined : beside.p99 / Math.max(1, alone.p99);

const stretchText = (stretch: number): string =>
  stretch === 1
    ? 'Intervals were as long as they are written.'
    : `Intervals were stretched meanwhile: at the most, of ${fixed(stretch, 2)} slots one was taken, and the others count as missed.`;

function largeText(bursts: readonly Burst[]): string {
  const spread = spreadOf(bursts.map(({ doneMs }) => doneMs / 1_000));
  if (spread === undefined) return 'The large tenant was through with none of its bursts.';
  const [half, most] = [fixed(spread.p50, 1), fixed(spread.max, 1)];
  return `The large tenant was through ${fixed(bursts.length)} times, half of them within ${half} s and all within ${most} s.`;
}
