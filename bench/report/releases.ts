import type { WakeDelays } from '../measure/wake-delays.ts';
import type { ReleasesResult } from '../results.ts';
import type { Section } from './section.ts';
import { fixed, renderTable } from './table.ts';
import type { Column } from './table.ts';
import { atMost } from './targets.ts';
import type { Target } from './targets.ts';

const seconds = (milliseconds: number | undefined): string =>
  milliseconds === undefined ? 'none' : fixed(milliseconds / 1_000, 1);

const milliseconds = (value: number | undefined): string => (value === undefined ? 'none' : fixed(value));

const columns: readonly Column<ReleasesResult>[] = [
  { head: 'canaries', cell: ({ canaries }) => fixed(canaries) },
  { head: 'workers', cell: ({ workers }) => fixed(workers) },
  { head: 'all released after, s', cell: ({ releasingMs }) => seconds(releasingMs) },
  { head: 'all succeeded after', cell: ({ allMs }) => seconds(allMs) },
  { head: 'each p50', cell: ({ ends }) => seconds(ends?.p50) },
  { head: 'p99', cell: ({ ends }) => seconds(ends?.p99) },
  { head: 'max', cell: ({ ends }) => seconds(ends?.max) },
];

interface Woken {
  readonly released: string;
  readonly wakes: WakeDelays;
}

const wakeColumns: readonly Column<Woken>[] = [
  { head: 'woken after, ms', cell: ({ released }) => released, side: 'left' },
  { head: 'p50', cell: ({ wakes }) => milliseconds(wakes.spread?.p50) },
  { head: 'p99', cell: ({ wakes }) => milliseconds(wakes.spread?.p99) },
  { head: 'max', cell: ({ wakes }) => milliseconds(wakes.spread?.max) },
  { head: 'never', cell: ({ wakes }) => fixed(wakes.unwoken) },
];

const wokenOf = ({ wakes, singleWakes }: ReleasesResult): readonly Woken[] => [
  ...(wakes === undefined ? [] : [{ released: 'all at once', wakes }]),
  ...(singleWakes === undefined ? [] : [{ released: 'one by one', wakes: singleWakes }]),
];

export const releases = (result: ReleasesResult): Section => ({
  about:
    'Canaries with an interval of 10 s that are all released at once, with one step of weight on the way to the promotion. ' +
    'Seconds from the first release on. Afterwards some are released one by one. A canary is woken when its wake is in the ' +
    'queue, counted from the moment at which its release was sent to the API server.',
  targets: [targetOf(result), wakeTargetOf(result)],
  figures: [renderTable(columns, [result]), ...wakeTables(result)].join('\n\n'),
});

const wakeTables = (result: ReleasesResult): readonly string[] => {
  const woken = wokenOf(result);
  return woken.length === 0 ? [] : [renderTable(wakeColumns, woken)];
};

const wantedWakeMs = 250;

/** Of those that come alone: how soon an API server answers that is given everything at once is its own figure. */
const wakeTargetOf = ({ singleWakes }: ReleasesResult): Target =>
  atMost({
    what: 'released one by one, 99 of 100 woken after, ms',
    limit: wantedWakeMs,
    value: (singleWakes?.unwoken ?? 0) > 0 ? Infinity : singleWakes?.spread?.p99,
  });

const wantedCanaries = 200;
const wantedSeconds = 45;

/** Of fewer canaries it says nothing; of more, that it is so for fewer. */
const targetOf = ({ canaries, allMs }: ReleasesResult): Target =>
  atMost({
    what: `all of ${wantedCanaries} succeeded, s`,
    limit: wantedSeconds,
    value: canaries >= wantedCanaries ? allMs / 1_000 : undefined,
    digits: 1,
  });
