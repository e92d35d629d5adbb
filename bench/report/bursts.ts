import type { BurstsResult } from '../results.ts';
import type { Burst } from '../measure/burst.ts';
import type { Section } from './section.ts';
import { fixed, renderTable } from './table.ts';
import type { Column } from './table.ts';
import { atMost } from './targets.ts';
import { processorTable } from './window-table.ts';

/** A burst, and how many steps it was. */
type Row = Burst & { readonly canaries: number };

const columns: readonly Column<Row>[] = [
  { head: 'canaries', cell: ({ canaries }) => fixed(canaries) },
  { head: 'all added after, ms', cell: ({ addingMs }) => fixed(addingMs) },
  { head: 'all done after', cell: ({ doneMs }) => fixed(doneMs) },
  { head: 'steps a second', cell: ({ canaries, doneMs }) => fixed(canaries / (doneMs / 1_000)) },
];

export const bursts = (result: BurstsResult): Section => ({
  about:
    'Settled canaries that are all looked at in the same moment, several times in a row: the processors have nothing to ' +
    `wait for. ${result.workers} workers.`,
  targets: [atMost({ what: 'processor time of a step, ms', limit: 2.4, value: result.costs.totalCpuMs, digits: 2 })],
  figures: [
    renderTable(
      columns,
      result.bursts.map((burst) => ({ ...burst, canaries: result.canaries })),
    ),
    `\nMilliseconds on a processor for each of ${fixed(result.costs.steps)} steps:\n`,
    processorTable([result]),
  ].join('\n'),
});
