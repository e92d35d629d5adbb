import type { ReleasesResult } from '../results.ts';
import type { Section } from './section.ts';
import { fixed, renderTable } from './table.ts';
import type { Column } from './table.ts';

const seconds = (milliseconds: number | undefined): string =>
  milliseconds === undefined ? 'none' : fixed(milliseconds / 1_000, 1);

const columns: readonly Column<ReleasesResult>[] = [
  { head: 'canaries', cell: ({ canaries }) => fixed(canaries) },
  { head: 'workers', cell: ({ workers }) => fixed(workers) },
  { head: 'all released after, s', cell: ({ releasingMs }) => seconds(releasingMs) },
  { head: 'all succeeded after', cell: ({ allMs }) => seconds(allMs) },
  { head: 'each p50', cell: ({ ends }) => seconds(ends?.p50) },
  { head: 'p99', cell: ({ ends }) => seconds(ends?.p99) },
  { head: 'max', cell: ({ ends }) => seconds(ends?.max) },
];

export const releases = (result: ReleasesResult): Section => ({
  title: 'Releases',
  about:
    'Canaries with an interval of 10 s that are all released at once, with one step of weight on the way to the promotion. ' +
    'Seconds from the first release on. Wanted: 200 have succeeded within 45 s.',
  figures: renderTable(columns, [result]),
});
