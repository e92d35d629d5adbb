import test from 'ava';
import type { Canary } from '../../canary/canary.ts';
import type { KubernetesClient } from '../../platform/kubernetes/client.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { canaries, events, namespaces } from '../../platform/kubernetes/resources.ts';
import type { LightCluster } from '../../sandbox/light.ts';
import { startLight } from '../../sandbox/light.ts';
import { silent } from '../../sandbox/progress.ts';
import { announcementsAnnotation, createEventRecorder } from '../../worker/announcements/events.ts';
import type { EventAnnouncement, EventRecorder } from '../../worker/announcements/events.ts';
import { aCanary, aCanaryObject } from '../support/a-canary.ts';
import { aviaryDefinition } from '../support/aviary-definitions.ts';
import { clientOn } from '../support/client-on.ts';
import { install } from '../support/definitions.ts';
import type { FakeClock } from '../support/fake-clock.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { kubectlOn } from '../support/kubectl.ts';

let cluster: LightCluster;
/** Of the code under test. */
let client: KubernetesClient;
/** What the client asked for so far, as `create events`. */
const requests: string[] = [];
/** For the test's own hands. */
let user: KubernetesClient;

test.before(async () => {
  cluster = await startLight({ redis: false, progress: silent });
  client = clientOn(cluster, { observe: ({ verb, resource }) => requests.push(`${verb} ${resource}`) });
  user = clientOn(cluster);
});

test.after.always(async () => {
  await Promise.all([client?.close(), user?.close()]);
  await cluster?.stop();
});

const announcement = (id: string, message: string, type: EventAnnouncement['type'] = 'Normal'): EventAnnouncement => ({
  id,
  type,
  message,
});
const weight = (id: string): EventAnnouncement => announcement(id, 'Advance podinfo.test canary weight 5');

interface Recorded {
  readonly canary: Canary;
  readonly clock: FakeClock;
  readonly recorder: EventRecorder;
  readonly found: () => Promise<KubernetesObject[]>;
}

/** A Canary in a namespace of its own. */
async function inNamespace(namespace: string): Promise<Recorded> {
  await user.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  const clock = createFakeClock();
  return {
    canary: aCanary({ namespace }),
    clock,
    recorder: anotherWorker(clock),
    found: async () => (await user.list(events, { namespace })).items,
  };
}

const anotherWorker = (clock: FakeClock): EventRecorder => createEventRecorder({ client, clock, instance: 'worker-1' });

test.serial('an event tells of the Canary in the words of the reference', async (t) => {
  const { canary, recorder, found } = await inNamespace('first');
  await recorder.record(canary, weight('a1'));
  const [event] = await found();
  t.like(event, {
    type: 'Normal',
    reason: 'Synced',
    message: 'Advance podinfo.test canary weight 5',
    count: 1,
    source: { component: 'flagger' },
    reportingComponent: 'flagger',
    reportingInstance: 'worker-1',
    firstTimestamp: '2026-01-01T00:00:00Z',
    lastTimestamp: '2026-01-01T00:00:00Z',
    involvedObject: {
      apiVersion: 'flagger.app/v1beta1',
      kind: 'Canary',
      name: 'podinfo',
      namespace: 'first',
      uid: canary.uid,
    },
  });
  t.is(event?.metadata.annotations?.[announcementsAnnotation], 'a1');
});

test.serial('a text that repeats raises the count of its event and the time of the last one', async (t) => {
  const { canary, clock, recorder, found } = await inNamespace('repeated');
  for (const id of ['a1', 'a2', 'a3']) {
    await recorder.record(canary, weight(id));
    await clock.advance(30_000);
  }
  const all = await found();
  t.is(all.length, 1);
  t.like(all[0], { count: 3, firstTimestamp: '2026-01-01T00:00:00Z', lastTimestamp: '2026-01-01T00:01:00Z' });
});

test.serial('the same announcement counts once, however often and by whichever worker it is recorded', async (t) => {
  const { canary, clock, recorder, found } = await inNamespace('crashed');
  for (const announced of [weight('a1'), weight('a2')]) await recorder.record(canary, announced);
  const survivor = anotherWorker(clock);
  for (const announced of [weight('a1'), weight('a2'), weight('a1')]) await survivor.record(canary, announced);
  await recorder.record(canary, weight('a2'));
  t.deepEqual(
    (await found()).map(({ count }) => count),
    [2],
  );
});

test.serial('two workers that announce at the same time lose nothing', async (t) => {
  const { canary, clock, found } = await inNamespace('together');
  const workers = [anotherWorker(clock), anotherWorker(clock), anotherWorker(clock)];
  await Promise.all(workers.map((worker, number) => worker.record(canary, weight(`a${number}`))));
  t.deepEqual(
    (await found()).map(({ count }) => count),
    [3],
  );
});

test.serial('a hundred events of one Canary in a moment are all there', async (t) => {
  const { canary, recorder, found } = await inNamespace('burst');
  for (let number = 0; number < 100; number += 1) {
    await recorder.record(canary, announcement(`a${number}`, `Halt podinfo.test advancement, check ${number % 50}`));
  }
  t.deepEqual(
    (await found()).map(({ count }) => count),
    Array.from({ length: 50 }, () => 2),
  );
});

test.serial('a new text costs one request, a repeated one costs one more', async (t) => {
  const { canary, recorder } = await inNamespace('cost');
  const before = requests.length;
  await recorder.record(canary, weight('a1'));
  await recorder.record(canary, weight('a2'));
  await recorder.record(canary, weight('a2'));
  t.deepEqual(requests.slice(before), ['create events', 'patch events']);
});

test.serial('an event that has expired is written anew', async (t) => {
  const { canary, recorder, found } = await inNamespace('expired');
  await recorder.record(canary, weight('a1'));
  const [event] = await found();
  await user.delete(events, { namespace: 'expired', name: event?.metadata.name ?? '' });
  await recorder.record(canary, weight('a2'));
  t.deepEqual(
    (await found()).map(({ count }) => count),
    [1],
  );
});

test.serial('texts, types and Canaries do not mix', async (t) => {
  const { canary, recorder, found } = await inNamespace('apart');
  await recorder.record(canary, weight('a1'));
  await recorder.record(canary, announcement('a2', 'Advance podinfo.test canary weight 10'));
  await recorder.record(canary, announcement('a3', 'Advance podinfo.test canary weight 5', 'Warning'));
  await recorder.record({ ...canary, uid: '11111111-2222-3333-4444-555555555555' }, weight('a4'));
  t.is((await found()).length, 4);
});

test.serial('a long text and a long name are cut to what the API server takes', async (t) => {
  const { recorder, found } = await inNamespace('long');
  const canary = aCanary({ namespace: 'long', name: `${'a'.repeat(219)}.${'b'.repeat(30)}` });
  await recorder.record(canary, announcement('a1', 'é'.repeat(5000)));
  const [event] = await found();
  t.regex(String(event?.['message']), /^é{500,}…$/);
});

test.serial('kubectl describe shows the events of a Canary', async (t) => {
  const { canary, clock, recorder } = await inNamespace('described');
  await install(user, await aviaryDefinition('canary'));
  const object = aCanaryObject({ namespace: 'described' });
  const metadata = { name: 'podinfo', namespace: 'described' };
  const stored = await user.create(canaries, { ...object, metadata });
  const described = { ...canary, uid: stored.metadata.uid ?? '' };
  await recorder.record(described, announcement('a1', 'New revision detected! Scaling up podinfo.test'));
  await clock.advance(30_000);
  await recorder.record(
    described,
    announcement('a2', 'Halt podinfo.test advancement success rate 69.17% < 99%', 'Warning'),
  );
  await clock.advance(30_000);
  await recorder.record(
    described,
    announcement('a3', 'Halt podinfo.test advancement success rate 69.17% < 99%', 'Warning'),
  );

  const text = await kubectlOn(cluster, ['-n', 'described', 'describe', 'canary/podinfo']);
  t.regex(text, /Normal\s+Synced\s+\S+\s+flagger\s+New revision detected! Scaling up podinfo\.test/);
  t.regex(
    text,
    /Warning\s+Synced\s+\S+ \(x2 over \S+\)\s+flagger\s+Halt podinfo\.test advancement success rate 69\.17% < 99%/,
  );
});
