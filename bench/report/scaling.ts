import type { ScalingResult } from '../results.ts';
import type { Section } from './section.ts';
import { fixed, renderTable } from './table.ts';
import type { Column } from './table.ts';
import { atLeast } from './targets.ts';

type Row = ScalingResult['rounds'][number] & { readonly times: number | undefined };

const columns: readonly Column<Row>[] = [
  { head: 'workers', cell: ({ workers }) => fixed(workers) },
  { head: 'steps', cell: ({ count }) => fixed(count) },
  { head: 'in s', cell: ({ seconds }) => fixed(seconds, 1) },
  { head: 'steps a second', cell: ({ perSecond }) => fixed(perSecond, 1) },
  { head: 'times one worker', cell: ({ times }) => (times === undefined ? 'none' : fixed(times, 2)) },
];

export function scaling(result: ScalingResult): Section {
  const { canaries, concurrency, hookMs } = result;
  const rows = rowsOf(result);
  return {
    about:
      `${fixed(canaries)} canaries that are all released at once, and each step waits ${fixed(hookMs)} ms for a hook. A ` +
      `worker is at ${concurrency} steps at a time, so that it waits for hooks and not for a processor; the first and the ` +
      'last tenth of the steps are left out.',
    targets: [
      atLeast({
        what: 'steps a second of 4 workers, times one worker',
        limit: 3.5,
        value: rows.find(({ workers }) => workers === 4)?.times,
        digits: 2,
      }),
    ],
    figures: renderTable(columns, rows),
  };
}

function rowsOf({ rounds }: ScalingResult): readonly Row[] {
  const one = rounds.find(({ workers }) => workers === 1)?.perSecond;
  return rounds.map((round) => ({ ...round, times: one === undefined ? undefined : round.perSecond / one }));
}
