/** Invalid Canaries are told why, and nothing else happens; the healthy one beside them takes its steps. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import type { KubernetesError } from '../../../platform/kubernetes/error.ts';
import { isKubernetesError } from '../../../platform/kubernetes/error.ts';
import { canaries, deployments, meshHttpRoutes, services } from '../../../platform/kubernetes/resources.ts';
import type { Resource } from '../../../platform/kubernetes/resources.ts';
import { waitFor } from '../../../sandbox/wait.ts';
import { aDeployment } from '../../support/a-deployment.ts';
import { refusedIn, unstored } from '../../support/invalid-canaries.ts';
import { startOutageBench } from '../../support/outage-bench.ts';
import type { OutageBench } from '../../support/outage-bench.ts';
import { setScene } from '../../support/outage-scene.ts';
import { assertOneRun } from '../../support/outcome-of-a-run.ts';
import { eventsOf, reaches } from '../../support/released-canary.ts';
import { conditionOf } from '../../support/stored-object.ts';

const namespace = 'invalid';
const refused = refusedIn(namespace);

let bench: OutageBench;
test.before(async () => {
  bench = await startOutageBench();
  await bench.fleet({});
});
test.after.always(() => bench.close());

const condition = async (name: string, type: string): Promise<unknown> =>
  conditionOf(await bench.cluster.read(namespace, name), type);

const namesOf = async (resource: Resource): Promise<readonly string[]> => {
  const { items } = await bench.cluster.user.list(resource, { namespace });
  return items.map(({ metadata }) => metadata.name).toSorted();
};

/** Each with a target of its own, so that nothing but the error keeps it from running. */
async function createRefused(): Promise<void> {
  const { user } = bench.cluster;
  for (const { name, options } of refused) {
    const target = aDeployment({ name, namespace });
    if (name !== 'rival') await user.create(deployments, target);
    await bench.cluster.canary({ name, namespace, ...options, analysis: { interval: '1s', ...options.analysis } });
  }
}

/** What lies in the namespace is the users' own, and what was made for the healthy ones. */
async function assertNothingWritten(t: ExecutionContext): Promise<void> {
  const targets = refused.map(({ name }) => name).filter((name) => name !== 'rival');
  const healthy = ['podinfo', 'neighbour'];
  const made = healthy.flatMap((name) => [name, `${name}-primary`]);
  t.deepEqual(await namesOf(deployments), [...targets, ...made].toSorted());
  t.deepEqual(await namesOf(services), [...made, ...healthy.map((name) => `${name}-canary`)].toSorted());
  t.deepEqual(await namesOf(meshHttpRoutes), ['podinfo']);
  for (const name of targets) {
    const { metadata } = await bench.cluster.user.get(deployments, { namespace, name });
    t.is(metadata.generation, 1, `${name} is as its user left it`);
  }
}

test.serial('every invalid Canary says once what is wrong, and nothing is written for it', async (t) => {
  const scene = await setScene(t, bench, { namespace });
  await createRefused();
  await scene.release();
  for (const { name } of refused) {
    await waitFor({ what: `${name} to be refused`, seconds: 40, look: () => condition(name, 'Stalled') });
  }
  await assertOneRun(t, bench, scene);
  for (const { name, reason, errors } of refused) {
    const message = errors.join('; ');
    const stalled = await condition(name, 'Stalled');
    const ready = await condition(name, 'Ready');
    t.like(stalled, { status: 'True', reason, message }, name);
    t.like(ready, { status: 'False', reason, message }, name);
    const warnings = errors.map((error) => `1 × Warning invalid canary spec: ${error}`).toSorted();
    t.deepEqual(await eventsOf(bench.cluster, { namespace, name }), warnings, name);
  }
  const said = bench.processes.flatMap((process) => [process.errors(), JSON.stringify(process.lines())]);
  const { status } = await bench.cluster.read(namespace, 'bad-hooks');
  t.false(
    [...said, JSON.stringify(status)].some((text) => text.includes('hunter2')),
    'the address stays secret',
  );
  await assertNothingWritten(t);
});

test.serial('an invalid Canary runs as soon as it is corrected', async (t) => {
  const name = { namespace, name: 'no-step' };
  await bench.cluster.user.mergePatch(canaries, name, { patch: { spec: { analysis: { stepWeight: 10 } } } });
  await reaches(bench.cluster, name, { phase: 'Initialized' });
  t.is(await condition(name.name, 'Stalled'), undefined);
  t.like(await condition(name.name, 'Ready'), { status: 'True' });
});

for (const { what, options, answer } of unstored) {
  test.serial(`the API server refuses ${what} and says where`, async (t) => {
    const error = await t.throwsAsync<KubernetesError>(
      bench.cluster.canary({ name: 'unstored', namespace, ...options }),
    );
    t.true(isKubernetesError(error, 'invalid'));
    for (const part of answer) t.true(error?.message.includes(part), error?.message);
  });
}
