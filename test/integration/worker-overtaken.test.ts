/** A user who edits a Canary while its step is at work, on a real API server and a real queue. */
import test from 'ava';
import type { Announcement } from '../../canary/canary.ts';
import { slotAt } from '../../canary/slot.ts';
import { systemClock as clock } from '../../platform/clock.ts';
import { canaries } from '../../platform/kubernetes/resources.ts';
import { stepJobId } from '../../queue/step-job.ts';
import { startCanaryCluster } from '../support/canary-cluster.ts';
import type { CanaryCluster } from '../support/canary-cluster.ts';
import { script, statusOn, stepsOn } from '../support/step-on-cluster.ts';
import { createBench } from '../support/step-workers.ts';

let cluster: CanaryCluster;
test.before(async () => {
  cluster = await startCanaryCluster();
});
test.after.always(() => cluster.close());

const intervalMs = 600_000;
const event: Announcement = {
  kind: 'event',
  id: 'e1',
  type: 'Normal',
  message: 'Advance podinfo.test canary weight 10',
  phase: 'Progressing',
  checksum: '55877b9d78',
};

test.serial('an annotation that comes in the middle of a step costs it no slot', async (t) => {
  const namespace = await cluster.namespace('annotated');
  const stored = await cluster.canary({
    namespace,
    analysis: { interval: '10m' },
    status: { phase: 'Progressing', canaryWeight: 0 },
  });
  const bench = createBench(cluster.light.redisUrl);
  t.teardown(() => bench.close());
  let tries = 0;
  const delivered: Announcement[] = [];
  const annotations = { 'shop.example/ticket': '4711' };
  const takeStep = stepsOn(
    cluster,
    {
      advance: script([{ kind: 'ensureServices' }], (now) => ({ ...now, canaryWeight: 10 }), [event]),
      adapters: {
        ensureServices: async () => {
          tries += 1;
          if (tries > 1) return null;
          await cluster.user.mergePatch(
            canaries,
            { namespace, name: 'podinfo' },
            { patch: { metadata: { annotations } } },
          );
          return null;
        },
      },
    },
    delivered,
  );
  for (let worker = 0; worker < 2; worker += 1) bench.startWorker({ takeStep });
  const uid = stored.metadata.uid ?? '';
  const slot = slotAt({ uid, intervalMs }, clock.now());
  const canary = { namespace, name: 'podinfo', uid };
  await bench.queue.addDue([{ name: 'step', canary, slot, dueAt: clock.now(), position: 1 }]);
  const job = await bench.ended(stepJobId(canary, slot));
  t.like(job.returnvalue, { outcome: 'advanced', slot });
  t.is(tries, 2);
  t.deepEqual(delivered, [event]);
  t.is((await statusOn(cluster, namespace)).canaryWeight, 10);
  t.like((await cluster.read(namespace)).metadata.annotations, annotations);
});
