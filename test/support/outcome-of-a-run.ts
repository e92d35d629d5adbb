/** What the outside sees of an initialization and one successful run: nothing is missing, and nothing is there twice. */
import type { ExecutionContext } from 'ava';
import { arrayAt } from '../../platform/json.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { turnDelayMs } from '../../worker/jobs/alerts.ts';
import { defaultTiming } from '../../worker/jobs/queue-workers.ts';
import type { CanaryRecord } from './canary-record.ts';
import type { OutageBench } from './outage-bench.ts';
import { explainOwed, takenBack } from './owed-announcements.ts';
import { eventsOf, reaches } from './released-canary.ts';
import type { CanaryName } from './released-canary.ts';

/** What the weights of a run of `weighted` are, in the status and, undisturbed, in the route. */
export const weightsOfARun = [0, 10, 20, 30, 0];

/** The alerts of an initialization and one successful run, in their order. */
export const alertsOfARun = [
  'New Deployment detected, initialization completed.',
  'New revision detected, progressing canary analysis.',
  'Canary analysis completed successfully, promotion finished.',
];

/** The events of an initialization and one successful run of `weighted`, each recorded once. */
const eventsOfARun = ({ namespace, name }: CanaryName): readonly string[] =>
  [
    'all the metrics providers are available!',
    `Initialization done! ${name}.${namespace}`,
    `New revision detected! Scaling up ${name}.${namespace}`,
    `Starting canary analysis for ${name}.${namespace}`,
    ...[10, 20, 30].map((weight) => `Advance ${name}.${namespace} canary weight ${weight}`),
    `Copying ${name}.${namespace} template spec to ${name}-primary.${namespace}`,
    'Routing all traffic to primary',
    `Promotion completed! Scaling down ${name}.${namespace}`,
  ]
    .map((text) => `1 × Normal ${text}`)
    .toSorted();

/** Waiting for pods is said at every step that waits: how often is a matter of timing. */
export const withoutWaiting = (all: readonly string[]): readonly string[] =>
  all.filter((text) => !text.includes(' not ready: '));

/**
 * Until the outbox of a canary is empty whose worker was killed with one of its alerts: the lock runs out, a check notices,
 * which the check of another worker may have put off, each alert behind it looks for its turn, and the next of the steps,
 * one a second, clears it.
 */
const lostAlertMs =
  defaultTiming.lockDuration + 2 * defaultTiming.stalledInterval + alertsOfARun.length * turnDelayMs + 1_000;

/** Waits until the canary is in this phase and all that it had to announce has gone out. */
export async function concludes(bench: OutageBench, canary: CanaryName, phase: string): Promise<void> {
  await reaches(bench.cluster, canary, { phase });
  await waitFor({
    what: `announcements of ${canary.namespace}/${canary.name}`,
    seconds: lostAlertMs / 1_000,
    every: 100,
    look: async () => {
      const { namespace, name } = canary;
      const owed = arrayAt(await bench.cluster.read(namespace, name), 'status', 'outbox');
      return owed.length === 0 ? true : undefined;
    },
    explain: () => explainOwed(bench, canary),
  });
}

/**
 * Waits for as many alerts as are expected, and asserts that they are these and no others. An alert whose worker was
 * killed between the receiver's answer and its note comes twice, as no receiver knows a repeated one; only such a one may.
 */
export async function assertAlerts(
  t: ExecutionContext,
  bench: OutageBench,
  { canary, alerts = alertsOfARun }: { readonly canary: CanaryName; readonly alerts?: readonly string[] },
): Promise<void> {
  const { namespace, name } = canary;
  const arrived = (): readonly string[] => {
    const all = bench.alerts(namespace, name);
    const once = all.filter((text, place) => text !== all[place - 1]);
    return all.length - once.length > takenBack(bench, canary) ? all : once;
  };
  await waitFor({
    what: `${alerts.length} alerts of ${namespace}/${name}`,
    seconds: 20,
    look: () => (arrived().length >= alerts.length ? true : undefined),
    explain: () => arrived().join('\n'),
  });
  t.deepEqual(arrived(), alerts);
}

export interface ExpectedRun {
  readonly podinfo: CanaryName;
  readonly neighbour: CanaryName;
  readonly record: CanaryRecord;
  /** The canary's shares in the route, if something disturbed them. */
  readonly shares?: readonly number[];
  /** Events that a disturbance may bring, however often. */
  readonly disturbance?: RegExp;
}

/** Waits for the end of both canaries' runs and asserts that podinfo's, of `weighted`, was a run like any other. */
export async function assertOneRun(t: ExecutionContext, bench: OutageBench, expected: ExpectedRun): Promise<void> {
  const { podinfo, neighbour, record, shares = weightsOfARun, disturbance } = expected;
  for (const canary of [podinfo, neighbour]) await concludes(bench, canary, 'Succeeded');
  t.deepEqual(record.weights(podinfo.name), weightsOfARun);
  t.deepEqual(record.shares(podinfo.name), shares);
  const bad = record.statuses(podinfo.name).filter(({ failedChecks, checkErrors }) => failedChecks + checkErrors > 0);
  t.deepEqual(bad, []);
  const said = withoutWaiting(await eventsOf(bench.cluster, podinfo));
  t.deepEqual(disturbance === undefined ? said : said.filter((text) => !disturbance.test(text)), eventsOfARun(podinfo));
  for (const canary of [podinfo, neighbour]) await assertAlerts(t, bench, { canary });
}
