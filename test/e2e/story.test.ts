/**
 * The mission's story on a real node: real API server, kubelet, pods, Redis, Prometheus and Envoy. One node for all of
 * it, because each chapter goes on where the last one ended.
 */
import anyTest from 'ava';
import type { TestFn } from 'ava';
import { arrayAt, recordAt, stringAt, valueAt } from '../../platform/json.ts';
import {
  deployments,
  horizontalPodAutoscalers,
  meshHttpRoutes,
  services,
} from '../../platform/kubernetes/resources.ts';
import { inOrder } from '../../sandbox/demo/chapters.ts';
import { projectDirectory } from '../../sandbox/environment.ts';
import { createProgress } from '../../sandbox/progress.ts';
import { openStory } from '../../sandbox/story/cluster.ts';
import type { StoryCluster } from '../../sandbox/story/cluster.ts';
import { shortStory } from '../../sandbox/story/example.ts';
import { kumaPlane } from '../../sandbox/story/kuma-plane.ts';
import { storyNamespace as namespace } from '../../sandbox/story/objects.ts';
import {
  assertNobodyNoticed,
  eventsWith,
  eventually,
  isPlausible,
  killHolder,
  openRedis,
  primaryImage,
  replicasAfterDrain,
  sharesByWeight,
  until,
} from './watching.ts';

const test = anyTest as TestFn<{ story: StoryCluster }>;

const weights = [10, 20, 30, 40, 50];
const steps = weights.map((weight) => new RegExp(`^Advance podinfo\\.test canary weight ${weight}$`));

test.before('the node is up and Aviary runs', async (t) => {
  const story = await openStory({
    name: 'e2e',
    plane: kumaPlane,
    shortening: shortStory,
    root: projectDirectory,
    progress: createProgress((line) => console.log(`  ${line}`)),
    lifetime: 'process',
  });
  t.context = { story };
});

test.after.always('the node ends', async (t) => {
  await t.context.story?.close();
});

test.serial(
  'bootstrap makes primary, autoscaler, Services and route, owned by the Canary, and parks the target',
  async (t) => {
    const { story } = t.context;
    await story.begin();
    await until(story, ({ phase }) => phase === 'Initialized', { seconds: 90, what: 'Initialized' });
    const { client } = story;
    const { metadata } = await story.canary();
    const owner = { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', name: 'podinfo', uid: metadata.uid };

    const primary = await client.get(deployments, { namespace, name: 'podinfo-primary' });
    t.like(primary.metadata.ownerReferences?.[0], { ...owner, controller: true, blockOwnerDeletion: true });
    t.is(stringAt(primary, 'spec', 'selector', 'matchLabels', 'app'), 'podinfo-primary');
    const scaler = await client.get(horizontalPodAutoscalers, { namespace, name: 'podinfo-primary' });
    t.is(stringAt(scaler, 'spec', 'scaleTargetRef', 'name'), 'podinfo-primary');
    t.like(scaler.metadata.ownerReferences?.[0], owner);
    for (const [name, app] of [
      ['podinfo', 'podinfo-primary'],
      ['podinfo-primary', 'podinfo-primary'],
      ['podinfo-canary', 'podinfo'],
    ] as const) {
      const service = await client.get(services, { namespace, name });
      t.is(stringAt(service, 'spec', 'type'), 'ClusterIP', name);
      t.is(stringAt(service, 'spec', 'selector', 'app'), app, name);
      t.is(service.metadata.annotations?.['9898.service.kuma.io/protocol'], 'http', name);
      t.like(service.metadata.ownerReferences?.[0], owner, name);
    }
    t.is(await replicasAfterDrain(story), 0);
    const route = await client.get(meshHttpRoutes, { namespace, name: 'podinfo' });
    t.is(route.metadata.labels?.['kuma.io/mesh'], 'default');
    t.like(route.metadata.ownerReferences?.[0], owner);
  },
);

test.serial('a good release gets the traffic that its weights say, and no visitor notices', async (t) => {
  const { story } = t.context;
  await servedVisitors(story);
  const before = await story.traffic();
  await story.release('6.9.2-next');
  await until(story, ({ phase }) => phase === 'Progressing', { seconds: 30, what: 'Progressing' });
  const shares = await sharesByWeight(story, '6.9.2-next');
  await until(story, ({ phase }) => phase === 'Succeeded', { seconds: 120, what: 'Succeeded' });
  const after = await story.traffic();

  for (const weight of weights) {
    const share = shares.get(weight);
    t.truthy(share, `traffic was counted at weight ${weight}`);
    if (share === undefined) continue;
    t.log(`weight ${weight}: ${share.canary} of ${share.all} requests reached the new release`);
    t.true(share.all >= 50, `enough requests at weight ${weight}`);
    t.true(isPlausible(share, weight), `weight ${weight}: ${share.canary} of ${share.all}`);
  }
  assertNobodyNoticed(t, before, after);
  const events = await eventsWith(story, 'Promotion completed! Scaling down podinfo.test');
  t.true(
    inOrder(events, [
      /^New revision detected! Scaling up podinfo\.test$/,
      ...steps,
      /^Copying podinfo\.test template spec to podinfo-primary\.test$/,
      /^Routing all traffic to primary$/,
      /^Promotion completed! Scaling down podinfo\.test$/,
    ]),
    events.join('\n'),
  );
  t.true(events.includes('Pre-rollout check acceptance-test passed'));
  t.is(await primaryImage(story), 'sandbox.local/podinfo:6.9.2-next');
  t.is(await replicasAfterDrain(story), 0);
  const succeeded = 'Canary analysis completed successfully, promotion finished.';
  t.deepEqual(
    (
      await eventually(
        () => story.messages(),
        (list) => list.at(-1) === succeeded,
      )
    ).slice(-2),
    [
      'New revision detected, progressing canary analysis.',
      'Canary analysis completed successfully, promotion finished.',
    ],
  );
});

test.serial(
  'kill -9 of the worker that holds the step, three times, and an emptied Redis change nothing',
  async (t) => {
    const { story } = t.context;
    const redis = await openRedis(story);
    t.teardown(() => redis.disconnect());
    const told = (await story.messages()).length;
    const before = await story.traffic();
    await story.release('6.9.2');
    const killed: number[] = [];
    const seen: number[] = [];
    const note = async (isReached: (weight: number, phase: string) => boolean, what: string): Promise<void> => {
      await until(
        story,
        ({ weight, phase }) => {
          if (phase === 'Progressing' && seen.at(-1) !== weight) seen.push(weight);
          return isReached(weight, phase);
        },
        { seconds: 150, what },
      );
    };
    await note((weight, phase) => phase === 'Progressing' && weight >= 10, 'weight 10');
    killed.push(await killHolder(story, redis, 60));
    await note((weight) => weight >= 20, 'weight 20');
    await redis.flushall();
    await note((weight) => weight >= 30, 'weight 30');
    killed.push(await killHolder(story, redis, 60));
    await note((_weight, phase) => phase === 'Promoting', 'Promoting');
    killed.push(await killHolder(story, redis, 60));
    await note((_weight, phase) => phase === 'Succeeded', 'Succeeded');
    t.log(`killed ${killed.join(', ')}; weights ${seen.join(', ')}`);

    t.is(new Set(killed).size, 3);
    t.deepEqual(seen, [0, ...weights], 'no step was lost and none was taken twice');
    t.is(await primaryImage(story), 'sandbox.local/podinfo:6.9.2');
    t.is(await replicasAfterDrain(story), 0);
    t.deepEqual(
      await eventually(
        async () => (await story.messages()).slice(told),
        (list) => list.length >= 2,
      ),
      [
        'New revision detected, progressing canary analysis.',
        'Canary analysis completed successfully, promotion finished.',
      ],
    );
    assertNobodyNoticed(t, before, await story.traffic());
  },
);

test.serial('a slow release is halted with value and bound, rolled back, and described as Failed', async (t) => {
  const { story } = t.context;
  const before = await story.traffic();
  await story.release('6.9.2-slow');
  await until(story, ({ phase }) => phase === 'Progressing', { seconds: 30, what: 'Progressing' });
  await until(story, ({ phase }) => phase === 'Failed', { seconds: 150, what: 'Failed' });
  t.is(await replicasAfterDrain(story), 0);
  const canary = await eventually(
    () => story.canary(),
    (seen) => valueAt(seen, 'status', 'run', 'drainingSince') === undefined,
  );
  const status = recordAt(canary, 'status');
  t.like(status, { phase: 'Failed', canaryWeight: 0, failedChecks: 0, iterations: 0 });
  t.not(stringAt(status, 'lastAppliedSpec'), stringAt(status, 'lastPromotedSpec'));
  const promoted = arrayAt(status, 'conditions').find((condition) => stringAt(condition, 'type') === 'Promoted');
  t.like(promoted, {
    status: 'False',
    reason: 'Failed',
    message: 'Canary analysis failed, Deployment scaled to zero.',
  });
  const texts = await eventsWith(story, 'Canary failed! Scaling down podinfo.test');
  t.true(texts.some((text) => /^Halt podinfo\.test advancement request duration \S+ > 500ms$/.test(text)));
  t.true(texts.includes('Rolling back podinfo.test failed checks threshold reached 5'));
  t.true(texts.includes('Canary failed! Scaling down podinfo.test'));
  const reached = 'Failed checks threshold reached 5';
  t.is(
    (
      await eventually(
        () => story.messages(),
        (list) => list.at(-1) === reached,
      )
    ).at(-1),
    reached,
  );
  t.is(await primaryImage(story), 'sandbox.local/podinfo:6.9.2');
  assertNobodyNoticed(t, before, await story.traffic());

  const described = await story.node.kubectl(['-n', namespace, 'describe', 'canary/podinfo']);
  t.regex(described, /Canary Weight:\s+0/);
  t.regex(described, /Failed Checks:\s+0/);
  t.regex(described, /Phase:\s+Failed/);
  t.regex(described, /Warning\s+Synced.*flagger\s+Rolling back podinfo\.test failed checks threshold reached 5/);
});

/** Names are new to the cluster's DNS for a few seconds; visitors are counted from when they get through. */
async function servedVisitors(story: StoryCluster): Promise<void> {
  let last = await story.traffic();
  let calm = 0;
  await eventually(
    () => story.traffic(),
    (now) => {
      calm = now.failed === last.failed && now.requests > last.requests ? calm + 1 : 0;
      last = now;
      return calm >= 8;
    },
  );
}
