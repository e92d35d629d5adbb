/**
 * Nothing is stuck (invariant 9): whatever stands in the status and whatever state the cluster is in, the canary comes
 * to rest, or says in a condition what it waits for; and once pods can start it takes up the next revision.
 *
 * AVIARY_SEED and AVIARY_PATH replay a failure.
 */
import test from 'ava';
import fc from 'fast-check';
import { Phase } from '../../canary/canary.ts';
import type { Canary, CanaryStatus } from '../../canary/canary.ts';
import { allRouted, deadlineTold, noValuesTooLong, preRolloutOwed, withoutPrimary } from '../../canary/notes.ts';
import { parseStatus } from '../../canary/parse-status.ts';
import { createSimulatedCluster } from '../../sandbox/simulated/cluster.ts';
import type { SimulatedCluster } from '../../sandbox/simulated/cluster.ts';
import { createSession } from '../../sandbox/simulated/session.ts';
import type { Session } from '../../sandbox/simulated/session.ts';
import type { ClusterState, Release, Workload } from '../../sandbox/simulated/workloads.ts';
import { broken, failing, good, intervalMs, storyCanary } from '../canary/story.ts';

const start = 2_000_000_000_000;
const podStart = 7_000;

const hash = fc.constantFrom(undefined, '', '5f56684589', 'v1-one', 'v1-two');
const time = fc.constantFrom(
  undefined,
  'no time',
  '2020-01-01T00:00:00.000Z',
  new Date(start - intervalMs).toISOString(),
);
const decision = fc.constantFrom<unknown>(
  undefined,
  { kind: 'rollback', cause: 'FailedChecks' },
  { kind: 'promote' },
  { kind: 'unheard of' },
);
/** As another controller, another version or somebody's editor may have left it. */
const run = fc.record({
  id: fc.constantFrom('', 'a-run'),
  lastStepTime: time,
  lastSlot: fc.constantFrom(undefined, 0, Math.floor(start / intervalMs)),
  waitingSince: time,
  drainingSince: time,
  sizing: fc.constantFrom(
    undefined,
    { replicas: 3, since: '2020-01-01T00:00:00.000Z' },
    { replicas: 3, since: 'soon' },
  ),
  decision,
  owed: fc.constantFrom(undefined, 'Succeeded', 'Failed'),
  mirrored: fc.boolean(),
  checkErrors: fc.integer({ min: -1, max: 9 }),
  said: fc.subarray([withoutPrimary, preRolloutOwed, allRouted, noValuesTooLong, deadlineTold]),
});

const status = fc.record({
  phase: fc.constantFrom(undefined, ...Object.values(Phase)),
  canaryWeight: fc.integer({ min: -10, max: 120 }),
  iterations: fc.integer({ min: -1, max: 5 }),
  failedChecks: fc.integer({ min: 0, max: 9 }),
  lastAppliedSpec: hash,
  lastPromotedSpec: hash,
  run: fc.option(run, { nil: undefined }),
});

const release = fc.constantFrom(good('one'), good('two'), failing('two'), broken('two'));
const workload = (leastReplicas: number): fc.Arbitrary<Workload> =>
  fc.record({
    release,
    replicas: fc.integer({ min: leastReplicas, max: 2 }),
    readyAt: fc.constantFrom(0, start + 100_000),
    kept: fc.constantFrom(0, 1),
  });

const world = fc.record({
  target: workload(0),
  // Without pods it would be because somebody wants it so.
  primary: fc.option(workload(1), { nil: undefined }),
  routes: fc.constantFrom(
    undefined,
    ...[0, 30, 100].map((canary) => ({ primary: 100 - canary, canary, mirrored: false })),
  ),
  apexServesPrimary: fc.boolean(),
});

const specs = fc.constantFrom<readonly [object, object]>(
  [{}, {}],
  [{ stepWeightPromotion: 30 }, {}],
  [{}, { skipAnalysis: true }],
  [{ maxWeight: undefined, stepWeight: undefined, iterations: 2 }, {}],
  [{ maxWeight: undefined, stepWeight: undefined, iterations: 2 }, { provider: 'kubernetes' }],
  [{ maxWeight: undefined, stepWeight: undefined, iterations: 2, match: [{ headers: { a: { exact: 'b' } } }] }, {}],
);

interface Life {
  readonly session: Session;
  readonly cluster: SimulatedCluster;
  now: number;
}

function live(life: Life, slots: number): void {
  for (let slot = 0; slot < slots; slot += 1, life.now += intervalMs) life.session.step(life.now);
}

const statusOf = ({ session }: Life): CanaryStatus => session.canary().status;
const isSettled = ({ phase }: CanaryStatus): boolean => ['Initialized', 'Succeeded', 'Failed'].includes(phase ?? '');
const isStalled = ({ conditions }: CanaryStatus): boolean => conditions.some(({ type }) => type === 'Stalled');

/** At rest, or waiting in the open. */
function checkRest(life: Life): void {
  const now = statusOf(life);
  const starts = (one: Release | undefined): boolean => one?.starts ?? false;
  const { target, primary, routes } = life.cluster.state();
  if (!isSettled(now) && !isStalled(now)) throw new Error(`stuck: ${whereabouts(life)}`);
  if (!starts(target.release) || !starts(primary?.release)) return;
  // Pods that somebody gives a settled target are no business of ours.
  if (!isSettled(now) || (routes?.canary ?? 0) !== 0) throw new Error(`not at rest: ${whereabouts(life)}`);
}

/** The release that mends everything is taken up from wherever the canary is. */
function checkNextRelease(life: Life): void {
  life.cluster.release(good('mended'), life.now);
  live(life, 60);
  const { primary, target, routes } = life.cluster.state();
  const isServed = primary?.release.name === 'mended' && target.replicas === 0 && (routes?.canary ?? 0) === 0;
  if (!isSettled(statusOf(life)) || !isServed) throw new Error(`not taken up: ${whereabouts(life)}`);
}

const whereabouts = ({ session, cluster }: Life): string =>
  JSON.stringify({ status: session.canary().status, cluster: cluster.state() });

function begin(stored: unknown, state: Partial<ClusterState>, [analysis, spec]: readonly [object, object]): Life {
  const canary: Canary = { ...storyCanary(analysis, spec), status: parseStatus(JSON.parse(JSON.stringify(stored))) };
  const cluster = createSimulatedCluster(good('one'), podStart, state);
  return { session: createSession(canary, cluster), cluster, now: start };
}

const environment = process.env;
const seed = environment['AVIARY_SEED'] ?? (environment['CI'] === undefined ? undefined : '20261126');

test('from any stored status and any state of the cluster the canary comes to rest or says what it waits for', (t) => {
  const property = fc.property(status, world, specs, (stored, state, spec) => {
    const life = begin(stored, state, spec);
    live(life, 60);
    checkRest(life);
    checkNextRelease(life);
  });
  const replay = environment['AVIARY_PATH'] === undefined ? {} : { path: environment['AVIARY_PATH'] };
  const parameters = {
    numRuns: Number(environment['AVIARY_HISTORIES'] ?? 2_000),
    ...(seed === undefined ? {} : { seed: Number(seed) }),
    ...replay,
  };
  t.notThrows(() => fc.assert(property, { includeErrorInReport: true, ...parameters }));
});
