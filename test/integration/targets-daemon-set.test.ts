import test from 'ava';
import { recordAt, valueAt } from '../../platform/json.ts';
import { daemonSets } from '../../platform/kubernetes/resources.ts';
import { targetContract } from '../contract/target.contract.ts';
import { aDaemonSet } from '../support/a-deployment.ts';
import { aStep } from '../support/a-step.ts';
import { aDeploymentTarget, firstId } from '../support/deployment-target.ts';
import type { DeploymentFixture, SetUp } from '../support/deployment-target.ts';
import { startLightClient } from '../support/light-client.ts';
import type { LightClient } from '../support/light-client.ts';

let light: LightClient;
test.before(async () => {
  light = await startLightClient();
});
test.after.always(() => light.close());

const setUp = (name: string, options?: SetUp): Promise<DeploymentFixture> =>
  aDeploymentTarget(light, `daemon-${name}`, { ...options, kind: 'DaemonSet' });

targetContract(test.serial, 'DaemonSet', (name) => setUp(name));

const selectorOf = (workload: unknown): unknown => recordAt(workload, 'spec', 'template', 'spec', 'nodeSelector');

test.serial('a parked DaemonSet keeps its own node selector, and gets it back alone', async (t) => {
  const { canary, target, namespace } = await setUp('parked', {
    deployment: aDaemonSet({ podSpec: { nodeSelector: { disk: 'ssd' } } }),
  });
  const now = () => light.user.get(daemonSets, { namespace, name: 'podinfo' });
  const { revision } = await target.observe(aStep(canary));
  await target.scale(aStep(canary), 'zero');
  t.deepEqual(selectorOf(await now()), { disk: 'ssd', 'flagger.app/scale-to-zero': 'true' });
  t.deepEqual((await target.observe(aStep(canary))).revision, revision, 'parking is no release');
  await target.scale(aStep(canary), 'running');
  t.deepEqual(selectorOf(await now()), { disk: 'ssd' });
});

test.serial('a primary that is made of a parked DaemonSet does without its selector', async (t) => {
  const { canary, target, primary } = await setUp('unparked');
  await target.scale(aStep(canary), 'zero');
  await target.ensurePrimary(aStep(canary), { follow: false, flaggerId: firstId });
  t.is(selectorOf(await primary()), undefined);
});

test.serial('the primary carries strategy and pace of its target, and no number of pods', async (t) => {
  const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 2, maxSurge: 0 } };
  const { canary, target, primary } = await setUp('copied', {
    deployment: aDaemonSet({ spec: { updateStrategy, minReadySeconds: 7, revisionHistoryLimit: 3 } }),
  });
  await target.ensurePrimary(aStep(canary), { follow: false, flaggerId: firstId });
  const made = await primary();
  t.like(made, { spec: { updateStrategy, minReadySeconds: 7, revisionHistoryLimit: 3 } });
  t.is(valueAt(made, 'spec', 'replicas'), undefined);
});

test.serial('a DaemonSet that is replaced by hand is refused, with its strategy', async (t) => {
  const { canary, target } = await setUp('by-hand', {
    deployment: aDaemonSet({ spec: { updateStrategy: { type: 'OnDelete' } } }),
  });
  await t.throwsAsync(target.observe(aStep(canary)), {
    message: /daemonset podinfo\.\S+ must have RollingUpdate strategy but have OnDelete$/,
  });
});
