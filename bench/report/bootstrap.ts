import { roles } from '../measure/window.ts';
import type { Totals } from '../measure/window.ts';
import type { BootstrapResult } from '../results.ts';
import type { Section } from './section.ts';
import { fixed, renderTable } from './table.ts';
import type { Column } from './table.ts';
import { roleNames } from './window-table.ts';

const seconds = (milliseconds: number | undefined): string =>
  milliseconds === undefined ? 'none' : fixed(milliseconds / 1_000, 1);

const times: readonly Column<BootstrapResult>[] = [
  { head: 'canaries', cell: ({ canaries }) => fixed(canaries) },
  { head: 'workers', cell: ({ workers }) => fixed(workers) },
  { head: 'all created after, s', cell: ({ creatingMs }) => seconds(creatingMs) },
  { head: 'all initialized after', cell: ({ allMs }) => seconds(allMs) },
  { head: 'each p50', cell: ({ ends }) => seconds(ends?.p50) },
  { head: 'p99', cell: ({ ends }) => seconds(ends?.p99) },
  { head: 'max', cell: ({ ends }) => seconds(ends?.max) },
  { head: 'requests a canary', cell: ({ canaries, totals }) => fixed(sumOf(totals.requests) / canaries, 1) },
];

const processor: readonly Column<BootstrapResult>[] = [
  ...roles.map((role) => ({
    head: roleNames[role],
    cell: ({ totals }: BootstrapResult) => fixed(totals.cpu[role], 1),
  })),
  { head: 'benchmark', cell: ({ benchCpu }) => fixed(benchCpu, 1) },
  { head: 'all', cell: (result) => fixed(allCpu(result), 1) },
  { head: 'of the processors', cell: (result) => percent(allCpu(result) / (result.cores * result.totals.seconds)) },
];

type Kind = readonly [kind: string, each: number];

const requests: readonly Column<Kind>[] = [
  { head: 'requests of the workers', cell: ([kind]) => kind, side: 'left' },
  { head: 'a canary', cell: ([, each]) => fixed(each, 2) },
];

/** Rarer ones are left out. */
const leastRequests = 0.01;

export const bootstrap = (result: BootstrapResult): Section => ({
  about:
    'Canaries that are all created at once, beside Deployments that are there already. For each of them Aviary creates a ' +
    'primary and its configs, three Services and a route; their interval is 10 s. Seconds from the first Canary on.',
  figures: [
    renderTable(times, [result]),
    `\n${servicesText(result)}\n\nSeconds on a processor meanwhile, by process; the benchmark plays the nodes:\n`,
    renderTable(processor, [result]),
    '',
    renderTable(requests, kindsOf(result)),
  ].join('\n'),
});

function servicesText({ servicesAlone: { count, ms }, allMs }: BootstrapResult): string {
  return (
    `Creating as many Services as there are then, ${fixed(count)}, on the same API server and nothing besides takes ` +
    `${seconds(ms)} s: ${percent(ms / allMs)} of the time.`
  );
}

const kindsOf = ({ canaries, totals }: BootstrapResult): readonly Kind[] =>
  Object.entries(totals.requests)
    .map(([kind, count]): Kind => [kind, count / canaries])
    .filter(([, each]) => each >= leastRequests);

const sumOf = (counts: Totals['requests']): number => Object.values(counts).reduce((sum, count) => sum + count, 0);

const allCpu = ({ totals, benchCpu }: BootstrapResult): number =>
  roles.reduce((sum, role) => sum + totals.cpu[role], benchCpu);

const percent = (share: number): string => `${fixed(share * 100)} %`;
