/** What the simulation of very many canaries has measured, and what follows from it for other sizes. */
import { needsOf, unitCostsOf } from '../capacity/arithmetic.ts';
import type { Needs, Settings, Size } from '../capacity/arithmetic.ts';
import type { Drain, Work } from '../capacity/depth.ts';
import type { Question } from '../capacity/questions.ts';
import type { CapacityResult, WithMemory } from '../capacity/result.ts';
import type { RedisSpan } from '../capacity/redis-probe.ts';
import type { TickSaid } from '../capacity/scheduler.ts';
import type { Section } from './section.ts';
import { fixed, renderTable } from './table.ts';
import { atMost } from './targets.ts';
import type { Target } from './targets.ts';
import type { Column } from './table.ts';

interface PieceRow {
  readonly what: string;
  readonly work: Work;
}

const spanColumns = <Row>(spanOf: (row: Row) => RedisSpan): readonly Column<Row>[] => [
  { head: 'longest command, ms', cell: (row) => fixed(spanOf(row).longestCommandMs, 1) },
  { head: 'of 10 ms and more', cell: (row) => fixed(spanOf(row).over10Ms) },
  { head: 'longest ping, ms', cell: (row) => fixed(spanOf(row).longestPingMs) },
];

const pieces: readonly Column<PieceRow>[] = [
  { head: 'job', cell: ({ what }) => what, side: 'left' },
  { head: 'jobs', cell: ({ work }) => fixed(work.jobs) },
  { head: 'Redis CPU a job, ms', cell: ({ work }) => fixed((work.span.cpuSeconds * 1_000) / work.jobs, 3) },
  { head: 'scripts a job', cell: ({ work }) => fixed(work.span.scripts / work.jobs, 2) },
  { head: 'jobs/s', cell: ({ work }) => fixed(work.jobs / work.span.seconds) },
  ...spanColumns<PieceRow>(({ work }) => work.span),
];

const drains: readonly Column<Drain>[] = [
  { head: 'steps', cell: ({ kind }) => (kind === 'rest' ? 'at rest' : 'with a lease'), side: 'left' },
  { head: 'worker processes', cell: ({ processes }) => fixed(processes) },
  { head: 'jobs', cell: ({ jobs }) => fixed(jobs) },
  { head: 'jobs/s', cell: ({ perSecond }) => fixed(perSecond) },
  { head: 'Redis CPU a job, ms', cell: ({ span, jobs }) => fixed((span.cpuSeconds * 1_000) / jobs, 3) },
  { head: 'worker CPU a job, ms', cell: ({ workerCpuMs }) => fixed(workerCpuMs, 2) },
  { head: 'scripts a job', cell: ({ span, jobs }) => fixed(span.scripts / jobs, 2) },
  ...spanColumns<Drain>(({ span }) => span),
];

interface TickRow {
  readonly when: string;
  readonly tick: TickSaid;
}

const ticks: readonly Column<TickRow>[] = [
  { head: 'tick', cell: ({ when }) => when, side: 'left' },
  { head: 'slots in its window', cell: ({ tick }) => fixed(tick.steps) },
  { head: 'took, ms', cell: ({ tick }) => fixed(tick.durationMs) },
  { head: 'CPU, ms', cell: ({ tick }) => fixed(tick.cpuMs) },
  { head: 'event loop held up, ms', cell: ({ tick }) => fixed(tick.longestBlockMs) },
  { head: 'RSS, MiB', cell: ({ tick }) => fixed(tick.rssMiB) },
];

const questions: readonly Column<Question>[] = [
  { head: 'question', cell: ({ name }) => name, side: 'left' },
  { head: 'asked by', cell: ({ asker }) => asker, side: 'left' },
  { head: 'ms', cell: ({ ms }) => fixed(ms) },
  { head: 'Redis CPU, ms', cell: ({ span }) => fixed(span.cpuSeconds * 1_000) },
  ...spanColumns<Question>(({ span }) => span),
];

const inWhole = (values: readonly number[]): string => values.map((value) => fixed(value)).join(', ');

const everyday: readonly Column<WithMemory>[] = [
  { head: 'canaries', cell: ({ canaries }) => fixed(canaries) },
  { head: 'workers', cell: ({ workers }) => fixed(workers) },
  { head: 'stretch', cell: ({ stretch }) => fixed(stretch, 2) },
  { head: 'slots due', cell: ({ judgement }) => fixed(judgement.due) },
  { head: 'taken', cell: ({ judgement }) => fixed(judgement.taken) },
  { head: 'twice', cell: ({ judgement }) => fixed(judgement.doubles) },
  { head: 'late p50, ms', cell: ({ judgement }) => fixed(judgement.lateness?.p50 ?? Number.NaN) },
  { head: 'p99', cell: ({ judgement }) => fixed(judgement.lateness?.p99 ?? Number.NaN) },
  { head: 'steps/s', cell: ({ perSecond }) => fixed(perSecond) },
  { head: 'Redis cores', cell: ({ redis }) => fixed(redis.cpuSeconds / redis.seconds, 2) },
  { head: 'longest ping, ms', cell: ({ redis }) => fixed(redis.longestPingMs) },
  { head: 'ticks, ms', cell: (row) => inWhole(row.tickMs), side: 'left' },
  { head: 'event loop held up, ms', cell: ({ longestBlockMs }) => fixed(longestBlockMs) },
  { head: 'scheduler heap, MiB', cell: ({ memory }) => fixed(memory.heapMiB) },
  { head: 'RSS', cell: ({ memory }) => fixed(memory.rssMiB) },
];

interface NeedsRow {
  readonly usual: Needs;
  readonly short: Needs;
}

const needs: readonly Column<NeedsRow>[] = [
  { head: 'canaries', cell: ({ usual }) => fixed(usual.canaries) },
  { head: 'interval, s', cell: ({ usual }) => fixed(usual.intervalSeconds) },
  { head: 'steps/s', cell: ({ usual }) => fixed(usual.stepsPerSecond) },
  { head: 'Redis scripts/s', cell: ({ usual }) => fixed(usual.scriptsPerSecond) },
  { head: 'Redis cores', cell: ({ usual }) => fixed(usual.redisCores, 2) },
  { head: 'Redis MiB, kept 180 s', cell: ({ usual }) => fixed(usual.redisMiB) },
  { head: 'kept 50 s', cell: ({ short }) => fixed(short.redisMiB) },
  { head: 'API requests/s, 1 % under way', cell: ({ usual }) => fixed(usual.requestsOfOnePerCent) },
  { head: 'all under way', cell: ({ usual }) => fixed(usual.requestsOfAll) },
  { head: 'scheduler heap, MiB', cell: ({ usual }) => fixed(usual.schedulerMiB) },
  { head: 'worker cores for the queue', cell: ({ usual }) => fixed(usual.workerCores, 1) },
];

const horizonSeconds = 25;
const kept: Settings = { horizonSeconds, keptSeconds: 180 };
const keptShort: Settings = { horizonSeconds, keptSeconds: 2 * horizonSeconds };
const sizes: readonly Size[] = [1_000, 10_000, 100_000].flatMap((canaries) =>
  [10, 30, 60].map((intervalSeconds) => ({ canaries, intervalSeconds })),
);

function figuresOf(result: CapacityResult): string {
  const { depth, first, later } = result;
  const costs = unitCostsOf(result);
  const rows = [
    { what: 'added', work: depth.added },
    { what: 'taken, by hand', work: depth.taken },
    { what: 'finished, by hand', work: depth.finished },
  ];
  const { tick, span, jobs, redisMiB } = first;
  const told = [{ when: 'first', tick }, ...later.ticks.map((one) => ({ when: 'without workers', tick: one }))];
  return [
    renderTable(pieces, rows),
    `\nA job that waits takes ${fixed(depth.bytesWaiting)} bytes of Redis, one that has ended ${fixed(depth.bytesFinished)}.\n`,
    renderTable(drains, depth.drains),
    '',
    renderTable(ticks, told),
    `\nAfter the first tick ${fixed(jobs.waiting)} jobs are due and ${fixed(jobs.delayed)} are not yet, ${fixed(redisMiB)} MiB of`,
    `Redis; it cost Redis ${fixed(span.cpuSeconds, 1)} s, and its longest command ${fixed(span.longestCommandMs, 1)} ms. In the ticks`,
    `without workers the longest one took ${fixed(later.span.longestCommandMs, 1)} ms, and a ping ${fixed(later.span.longestPingMs)} ms.\n`,
    renderTable(questions, result.questions),
    '',
    renderTable(everyday, [result.full, result.tenth]),
    `\nComputed from these, a canary at ${fixed(costs.schedulerBytes)} bytes of the scheduler's heap:\n`,
    renderTable(
      needs,
      sizes.map((size) => ({ usual: needsOf(costs, size, kept), short: needsOf(costs, size, keptShort) })),
    ),
  ].join('\n');
}

export const capacity = (result: CapacityResult): Section => ({
  about:
    'No cluster: the resident scheduler on a generated source, a real Redis with all of the jobs, and workers whose steps ' +
    'only note how late they are. Intervals are 10, 20, 30 and 60 s in turn, 200 canaries to a namespace. ' +
    'What it means is in [capacity.md](capacity.md).',
  targets: targetsOf(result),
  figures: figuresOf(result),
});

/** With stretched intervals slots are left out on purpose, so only what nothing is left out of tells whether any is lost. */
function targetsOf({ full, tenth }: CapacityResult): readonly Target[] {
  const lost = ({ stretch, judgement }: WithMemory): number | undefined =>
    stretch > 1 ? undefined : judgement.due - judgement.taken;
  return [
    atMost({ what: `slots lost, ${fixed(full.canaries)} canaries`, limit: 0, value: lost(full) }),
    atMost({ what: `slots lost, ${fixed(tenth.canaries)} canaries`, limit: 0, value: lost(tenth) }),
    atMost({ what: 'slots taken twice', limit: 0, value: full.judgement.doubles + tenth.judgement.doubles }),
  ];
}
