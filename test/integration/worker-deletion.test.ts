/** Jobs of Canaries that are being deleted: put back until there is nothing left to wait for, and in nobody's way. */
import test from 'ava';
import { systemClock as clock } from '../../platform/clock.ts';
import { canaries } from '../../platform/kubernetes/resources.ts';
import { finalizeJobId, stepJobId } from '../../queue/step-job.ts';
import { waitFor } from '../../sandbox/wait.ts';
import type { TakeStep } from '../../worker/step/take-step.ts';
import { settingsOn, startProcessFor } from '../support/aviary-process.ts';
import { startCanaryCluster } from '../support/canary-cluster.ts';
import type { CanaryCluster } from '../support/canary-cluster.ts';
import { redisBenches } from '../support/redis-benches.ts';
import { aDueStep } from '../support/step-workers.ts';
import { find } from '../support/stored-object.ts';

const { aBench } = redisBenches();

let cluster: CanaryCluster;
test.before(async () => {
  cluster = await startCanaryCluster();
});
test.after.always(() => cluster.close());

/** Steps of canaries whose deletion takes so many looks; the names of those that were looked at, in order. */
function slowDeletions(looks: number, { slotMs = 600_000 } = {}): { takeStep: TakeStep; seen: string[] } {
  const seen: string[] = [];
  const takeStep: TakeStep = async ({ job, onSlot }) => {
    const { name } = job.canary;
    seen.push(name);
    onSlot({ dueAt: clock.now() - 10, endsAt: clock.now() + slotMs });
    const isDone = job.name === 'step' || seen.filter((one) => one === name).length >= looks;
    return { kind: 'taken', outcome: isDone ? 'terminated' : 'terminating', phase: 'Terminating', slot: job.slot ?? 0 };
  };
  return { takeStep, seen };
}

test.serial('a deletion that waits is put back and goes on within its slot', async (t) => {
  const bench = aBench();
  const { takeStep, seen } = slowDeletions(3, { slotMs: 10_000 });
  bench.startWorker({ takeStep });
  const due = aDueStep('podinfo', { name: 'finalize' });
  await bench.queue.addDue([due]);
  const job = await bench.ended(finalizeJobId(due.canary, due.slot), 20);
  t.like(job.returnvalue, { outcome: 'terminated', slot: 1 });
  t.is(job.attemptsMade, 1, 'waiting is no failure');
  t.deepEqual(seen, ['podinfo', 'podinfo', 'podinfo']);
});

test.serial('a deletion whose slot ends is the next slot’s', async (t) => {
  const bench = aBench();
  const { takeStep, seen } = slowDeletions(3, { slotMs: 900 });
  bench.startWorker({ takeStep });
  const due = aDueStep('podinfo', { name: 'finalize' });
  await bench.queue.addDue([due]);
  const job = await bench.ended(finalizeJobId(due.canary, due.slot));
  t.like(job.returnvalue, { outcome: 'terminating' });
  t.deepEqual(seen, ['podinfo']);
});

test.serial('ten deletions that wait hold no other canary up, not even where there is one worker', async (t) => {
  const bench = aBench();
  const { takeStep, seen } = slowDeletions(100);
  const names = Array.from({ length: 10 }, (_, index) => `leaving${index}`);
  await bench.queue.addDue(names.map((name) => aDueStep(name, { name: 'finalize' })));
  bench.startWorker({ takeStep, concurrency: 1 });
  const other = aDueStep('other');
  await bench.queue.addDue([other]);
  const looksBefore = seen.length;
  await bench.ended(stepJobId(other.canary, other.slot));
  const looksMeanwhile = seen.indexOf('other') - looksBefore;
  t.true(looksMeanwhile <= names.length, `${looksMeanwhile} looks at deletions went before it`);
});

test.serial('a scheduler that stays leads a deleted Canary to its end at once, whatever its interval', async (t) => {
  const namespace = await cluster.namespace('deleted-at-once');
  const env = { ...settingsOn(cluster, 'deleted-at-once'), NAMESPACE: namespace };
  const scheduler = startProcessFor(t, { program: 'scheduler', env });
  const worker = startProcessFor(t, { program: 'worker', env });
  await Promise.all([scheduler.said('tick done'), worker.said('listening')]);
  await cluster.canary({ namespace, spec: { revertOnDeletion: true }, analysis: { interval: '10m' } });
  await waitFor({
    what: 'the finalizer',
    seconds: 20,
    look: async () => (await cluster.read(namespace)).metadata.finalizers,
  });
  await cluster.user.delete(canaries, { namespace, name: 'podinfo' });
  await waitFor({
    what: 'the Canary to be gone',
    seconds: 30,
    look: async () => {
      const found = await find(cluster.user, canaries, { namespace, name: 'podinfo' });
      return found === undefined ? true : undefined;
    },
    explain: () => JSON.stringify(worker.lines().slice(-5), null, 1),
  });
  t.deepEqual((await cluster.user.list(canaries, { namespace })).items, []);
});
