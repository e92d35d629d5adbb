/** Where the operator limits how many runs go on: who gets a place begins, and who does not says so. */
import type { PlaceAnswer } from '../../canary/queued.ts';
import type { Canary } from '../../canary/canary.ts';
import { answers, hooks, repairs } from './rows.ts';
import type { Row, Table } from './rows.ts';
import { inPhase, usual } from './situations.ts';
import { accepted, started, starts } from './starting.ts';

const { fails, refuses } = answers;

const limited = (canary: Canary): Canary => ({ ...canary, isLimited: true });

/** One that has said a minute ago that it waits. */
function inLine(canary: Canary): Canary {
  const at = new Date(usual.now - 60_000).toISOString();
  const times = { lastUpdateTime: at, lastTransitionTime: at };
  const queued = { type: 'Queued', status: 'True', reason: 'ClusterFull', message: 'before', ...times } as const;
  return limited({ ...canary, status: { ...canary.status, conditions: [queued] } });
}

const place = (answer: Partial<Extract<PlaceAnswer, { kind: 'queued' }>> = {}) => ({
  ok: true as const,
  value: { kind: 'queued', by: 'cluster', position: 3, waiting: 7, runs: 20, most: 20, ...answer },
});

const line = 'ClusterFull: 20 of 20 runs of the cluster go on; it is number 3 of 7 that wait.';
const said =
  'New revision detected! podinfo.test is queued: 20 of 20 runs of the cluster go on; it is number 3 of 7 that wait.';
const gated = hooks(['confirm-rollout', 'gate']);
const gate = 'callHook confirm-rollout gate';

const rows: readonly Row[] = [
  {
    title: 'a revision that is given a place begins its run',
    canary: limited(inPhase('Succeeded')),
    seen: { revision: 'v1-two' },
    asks: [...repairs('100/0'), 'admitRun', ...starts],
    carrying: { admitRun: { since: usual.now } },
    ends: { ...started, becomes: accepted },
  },
  {
    title:
      'without a place nothing is begun: the phase stays, condition and event tell the limit and the place in the line',
    canary: limited(inPhase('Succeeded')),
    seen: { revision: 'v1-two' },
    facts: { admitRun: place() },
    asks: [...repairs('100/0'), 'admitRun'],
    ends: { outcome: 'queued', queued: line, says: [said] },
  },
  {
    title: 'it is said once, and the line is joined since it was said',
    canary: inLine(inPhase('Initialized')),
    seen: { revision: 'v1-two' },
    facts: { admitRun: place() },
    asks: [...repairs('100/0'), 'admitRun'],
    carrying: { admitRun: { since: usual.now - 60_000 } },
    ends: { outcome: 'queued', queued: line },
  },
  {
    title: 'the limit of the namespace is told by its name',
    canary: inLine(inPhase('Failed')),
    seen: { revision: 'v1-three' },
    facts: { admitRun: place({ by: 'namespace', runs: 2, most: 2, position: 1, waiting: 1 }) },
    asks: [...repairs('100/0'), 'admitRun'],
    ends: {
      outcome: 'queued',
      queued: 'NamespaceFull: 2 of 2 runs of namespace test go on; it is number 1 of 1 that wait.',
    },
  },
  {
    title: 'far back in a long line only the order of magnitude is told, or every place that moves up would be written',
    canary: inLine(inPhase('Succeeded')),
    seen: { revision: 'v1-two' },
    facts: { admitRun: place({ position: 137, waiting: 1_204 }) },
    asks: [...repairs('100/0'), 'admitRun'],
    ends: {
      outcome: 'queued',
      queued: 'ClusterFull: 20 of 20 runs of the cluster go on; it is beyond number 100 of more than 1000 that wait.',
    },
  },
  {
    title: 'while nobody knows how many runs go on none begins, and one that waits keeps its time',
    canary: inLine(inPhase('Succeeded')),
    seen: { revision: 'v1-two' },
    facts: { admitRun: { ok: true, value: { kind: 'counting' } } },
    asks: [...repairs('100/0'), 'admitRun'],
    carrying: { admitRun: { since: usual.now - 60_000 } },
    ends: { outcome: 'queued', queued: 'Counting: the runs that go on are being counted.' },
  },
  {
    title: 'one that has its turn begins, and the condition goes',
    canary: inLine(inPhase('Succeeded')),
    seen: { revision: 'v1-two' },
    asks: [...repairs('100/0'), 'admitRun', ...starts],
    ends: { ...started, becomes: accepted },
  },
  {
    title: 'a revision that is taken back leaves the line',
    canary: inLine(inPhase('Succeeded')),
    asks: repairs('100/0'),
    ends: { outcome: 'settled' },
  },
  {
    title: 'who waits for approval holds no place: the gate comes first',
    canary: limited(inPhase('Waiting', { analysis: gated })),
    facts: { [gate]: refuses() },
    asks: [...repairs('100/0'), gate],
    ends: { outcome: 'waiting' },
  },
  {
    title: 'an approved revision waits for its place in Waiting',
    canary: limited(inPhase('Waiting', { analysis: gated })),
    facts: { admitRun: place() },
    asks: [...repairs('100/0'), gate, 'admitRun'],
    ends: { outcome: 'queued', queued: line, says: ['Confirm-rollout check gate passed', said] },
  },
  {
    title: 'the line is no wait that the deadline counts, and the pods of the revision before go meanwhile',
    canary: limited(
      inPhase('Failed', { annotations: { 'aviary.dev/drain-delay': '40s' }, drained: 40_000, waited: 30_000 }),
    ),
    seen: { revision: 'v1-three', target: 'ready' },
    facts: { admitRun: place() },
    asks: [...repairs('100/0'), 'admitRun', 'scaleTarget zero'],
    ends: { outcome: 'queued', becomes: { drained: undefined, waited: undefined }, queued: line, says: [said] },
  },
  {
    title: 'a line that cannot be asked for lets nobody begin',
    canary: limited(inPhase('Succeeded')),
    seen: { revision: 'v1-two' },
    facts: { admitRun: fails('unavailable', 'Redis did not answer') },
    asks: [...repairs('100/0'), 'admitRun'],
    ends: { outcome: 'stopped', becomes: { waited: 0 }, says: ['Redis did not answer'] },
  },
];

export const queuedRuns: Table = { about: 'A limit of runs', rows };
