/** The same budget for a route whose Gateway writes into it after every step: its report is heard of, never asked for. */
import test from 'ava';
import { arrayAt, numberAt } from '../../platform/json.ts';
import { deployments, httpRoutesV1 } from '../../platform/kubernetes/resources.ts';
import { aDeployment } from '../support/a-deployment.ts';
import { expectByWeight, startBudgetBench } from '../support/counted-steps.ts';
import type { BudgetBench } from '../support/counted-steps.ts';
import { httpRouteDefinition, install } from '../support/definitions.ts';
import { reaches, release } from '../support/released-canary.ts';
import { startStandInGateway } from '../support/stand-in-gateway.ts';
import type { StandInGateway } from '../support/stand-in-gateway.ts';
import { onPerch } from '../support/stand-in-kubelet.ts';

const canary = { namespace: 'budget', name: 'podinfo' };
let bench: BudgetBench;
let gateway: StandInGateway;

test.before(async () => {
  bench = await startBudgetBench(async (cluster) => {
    await install(cluster.user, await httpRouteDefinition());
    await cluster.namespace(canary.namespace);
    gateway = startStandInGateway(cluster.user);
  });
});

test.after.always(async () => {
  await gateway?.stop();
  await bench?.close();
});

/** Whatever is asked for beyond these belongs to the ends of a run, not to its steps. */
const stepByWeight = ['patch httproutes', 'update canaries/status', 'create events'];

test('a settled step asks nothing of the API server, a step by weight for HTTPRoute, status and event', async (t) => {
  t.timeout(180_000);
  const { cluster } = bench;
  await cluster.user.create(deployments, aDeployment({ ...canary, podSpec: onPerch }));
  await cluster.canary({
    ...canary,
    spec: { provider: 'gatewayapi:v1' },
    service: { gatewayRefs: [{ name: 'public', namespace: 'infra' }] },
    analysis: { interval: '1s', threshold: 2, stepWeight: 10, maxWeight: 50 },
  });
  await reaches(cluster, canary, { phase: 'Initialized', seconds: 90 });
  await release(cluster, canary, 2);
  await reaches(cluster, canary, { phase: 'Succeeded', seconds: 90 });
  const steps = await bench.untilSteps('settled in Succeeded', 6);
  for (const { kind, requests } of steps) t.log(`${kind}: ${requests.length} ${requests.join(', ')}`);
  const of = (kind: string) => steps.filter((step) => step.kind === kind).map(({ requests }) => requests);

  const route = await cluster.user.get(httpRoutesV1, canary);
  const reported = arrayAt(route, 'status', 'parents', 0, 'conditions');
  t.is(numberAt(reported, 0, 'observedGeneration'), route.metadata.generation, 'the Gateway has a say in this');
  // The first one scales the target down when its connections have ended.
  t.deepEqual(of('settled in Succeeded').slice(1).flat(), []);
  expectByWeight(t, of('advanced in Progressing'), stepByWeight);
});
