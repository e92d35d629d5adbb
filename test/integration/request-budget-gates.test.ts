/** The request budget of what keeps a run from going on: gates, failed checks, the roll-back, a suspension. */
import test from 'ava';
import { numberAt } from '../../platform/json.ts';
import { canaries, deployments } from '../../platform/kubernetes/resources.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { aDeployment } from '../support/a-deployment.ts';
import { installKuma, requestsIn, startBudgetBench } from '../support/counted-steps.ts';
import type { BudgetBench } from '../support/counted-steps.ts';
import { startReceiver } from '../support/receiver.ts';
import type { Receiver } from '../support/receiver.ts';
import { reaches, releaseOf } from '../support/released-canary.ts';
import { onPerch } from '../support/stand-in-kubelet.ts';

const canary = { namespace: 'budget', name: 'podinfo' };
const refusing = new Set(['/rollout', '/promotion']);
let bench: BudgetBench;
let receiver: Receiver;

test.before(async () => {
  receiver = await startReceiver({ answer: ({ path }) => ({ status: refusing.has(path) ? 403 : 200 }) });
  bench = await startBudgetBench(async (cluster) => {
    await installKuma(cluster);
    await cluster.namespace(canary.namespace);
  });
});

test.after.always(async () => {
  await bench?.close();
  await receiver?.close();
});

const status = 'update canaries/status';
const event = 'create events';
const route = 'patch meshhttproutes';

const hook = (type: string, path: string) => ({ name: path, type, url: `${receiver.url}/${path}` });

/** Lets the run on as soon as so many steps have been kept by what refuses now. */
async function kept(kind: string, { count, by }: { readonly count: number; readonly by: string }): Promise<void> {
  await bench.untilSteps(kind, count);
  refusing.delete(by);
}

/** The pods of the target end with their last connections, some steps after the traffic has left. */
const parked = (): Promise<true> =>
  waitFor({
    what: 'the target to have no pods',
    seconds: 30,
    look: async () => {
      const target = await bench.cluster.user.get(deployments, canary);
      return numberAt(target, 'spec', 'replicas') === 0 ? true : undefined;
    },
  });

const release = (version: number): Promise<void> => releaseOf(bench.cluster, deployments, { ...canary, version });

test('a step that is kept from going on asks for status and event at the most, a roll-back for two of each and the route', async (t) => {
  t.timeout(240_000);
  const { cluster } = bench;
  await cluster.user.create(deployments, aDeployment({ ...canary, podSpec: onPerch }));
  const webhooks = [
    hook('confirm-rollout', 'rollout'),
    hook('confirm-promotion', 'promotion'),
    hook('rollout', 'check'),
  ];
  await cluster.canary({
    ...canary,
    analysis: { interval: '1s', threshold: 3, stepWeight: 50, maxWeight: 50, webhooks },
  });
  await reaches(cluster, canary, { phase: 'Initialized', seconds: 90 });
  await parked();
  await release(2);
  await kept('waiting in Waiting', { count: 5, by: '/rollout' });
  await kept('waiting in WaitingPromotion', { count: 4, by: '/promotion' });
  await reaches(cluster, canary, { phase: 'Succeeded', seconds: 90 });
  refusing.add('/check');
  await release(3);
  await reaches(cluster, canary, { phase: 'Failed', seconds: 60 });
  await parked();
  const untilParked = requestsIn(await bench.untilSteps('settled in Failed', 1), 'settled in Failed').length;
  await bench.untilSteps('settled in Failed', untilParked + 3);
  await cluster.user.mergePatch(canaries, canary, { patch: { spec: { suspend: true } } });
  const steps = await bench.untilSteps('suspended in Failed', 3);
  for (const { kind, requests } of steps) t.log(`${kind}: ${requests.length} ${requests.join(', ')}`);
  const of = (kind: string) => requestsIn(steps, kind);

  const [shut, ...shutStill] = of('waiting in Waiting');
  t.deepEqual(shut, [event, status]);
  t.deepEqual(shutStill.slice(1).flat(), [], 'a gate that stays shut changes nothing');
  const [approved] = of('started in Progressing');
  t.deepEqual(approved, [event, event, 'patch deployments', status]);

  const [tested, ...testedStill] = of('waiting in WaitingPromotion');
  t.deepEqual(tested, [event, status]);
  t.true(testedStill.every((requests) => requests.every((request) => request === status) && requests.length === 1));

  t.deepEqual(
    of('failedCheck in Progressing'),
    [0, 1, 2].map(() => [event, status]),
  );
  t.deepEqual(of('rolledBack in Failed'), [[event, event, route, status, status]]);
  // First it is noted that events have arrived, and the canary's pods go when their connections have ended.
  const failed = of('settled in Failed');
  const last = failed.findIndex((requests) => requests.includes('patch deployments'));
  t.deepEqual(failed[last], ['patch deployments', status]);
  t.deepEqual(
    failed
      .slice(0, last)
      .flat()
      .filter((request) => request !== status),
    [],
  );
  t.deepEqual(failed.slice(last + 1).flat(), []);

  const [suspended, ...suspendedStill] = of('suspended in Failed');
  t.deepEqual(suspended, [event, status]);
  t.deepEqual(suspendedStill.slice(1).flat(), []);
});
